"""The settings that are best on validation, by climbing a ladder for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from benchmarks.peers.clock import cpu_seconds

Settings = Mapping[str, float]
Ladders = Mapping[str, Sequence[float]]


def climb(
    value: Callable[[Settings], float], ladders: Ladders, start: Settings, seconds: float
) -> tuple[Settings, float, str]:
    """Change one setting at a time by one rung, as long as that helps, until no single step does.

    A climb costs a fraction of a grid and is not bound to its edges.

    Args:
        value: What settings are worth; more is better.
        ladders: The values that each setting may take, ascending.
        start: Where to begin, on the ladders.
        seconds: CPU seconds of this process after which nothing new is tried.

    Returns:
        The best settings, what they are worth, and how many were tried, in words.
    """
    tried: dict[tuple[float, ...], float] = {}
    best = dict(start)
    best_value = tried[tuple(best.values())] = value(best)
    improving = True
    while improving:
        improving = False
        for name, ladder in ladders.items():
            for step in (1, -1):
                while True:
                    rung = ladder.index(best[name]) + step
                    if not 0 <= rung < len(ladder):
                        break
                    candidate = {**best, name: ladder[rung]}
                    key = tuple(candidate.values())
                    if key in tried:
                        break
                    if cpu_seconds() > seconds:
                        return best, best_value, f"best of {len(tried)} settings, search cut by the budget"
                    tried[key] = value(candidate)
                    if tried[key] <= best_value:
                        break
                    best, best_value, improving = candidate, tried[key], True
    return best, best_value, f"best of {len(tried)} settings"
