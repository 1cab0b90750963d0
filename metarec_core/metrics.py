"""Ranking measures as pure functions of ranks.

Every query has one relevant item, the one that came next; a measure maps its rank to one number a query. Ranks start at 1
and may be fractional: tied scores share the mean of the ranks they cover, so a model that scores everything alike is not
rewarded by the order of the catalogue. A relevant item that cannot be listed (already seen) has rank infinity and counts 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

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
