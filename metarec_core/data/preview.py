"""The head of a file, for someone to check what was recognised before anything is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from metarec_core.data.columns import TableName, match_columns
from metarec_core.data.decode import Source
from metarec_core.data.mapping import Guess, guess_columns
from metarec_core.data.privacy import PersonalColumn, personal_columns
from metarec_core.data.read import AS_FOUND, Reading, read_head, require_some_rows

_GUESSED_ROWS = 2_000


@dataclass(frozen=True)
class Preview:
    """The head of a file.

    Attributes:
        name: The file's name.
        encoding: The encoding it is in, or its format.
        separator: What stands between its cells; empty where the format has no separator.
        columns: Its column names.
        rows: Its first rows, text.
        mapping: What importing would take unasked, by name: column inside MetaRec → the file's column.
        ignored: Columns that nothing would use then.
        personal: Columns that identify people, and those of free text.
        guesses: What the columns seem to be, by name or by content, with confidence and reason.
    """

    name: str
    encoding: str
    separator: str
    columns: tuple[str, ...]
    rows: pd.DataFrame
    mapping: Mapping[str, str]
    ignored: tuple[str, ...]
    personal: tuple[PersonalColumn, ...]
    guesses: Mapping[str, Guess]


def preview(source: Source, table: TableName = "events", n_rows: int = 20, reading: Reading = AS_FOUND) -> Preview:
    """The head of a file and what its columns seem to be.

    Raises:
        DataError: The file is not a table, has no rows, or is not in the given encoding.
    """
    raw = read_head(source, reading)
    require_some_rows(raw)
    names = raw.cells.column_names
    match = match_columns(names, table)
    guesses = guess_columns(raw.cells.slice(0, _GUESSED_ROWS), table)
    rows = raw.cells.slice(0, n_rows).to_pandas()
    personal = personal_columns(raw.cells, table)
    return Preview(
        raw.name, raw.encoding, raw.separator, tuple(names), rows, match.used, match.ignored, personal, guesses
    )
