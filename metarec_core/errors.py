"""Every error MetaRec raises on purpose.

::

    MetaRecError                 shown to people as one sentence: what, where, what to do
    ├── InputError               what was brought or asked for cannot be used (exit status 2)
    │   ├── DataError            a file, column or row
    │   ├── ConfigError          a setting
    │   ├── UnknownIdError       a user or item that the data does not have
    │   └── RunError             a run or stored tables: missing, half-written, damaged, of another format
    ├── JobError                 a training job could not be started, stopped or resumed
    └── AccessError              who is acting may not do that

Anything else that escapes is a fault of ours (exit status 1).
"""


class MetaRecError(Exception):
    """Base of all errors that carry a sentence meant for the user."""


class InputError(MetaRecError):
    """What was brought or asked for cannot be used."""


class DataError(InputError):
    """A file, a column or its rows cannot be used."""


class ConfigError(InputError):
    """A setting is unknown or out of its bounds."""


class UnknownIdError(InputError):
    """A user or an item that the data does not have."""


class RunError(InputError):
    """A run or stored tables are missing, half-written, damaged or of another format."""


class JobError(MetaRecError):
    """A training job could not be started, stopped or resumed."""


class AccessError(MetaRecError):
    """Who is acting may not do that."""
