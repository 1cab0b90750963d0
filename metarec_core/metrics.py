"""Ranking measures as pure functions of ranks, and how well chances come true.

Every query has one relevant item, the one that came next; a measure maps its rank to one number a query. Ranks start at 1
and may be fractional: tied scores share the mean of the ranks they cover, so a model that scores everything alike is not
rewarded by the order of the catalogue. A relevant item that cannot be listed (already seen) has rank infinity and counts 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]


def hit_rate(ranks: Float64Array, k: int) -> Float64Array:
    """1 where the relevant item is among the first ``k``, else 0; float64 [Q]."""
    return (ranks <= k).astype(np.float64)


def ndcg(ranks: Float64Array, k: int) -> Float64Array:
    """Normalised discounted cumulative gain; float64 [Q].

    With one relevant item the ideal gain is 1, so this is ``1 / log2(1 + rank)`` within the first ``k``, else 0.

    Source: Järvelin and Kekäläinen 2002, eq. 3 with binary gain.
    """
    return np.where(ranks <= k, 1.0 / np.log2(1.0 + ranks), 0.0)


def recall(ranks: Float64Array, k: int) -> Float64Array:
    """Share of the relevant items among the first ``k``; with one relevant item the same as the hit rate; float64 [Q]."""
    return hit_rate(ranks, k)


def mrr(ranks: Float64Array, k: int) -> Float64Array:
    """Reciprocal rank within the first ``k``, else 0; float64 [Q]."""
    return np.where(ranks <= k, 1.0 / ranks, 0.0)


def average_precision(ranks: Float64Array, k: int) -> Float64Array:
    """Average precision at ``k``, whose mean over queries is MAP; with one relevant item the reciprocal rank; float64 [Q]."""
    return mrr(ranks, k)


MEASURES: Final[Mapping[str, Callable[[Float64Array, int], Float64Array]]] = MappingProxyType(
    {"hr": hit_rate, "ndcg": ndcg, "recall": recall, "mrr": mrr, "map": average_precision}
)
"""Per-query measures by the name they have in reports, as in ``ndcg@10``."""

CUTOFFS: Final = (5, 10, 20)
"""List lengths every report uses."""


def coverage(top_items: npt.NDArray[np.int32], n_items: int) -> float:
    """Share of the catalogue that is in at least one list.

    Args:
        top_items: int32 [Q, k] item numbers; 0 where a list is shorter.
        n_items: Size of the catalogue, padding not counted.
    """
    listed = np.zeros(n_items + 1, dtype=bool)
    listed[top_items] = True
    return float(listed[1:].sum() / n_items) if n_items else 0.0


JUDGED_SLOTS: Final = 10
"""Best items of each list whose chances are held against what came: those that people see."""

CHANCE_BINS: Final = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Bounds of the bins in which chances are held against what came: narrow where most chances of a large catalogue are."""


@dataclass(frozen=True)
class Reliability:
    """Chances that were given, and how often what they were given to came; as sums over each of ``CHANCE_BINS``.

    Attributes:
        counts: How many chances were given, by bin.
        expected: Their sum: the hits to expect.
        hits: The hits that came.
    """

    counts: tuple[int, ...]
    expected: tuple[float, ...]
    hits: tuple[int, ...]

    @property
    def error(self) -> float:
        """Expected calibration error: mean over all chances of |share of hits - mean chance| of their bin; 0 without any.

        Source: Naeini et al. 2015, with bins of the widths 1, 2, 5, 10 … instead of equal ones.
        """
        distance = np.abs(np.array(self.hits) - np.array(self.expected)).sum()
        return float(distance / max(sum(self.counts), 1))

    def curve(self) -> list[tuple[float, float, float, float, int]]:
        """For each bin with any: mean chance, share of hits, its 95 % interval (Wilson 1927), and how many chances."""
        rows = []
        for n, expected, hits in zip(self.counts, self.expected, self.hits, strict=True):
            if n:
                low, high = _wilson(hits, n)
                rows.append((expected / n, hits / n, low, high, n))
        return rows


def reliability(chances: Float32Array, hits: npt.NDArray[np.bool_]) -> Reliability:
    """Hold chances against what came.

    Args:
        chances: float32, any shape.
        hits: bool, the same shape: what they were given to came.
    """
    given = chances.ravel().astype(np.float64)
    bins = np.searchsorted(CHANCE_BINS[1:-1], given, side="right")
    n = len(CHANCE_BINS) - 1
    return Reliability(
        counts=tuple(np.bincount(bins, minlength=n).tolist()),
        expected=tuple(np.bincount(bins, given, minlength=n).tolist()),
        hits=tuple(np.bincount(bins[hits.ravel()], minlength=n).tolist()),
    )


def _wilson(hits: int, n: int) -> tuple[float, float]:
    z2 = 1.96**2
    middle = (hits + z2 / 2) / (n + z2)
    half = (z2 * (hits * (n - hits) / n + z2 / 4)) ** 0.5 / (n + z2)
    return max(middle - half, 0.0), min(middle + half, 1.0)
