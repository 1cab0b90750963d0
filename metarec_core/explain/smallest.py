"""The smallest set of things without which an item leaves a list: greedy, thinned out, and proven where that is cheap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Final

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]
Int64Array = npt.NDArray[np.int64]

MOST_SETS: Final = 500
"""Smaller sets that are all tried to prove that a set is the smallest."""

RanksWithout = Callable[[BoolArray], Int64Array]
"""Gives the item's rank, int64 [B], for rows of what is taken away, bool [B, n]."""


@dataclass(frozen=True)
class SmallestSet:
    """What has to go.

    Attributes:
        places: Which of the candidates.
        rank: Rank of the item without them.
        proven: Whether every smaller set was tried and is not enough. Otherwise each of this set is needed, but another,
            smaller set might do.
    """

    places: tuple[int, ...]
    rank: int
    proven: bool


def smallest_set(n: int, ranks: RanksWithout, k: int) -> SmallestSet | None:
    """Candidates without which a rank is worse than ``k``.

    Args:
        n: How many candidates there are; the first are taken away first.
        ranks: Asks the model, the whole of it.
        k: Length of the list.

    Returns:
        None where the item stays in the list, however many of the first candidates go.
    """
    if n == 0:
        return None
    enough = np.flatnonzero(ranks(np.tri(n, dtype=bool)) > k)
    if len(enough) == 0:
        return None
    chosen = list(range(int(enough[0]) + 1))
    while len(chosen) > 1:  # leave out of the set what is not needed, the least promising first
        fewer = [chosen[:place] + chosen[place + 1 :] for place in reversed(range(len(chosen)))]
        spare = np.flatnonzero(ranks(_sets(n, fewer)) > k)
        if len(spare) == 0:
            break
        chosen = fewer[int(spare[0])]
    smaller, proven = _smaller(n, len(chosen), ranks, k)
    chosen = smaller or chosen
    return SmallestSet(tuple(sorted(chosen)), int(ranks(_sets(n, [chosen]))[0]), proven)


def _smaller(n: int, size: int, ranks: RanksWithout, k: int) -> tuple[list[int], bool]:
    """A set of fewer than ``size`` that is enough, if there is one, and whether all of them were tried."""
    for fewer in range(1, size):
        if comb(n, fewer) > MOST_SETS:
            return [], False
        sets = list(combinations(range(n), fewer))
        enough = np.flatnonzero(ranks(_sets(n, sets)) > k)
        if len(enough):
            return list(sets[enough[0]]), True
    return [], True


def _sets(n: int, sets: Iterable[Sequence[int]]) -> BoolArray:
    """Sets of candidates as rows of marks, bool [B, n]."""
    listed = list(sets)
    marks = np.zeros((len(listed), n), dtype=bool)
    for row, places in enumerate(listed):
        marks[row, list(places)] = True
    return marks
