"""Coordinate search: change one setting at a time, keep what is better, until nothing is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

Settings = Mapping[str, float]


def coordinate_search(
    start: Settings,
    moves: Callable[[str, float], Sequence[float]],
    measure: Callable[[Settings], float],
    most_sweeps: int,
    along: Callable[[Settings, str], Callable[[float], float]] | None = None,
) -> tuple[dict[str, float], float]:
    """The best settings on the way, and what they measure; the first of equals is kept.

    Args:
        start: Where to begin.
        moves: Values to try for a setting, given its name and its present value.
        measure: What is to be large. Settings are measured once each.
        most_sweeps: How often to go round all settings.
        along: The measure as a function of one setting, the others as they are, where that costs less than measuring each.
    """
    known = {tuple(start.values()): measure(start)}
    best, value = dict(start), known[tuple(start.values())]
    for _ in range(most_sweeps):
        before = value
        for name in start:
            others, along_others = best, None
            for move in moves(name, best[name]):
                settings = {**others, name: move}
                key = tuple(settings.values())
                if key not in known:
                    if along is not None and along_others is None:
                        along_others = along(others, name)
                    known[key] = along_others(move) if along_others else measure(settings)
                if known[key] > value:
                    best, value = settings, known[key]
        if value == before:
            break
    return best, value
