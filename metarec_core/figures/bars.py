"""Bars in coloured pieces, a row an item: data that a page draws from boxes and text, as light as a table, its titles text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise


@dataclass(frozen=True)
class Piece:
    """One coloured piece of a bar.

    Attributes:
        begin, end: On the axis of values; begin is the lower.
        colour: ``#rrggbb``; empty for an outline.
        words: What is told where it is pointed at.
    """

    begin: float
    end: float
    colour: str
    words: str


@dataclass(frozen=True)
class Row:
    """One bar.

    Attributes:
        id: What a click on it picks.
        name: Its title.
        pieces: Left to right.
        value: Written where the bar ends.
        note: Written at the far right.
    """

    id: str
    name: str
    pieces: tuple[Piece, ...]
    value: str = ""
    note: str = ""


@dataclass(frozen=True)
class Bars:
    """Rows over one axis.

    Attributes:
        rows: The first on top.
        legend: Name and colour of each kind of piece; empty where rows are named after them.
        beside: Whether names stand left of the bars; above them if not.
    """

    rows: tuple[Row, ...]
    legend: tuple[tuple[str, str], ...] = ()
    beside: bool = False

    @property
    def low(self) -> float:
        """Where the axis begins."""
        return min((piece.begin for row in self.rows for piece in row.pieces), default=0.0)

    @property
    def high(self) -> float:
        """Where the axis ends."""
        return max((piece.end for row in self.rows for piece in row.pieces), default=0.0)

    def drawn(self) -> dict[str, object]:
        """The same for a browser: places in percent of the axis."""
        low, width = self.low, (self.high - self.low) or 1.0
        rows = [
            {
                "id": row.id,
                "name": row.name,
                "value": row.value,
                "note": row.note,
                "end": _percent(max((piece.end for piece in row.pieces), default=0.0) - low, width),
                "pieces": [
                    {
                        "left": _percent(piece.begin - low, width),
                        "width": _percent(piece.end - piece.begin, width),
                        "colour": piece.colour,
                        "words": piece.words,
                    }
                    for piece in row.pieces
                ],
            }
            for row in self.rows
        ]
        return {"rows": rows, "legend": self.legend, "beside": self.beside, "zero": _percent(-low, width)}


def stacked(values: Sequence[tuple[float, str, str]]) -> tuple[Piece, ...]:
    """Pieces that add up: those above zero to the right of it, those below to the left, each side in the order given.

    Args:
        values: Value, colour and words of each; those of zero are left out.
    """
    right, left = [one for one in values if one[0] > 0], [one for one in values if one[0] < 0]
    above = [Piece(low, high, colour, words) for (low, high), (_, colour, words) in _spans(right)]
    below = [Piece(low, high, colour, words) for (high, low), (_, colour, words) in _spans(left)]
    return (*reversed(below), *above)


def _spans(values: Sequence[tuple[float, str, str]]) -> Iterable[tuple[tuple[float, float], tuple[float, str, str]]]:
    return zip(pairwise(accumulate((value for value, _, _ in values), initial=0.0)), values, strict=False)


def _percent(part: float, whole: float) -> float:
    return round(100 * part / whole, 3)
