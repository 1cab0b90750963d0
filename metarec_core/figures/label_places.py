"""Where the labels of points go so that they do not lie on each other, nor on points and their bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

PLACES: Final = {
    "top right": (1, 1),
    "bottom right": (1, -1),
    "top left": (-1, 1),
    "bottom left": (-1, -1),
    "top center": (0, 1),
    "bottom center": (0, -1),
    "middle right": (1, 0),
    "middle left": (-1, 0),
}
"""Plotly's names, and on which side of the point they put a label."""

WIDTH, HEIGHT = 550.0, 300.0
"""Pixels from the first point to the last on a narrow page; what matters is only how large labels are in it."""
CHARACTER, LINE, GAP, BAR = 7.0, 15.0, 7.0, 6.0
AXIS = 30.0
"""So far left of the first point the axis begins, with its numbers."""

_Box = tuple[float, float, float, float]


def label_places(
    points: Sequence[tuple[float, float, str]], bars: Sequence[tuple[float, float, float]] = ()
) -> list[str]:
    """Each point's place for its label, chosen one after the other: the first of ``PLACES`` that covers least.

    Args:
        points: Across, up, label.
        bars: Lines upwards through points: across, from, to.
    """
    if not points:
        return []
    n, m = len(points), len(bars)
    across = _scaled([*(x for x, _, _ in points), *(x for x, _, _ in bars)], WIDTH)
    up = _scaled([*(y for _, y, _ in points), *(low for _, low, _ in bars), *(high for *_, high in bars)], HEIGHT)
    pixels = list(zip(across[:n], up[:n], strict=True))
    taken: list[_Box] = [(-WIDTH, -HEIGHT, -AXIS, 2 * HEIGHT)]
    taken += [(x - GAP, y - GAP, x + GAP, y + GAP) for x, y in pixels]
    taken += [
        (x - BAR, low, x + BAR, high) for x, low, high in zip(across[n:], up[n : n + m], up[n + m :], strict=True)
    ]
    chosen = []
    for (x, y), (_, _, label) in zip(pixels, points, strict=True):
        boxes = {name: _box(x, y, CHARACTER * len(label), side) for name, side in PLACES.items()}
        best = min(boxes, key=lambda name: sum(_common(boxes[name], other) for other in taken))
        taken.append(boxes[best])
        chosen.append(best)
    return chosen


def _scaled(values: Sequence[float], size: float) -> list[float]:
    low, high = min(values), max(values)
    return [size * (value - low) / (high - low) if high > low else size / 2 for value in values]


def _box(x: float, y: float, width: float, side: tuple[int, int]) -> _Box:
    across, up = side
    left = x + GAP if across > 0 else x - GAP - width if across < 0 else x - width / 2
    bottom = y + GAP / 2 if up > 0 else y - GAP / 2 - LINE if up < 0 else y - LINE / 2
    return left, bottom, left + width, bottom + LINE


def _common(one: _Box, other: _Box) -> float:
    """Square pixels that both cover."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)
