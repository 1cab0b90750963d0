"""Which column of a file is which, by its name and by what is in it: with how much confidence, and why.

A name that means something is believed. Contents only suggest: what they say is offered to a person, who can change it, and is
never used unasked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from metarec_core.data import columns
from metarec_core.data.columns import TableName, match_columns
from metarec_core.data.read import is_missing
from metarec_core.data.times import parse_times
from metarec_core.language import later, say

SURE, BY_NAME, BY_CONTENT, DOUBTFUL = 0.99, 0.95, 0.6, 0.3
"""Confidence in a column that has the very name; another name for it; the contents of it; the name, but not the contents."""

_SCALE = 21
"""Most different values of a rating: 0 to 10 in halves."""


@dataclass(frozen=True)
class Guess:
    """What a column of a file seems to be.

    Attributes:
        source: The file's column.
        confidence: From 0 to 1.
        reason: Why, in a sentence.
    """

    source: str
    confidence: float
    reason: str


def guess_columns(cells: pa.Table, table: TableName) -> dict[str, Guess]:
    """What the columns of a file seem to be, by column inside MetaRec; contexts and attributes are not among them.

    Args:
        cells: The head of the file, texts.
        table: What the file is.
    """
    own = columns.SYNONYMS[table]
    match = match_columns(cells.column_names, table)
    guesses = {
        column: _named(column, source, cells.column(source)) for column, source in match.used.items() if column in own
    }
    free = [name for name in cells.column_names if name not in {guess.source for guess in guesses.values()}]
    for column, fits, reason in _LOOKS.get(table, ()):
        if column in guesses:
            continue
        source = next((name for name in free if fits(_Look(cells.column(name)))), None)
        if source is not None:
            guesses[column] = Guess(source, BY_CONTENT, say(reason))
            free.remove(source)
    return {column: guesses[column] for column in own if column in guesses}


def _named(column: str, source: str, cells: pa.ChunkedArray) -> Guess:
    look = _Look(cells)
    if column == columns.TIME and not look.is_time and not look.is_number:
        return Guess(source, DOUBTFUL, say("The name suggests {column}, but the cells are not times.", column=column))
    if column in (columns.RATING, columns.WEIGHT) and not look.is_number:
        return Guess(source, DOUBTFUL, say("The name suggests {column}, but the cells are not numbers.", column=column))
    if look.n_filled == 0 and column in (columns.USER_ID, columns.ITEM_ID):
        return Guess(source, DOUBTFUL, say("The name suggests {column}, but the first cells are empty.", column=column))
    if columns.same_name(column, source):
        return Guess(source, SURE, say("Exact name match."))
    return Guess(source, BY_NAME, say("{source} is a common name for it.", source=source))


class _Look:
    """What can be seen of a column."""

    def __init__(self, cells: pa.ChunkedArray) -> None:
        texts = pc.utf8_trim_whitespace(cells)
        self.texts = texts.filter(pc.invert(pa.array(is_missing(texts))))
        self.n_filled = len(self.texts)
        self.n_distinct = pc.count_distinct(self.texts).as_py()

    def share(self, pattern: str) -> float:
        """Share of the filled cells that match."""
        return pc.sum(pc.match_substring_regex(self.texts, pattern)).as_py() / self.n_filled if self.n_filled else 0.0

    @property
    def is_number(self) -> bool:
        return self.share(r"^[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?$") > 0.9

    @property
    def is_time(self) -> bool:
        """Dates or epoch times of the last decades; bare numbers of another kind are no times."""
        if self.n_filled == 0:
            return False
        times = parse_times(self.texts)
        usable = ~times.unparsable
        recent = (times.values > _FROM) & (times.values < _TO)
        return bool(times.is_clock and (usable & recent).mean() > 0.9)

    @property
    def is_scale(self) -> bool:
        """A few numbers that come again and again."""
        if not self.is_number or not 2 <= self.n_distinct <= min(_SCALE, self.n_filled / 2):
            return False
        numbers = pc.cast(pc.replace_substring(self.texts, ",", "."), pa.float64()).to_numpy()
        return bool(numbers.min() >= -1 and numbers.max() <= 10)

    @property
    def is_id(self) -> bool:
        """Short, without spaces, no decimals, not always the same."""
        return (
            self.n_distinct > 1
            and self.share(r"^[^\s]{1,64}$") > 0.95
            and self.share(r"^[+-]?\d+[.,]\d*[1-9]\d*$") < 0.5
            and not self.is_scale
            and not (self.is_time and not self.is_number)
        )

    @property
    def is_own_id(self) -> bool:
        """An id that no two rows share."""
        return self.is_id and self.n_distinct >= 0.98 * self.n_filled

    @property
    def is_title(self) -> bool:
        """Words, mostly different ones, not long."""
        lengths = pc.utf8_length(self.texts).to_numpy() if self.n_filled else np.zeros(1)
        return (
            self.n_distinct > 0.8 * self.n_filled > 0
            and self.share(r"\p{L}{2}") > 0.8
            and float(np.median(lengths)) < 120
        )


_FROM, _TO = 631_152_000_000_000, 4_102_444_800_000_000  # 1990 and 2100, microseconds since 1970
_Fits = Callable[[_Look], bool]
_LOOKS: Mapping[TableName, tuple[tuple[str, _Fits, str], ...]] = {
    "events": (
        (columns.TIME, lambda look: look.is_time, later("The cells are times.")),
        (columns.RATING, lambda look: look.is_scale, later("The cells hold a few numbers that repeat.")),
        (columns.USER_ID, lambda look: look.is_id, later("The cells look like IDs; it is the first such column.")),
        (columns.ITEM_ID, lambda look: look.is_id, later("The cells look like IDs; it is the next such column.")),
    ),
    "items": (
        (columns.ITEM_ID, lambda look: look.is_own_id, later("The cells look like IDs, all of them different.")),
        (columns.TITLE, lambda look: look.is_title, later("The cells are text, different in nearly every row.")),
    ),
    "facts": (
        (columns.ITEM_ID, lambda look: look.is_id, later("The first column that looks like IDs.")),
        (
            columns.RELATION,
            lambda look: 0 < look.n_distinct < 0.5 * look.n_filled,
            later("A few values that repeat often."),
        ),
        (columns.ENTITY, lambda look: look.n_filled > 0, later("Only remaining column.")),
    ),
    "users": (
        (columns.USER_ID, lambda look: look.is_own_id, later("The cells look like IDs, all of them different.")),
    ),
}
"""What each column looks like where no name says it, in the order in which columns are looked for."""
