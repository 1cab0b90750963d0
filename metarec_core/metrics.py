"""Measures as pure functions: of ranks, of lists, and of how well chances come true.

Every query has one relevant item, the one that came next; a measure maps its rank to one number a query. Ranks start at 1
and may be fractional: tied scores share the mean of the ranks they cover, so a model that scores everything alike is not
rewarded by the order of the catalogue. A relevant item that cannot be listed (already seen) has rank infinity and counts 0.

Lists are int32 [Q, k] item numbers, best first, 0 where a list is shorter; there ties go by ascending item number. What is
said of a list is a mean over the items that are in it, and 0 for an empty one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

Int32Array = npt.NDArray[np.int32]
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


def precision(ranks: Float64Array, k: int) -> Float64Array:
    """Share of the first ``k`` places that hold a relevant item; with one such item the hit rate over ``k``; float64 [Q]."""
    return hit_rate(ranks, k) / k


def recall(ranks: Float64Array, k: int) -> Float64Array:
    """Share of the relevant items among the first ``k``; with one relevant item the same as the hit rate; float64 [Q]."""
    return hit_rate(ranks, k)


def mrr(ranks: Float64Array, k: int) -> Float64Array:
    """Reciprocal rank within the first ``k``, else 0; float64 [Q]."""
    return np.where(ranks <= k, 1.0 / ranks, 0.0)


def average_precision(ranks: Float64Array, k: int) -> Float64Array:
    """Average precision at ``k``, whose mean over queries is MAP; with one relevant item the reciprocal rank; float64 [Q]."""
    return mrr(ranks, k)


def auc(ranks: Float64Array, candidates: Float64Array) -> Float64Array:
    """Area under the ROC curve: share of the other candidates that the relevant item is above, ties for half; float64 [Q].

    ``(C - rank) / (C - 1)`` with C candidates, the whole catalogue without what may not be listed; 1 without a rival, and 0
    where the relevant item cannot be listed itself.

    Source: Hanley and McNeil 1982; Rendle et al. 2009, section 4.1.
    """
    rivals = np.maximum(candidates - 1, 1)
    return np.where(np.isinf(ranks), 0.0, 1 - (np.where(np.isinf(ranks), 1.0, ranks) - 1) / rivals)


MEASURES: Final[Mapping[str, Callable[[Float64Array, int], Float64Array]]] = MappingProxyType(
    {"hr": hit_rate, "ndcg": ndcg, "precision": precision, "recall": recall, "mrr": mrr, "map": average_precision}
)
"""Per-query measures by the name they have in reports, as in ``ndcg@10``."""

CUTOFFS: Final = (5, 10, 20)
"""List lengths every report uses."""


def coverage(exposure: npt.NDArray[np.int64]) -> float:
    """Share of the catalogue that is in at least one list.

    Args:
        exposure: int64 [N], how many lists each item is in.
    """
    return float((exposure > 0).mean()) if len(exposure) else 0.0


def gini(exposure: npt.NDArray[np.int64]) -> float:
    """How unequally lists treat the catalogue: 0 where each item is in as many lists, near 1 where one item is in all.

    ``Σ (2 i - N - 1) x_i / (N Σ x)`` over exposures in ascending order; 0 without any list.

    Source: Gini 1912; Adomavicius and Kwon 2012, section 4.
    """
    ordered, n = np.sort(exposure).astype(np.float64), len(exposure)
    total = ordered.sum()
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * total)) if total else 0.0


def entropy(exposure: npt.NDArray[np.int64]) -> float:
    """Shannon entropy of which item stands in a place of a list, in bits: log2 of N where all are alike, 0 where one has all.

    Source: Shannon 1948; Adomavicius and Kwon 2012, section 4.
    """
    shares = exposure[exposure > 0] / max(exposure.sum(), 1)
    return float(-(shares * np.log2(shares)).sum())


def mean_listed(top_items: Int32Array, values: Float64Array) -> Float64Array:
    """Mean of something over the items of each list, float64 [Q].

    Average popularity (Yin et al. 2012) is that of items' popularity, novelty that of ``surprise``.

    Args:
        top_items: int32 [Q, k].
        values: float64 [N + 1], 0 for padding.
    """
    listed = (top_items > 0).sum(axis=1)
    means: Float64Array = values[top_items].sum(axis=1) / np.maximum(listed, 1)
    return means


def surprise(users_of: npt.NDArray[np.int64], n_users: int) -> Float64Array:
    """How new an item is to users, in bits: ``-log2`` of the share of users who had it; float64 [N + 1], 0 for padding.

    An item that nobody had counts as one that a single user had. The mean over a list is its novelty.

    Source: Zhou et al. 2010, "self-information"; Castells, Hurley and Vargas 2022, section 4.3.

    Args:
        users_of: int64 [N + 1], users who had each item.
        n_users: Of how many.
    """
    bits = -np.log2(np.maximum(users_of, 1) / max(n_users, 1))
    bits[0] = 0.0
    return bits


def diversity(top_items: Int32Array, vectors: Float32Array | sparse.csr_array) -> Float64Array:
    """Intra-list diversity: mean of 1 - cosine over the pairs of items of a list; float64 [Q].

    Only pairs of which both items are known count; a list without one has diversity 0. Of unit vectors the sum of all
    cosines is the squared length of their sum, so no pair is looked at by itself.

    Args:
        top_items: int32 [Q, k].
        vectors: float32 [N + 1, D] of length 1, dense or sparse; rows of zeros where nothing is known.

    Source: Ziegler et al. 2005, eq. 3; Castells, Hurley and Vargas 2022, eq. 3.
    """
    n, k = top_items.shape
    listed = sparse.csr_array(
        (np.ones(n * k, np.float32), top_items.ravel(), np.arange(0, n * k + 1, k)), shape=(n, vectors.shape[0])
    )
    if isinstance(vectors, np.ndarray):
        dense = listed @ vectors
        squares, sizes = (dense * dense).sum(axis=1), np.abs(vectors).sum(axis=1)
    else:
        sums = listed @ vectors
        squares, sizes = np.asarray(sums.multiply(sums).sum(axis=1)), np.diff(vectors.indptr)
    known = (sizes > 0)[top_items].sum(axis=1)
    pairs = known * (known - 1)
    return np.where(pairs > 0, 1 - (squares.astype(np.float64) - known) / np.maximum(pairs, 1), 0.0)


def serendipity(ranks: Float64Array, expected: Float64Array, k: int) -> Float64Array:
    """1 where the relevant item is in the list, and not in the list of as many popular items that anybody could have made.

    Args:
        ranks: float64 [Q], under the model.
        expected: float64 [Q], ranks of the same items by popularity.
        k: Length of both lists.

    Source: Ge, Delgado-Battenfeld and Jannach 2010 (useful and unexpected, against a primitive model).
    """
    return hit_rate(ranks, k) * (expected > k)


def popularity_lift(listed: float, had: float) -> float:
    """How much more popular the items of lists are than those that the same users had; 0.5 is half as much again.

    Args:
        listed: Mean over questions of the average popularity of the list.
        had: Mean over questions of the average popularity of what the user had before.

    Source: Abdollahpouri et al. 2020, eq. 3, over questions as all other measures here instead of over users.
    """
    return listed / had - 1 if had > 0 else 0.0


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
        """For each bin with any: mean chance, share of hits, its 95% interval (Wilson 1927), and how many chances."""
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
