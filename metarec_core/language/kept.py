"""A sentence that was kept in English, told again: its message is found by its shape, and its values are taken from it."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from functools import cache

from metarec_core.language import ENGLISH, language, say


def again(kept: str, messages: Iterable[str]) -> str:
    """A kept sentence in the language of who reads; as it is where none of the messages made it.

    Args:
        kept: English, its places filled.
        messages: Those that may have made it, the likelier first, or that may have made a value of it. Other values stay
            as they were written.
    """
    if language() == ENGLISH:
        return kept
    messages = tuple(messages)
    for message in messages:
        found = _shape(message).fullmatch(kept)
        if found is not None:
            return _filled(say(message), {name: again(value, messages) for name, value in found.groupdict().items()})
    return kept


def _filled(said: str, values: Mapping[str, str]) -> str:
    """The places of a message filled with what is written already, whatever format they ask for."""
    return re.sub(r"\{(\w+)[^{}]*\}", lambda place: values[place[1]], said)


@cache
def _shape(message: str) -> re.Pattern[str]:
    parts = [
        re.escape(text) + (f"(?P<{name}>.+?)" if name else "") for text, name, _, _ in string.Formatter().parse(message)
    ]
    return re.compile("".join(parts), re.DOTALL)
