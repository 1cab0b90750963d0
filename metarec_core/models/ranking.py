"""From scores to ranks and lists: ties, seen items and candidate filters have their one home here.

The rule for ties: equal scores share the mean of the ranks they cover when a model is measured, and are listed by ascending
item number when a list is shown.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from metarec_core.data.dataset import Dataset, Int32Array, Int64Array

Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]

BLOCK_FLOATS = 32_000_000
"""Floats that one block of scores may hold; with it the rows scored at once, so memory does not grow with users."""


def rows_per_block(n_items: int, n_parts: int) -> int:
    """How many users to score at once."""
    return int(np.clip(BLOCK_FLOATS // ((n_items + 1) * (n_parts + 2)), 1, 1_024))


def hide_seen(scores: Float32Array, dataset: Dataset, starts: Int64Array, ends: Int64Array) -> None:
    """Set the scores of padding and of each row's items in ``starts:ends`` to minus infinity, in place.

    Where the data's users may get an item again, only padding is hidden.

    Args:
        scores: float32 [B, N + 1].
        dataset: Whose events the positions are of.
        starts: int64 [B], first event position of each row.
        ends: int64 [B], one past the last.
    """
    scores[:, 0] = -np.inf
    if dataset.repeats:
        return
    lengths = ends - starts
    rows = np.repeat(np.arange(len(lengths)), lengths)
    positions = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths) + np.arange(lengths.sum())
    scores[rows, dataset.events.item_numbers[positions]] = -np.inf


def ranks_of(scores: Float32Array, item_numbers: Int32Array) -> Float64Array:
    """Rank of one item in each row, float64 [B]; ties share their mean rank, hidden items (minus infinity) rank infinity."""
    own = scores[np.arange(len(scores)), item_numbers][:, None]
    higher = (scores > own).sum(axis=1)
    equal = (scores == own).sum(axis=1)
    ranks = higher + (equal + 1) / 2
    return np.where(np.isneginf(own[:, 0]), np.inf, ranks)


def top_items(scores: Float32Array, k: int) -> Int32Array:
    """The best ``k`` items of each row, best first, int32 [B, k]; 0 where fewer can be listed."""
    n = scores.shape[1]
    k = min(k, n)
    if k < n:
        # argpartition alone would cut ties at the k-th place arbitrarily: everything above the k-th score is taken first,
        # then its equals in order of item number.
        candidates = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        threshold = np.take_along_axis(scores, candidates, axis=1).min(axis=1, keepdims=True)
        above = scores > threshold
        tied = scores == threshold
        room = k - above.sum(axis=1, keepdims=True)
        chosen = above | (tied & (np.cumsum(tied, axis=1) <= room))
        candidates = np.nonzero(chosen)[1].reshape(len(scores), k)
    else:
        candidates = np.broadcast_to(np.arange(n), scores.shape)
    values = np.take_along_axis(scores, candidates, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    best = np.take_along_axis(candidates, order, axis=1)
    listed = np.isfinite(np.take_along_axis(values, order, axis=1))
    return np.where(listed, best, 0).astype(np.int32)
