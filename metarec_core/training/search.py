"""Coordinate search: change one setting at a time, keep what is better, until nothing is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

Settings = Mapping[str, float]


def coordinate_search(
    start: Settings,
    moves: Callable[[str, float], Sequence[float]],
    measure: Callable[[Settings], float],
    most_sweeps: int,
) -> tuple[dict[str, float], float]:
    """The best settings on the way, and what they measure; the first of equals is kept.

    Args:
        start: Where to begin.
        moves: Values to try for a setting, given its name and its present value.
        measure: What is to be large. Settings are measured once each.
        most_sweeps: How often to go round all settings.
    """
    known: dict[tuple[float, ...], float] = {}

    def measured(settings: Settings) -> float:
        key = tuple(settings.values())
        if key not in known:
            known[key] = measure(settings)
        return known[key]

    best = dict(start)
    value = measured(best)
    for _ in range(most_sweeps):
        before = value
        for name in start:
            for move in moves(name, best[name]):
                settings = {**best, name: move}
                if measured(settings) > value:
                    best, value = settings, measured(settings)
        if value == before:
            break
    return best, value
