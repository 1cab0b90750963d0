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

GROUPS_A_PLACE = 4
"""Groups of items for each place of a list, by which the best of a long row are found; more find fewer contenders."""


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
    k = min(k, scores.shape[1])
    items, values = _contenders(scores, k)
    if k < values.shape[1]:
        # argpartition alone would cut ties at the k-th place arbitrarily: everything above the k-th score is taken first,
        # then its equals in order of item number.
        best = np.argpartition(-values, k - 1, axis=1)[:, :k]
        threshold = np.take_along_axis(values, best, axis=1).min(axis=1, keepdims=True)
        above = values > threshold
        tied = values == threshold
        room = k - above.sum(axis=1, keepdims=True)
        chosen = above | (tied & (np.cumsum(tied, axis=1, dtype=np.int32) <= room))
        places = np.nonzero(chosen)[1].reshape(len(values), k)
        items, values = np.take_along_axis(items, places, axis=1), np.take_along_axis(values, places, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    best, values = np.take_along_axis(items, order, axis=1), np.take_along_axis(values, order, axis=1)
    return np.where(np.isfinite(values), best, 0).astype(np.int32)


def _contenders(scores: Float32Array, k: int) -> tuple[Int64Array, Float32Array]:
    """Items that may be among the best ``k`` of a row, by number, and their scores; int64 and float32 [B, ≤ N + 1].

    The catalogue is dealt into ``GROUPS_A_PLACE * k`` groups. What is below the k-th best of their best cannot be among the
    best k, and two passes over the row find what is not: ten times faster than to partition the row itself.
    """
    n_items, groups = scores.shape[1], GROUPS_A_PLACE * k
    size = n_items // groups
    if size < 2:
        return np.broadcast_to(np.arange(n_items), scores.shape), scores
    best = scores[:, : size * groups].reshape(len(scores), size, groups).max(axis=1)
    bound = np.partition(best, groups - k, axis=1)[:, groups - k, None]
    listable = np.maximum(bound, np.finfo(np.float32).min)  # minus infinity is hidden
    rows, items = np.divmod(np.flatnonzero(scores >= listable), n_items)
    counts = np.bincount(rows, minlength=len(scores))
    places = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    shape = len(scores), max(k, int(counts.max(initial=0)))
    numbers, values = np.zeros(shape, dtype=np.int64), np.full(shape, -np.inf, dtype=np.float32)
    numbers[rows, places] = items
    values[rows, places] = scores[rows, items]
    return numbers, values
