"""What a model is asked: histories as rectangles of item numbers.

Dimension letters, here and in all shape comments: B batch, L history, C context columns, D embedding, H heads, K list,
N items, Q queries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from metarec_core.data.dataset import Dataset, Int32Array, Int64Array
from metarec_core.data.split import Queries


@dataclass(frozen=True)
class Batch:
    """Users as they stood at one moment each. A model needs nothing else to score, so a new user is just another row.

    Attributes:
        history: int32 [B, L], oldest first, padded with 0 at the end.
        lengths: int32 [B], real events in each row.
        times: int64 [B, L], times of the events (unit of ``Interactions.times``), 0 where padded.
        context: int32 [B, C], value numbers of what is known of the request: its context and the traits of who asks
            (``Dataset.request_vocabularies``), 0 where unknown.
        now: int64 [B], the moment of the request.
    """

    history: Int32Array
    lengths: Int32Array
    times: Int64Array
    context: Int32Array
    now: Int64Array

    def __len__(self) -> int:
        return len(self.lengths)

    def ages(self) -> Int32Array:
        """Age rank of each event, int32 [B, L]: 0 for the last event, negative where padded."""
        return self.lengths[:, None] - 1 - np.arange(self.history.shape[1], dtype=np.int32)[None, :]

    def last_items(self) -> Int32Array:
        """The last item of each history, int32 [B]; 0 without one."""
        return self.history[np.arange(len(self)), np.maximum(self.lengths - 1, 0)]

    def latest(self, n: int) -> Batch:
        """The same requests of users of whom only the last ``n`` events are known."""
        lengths = np.minimum(self.lengths, n)
        places = (self.lengths - lengths)[:, None] + np.arange(min(n, self.history.shape[1]))
        real = places < self.lengths[:, None]
        places = np.minimum(places, self.history.shape[1] - 1)
        history = np.take_along_axis(self.history, places, axis=1) * real
        times = np.take_along_axis(self.times, places, axis=1) * real
        return Batch(history, lengths, times, self.context, self.now)

    def decayed(self, decay: float, n_items: int) -> sparse.csr_array:
        """Histories as vectors, each event weighing ``decay`` to the power of its age rank; float32 sparse [B, N + 1]."""
        ages = self.ages()
        rows, places = np.nonzero(ages >= 0)
        weights = np.power(np.float32(decay), ages[rows, places], dtype=np.float32)
        pairs = rows, self.history[rows, places]
        vectors: sparse.csr_array = sparse.coo_array((weights, pairs), shape=(len(self), n_items + 1)).tocsr()
        return vectors


def query_batch(dataset: Dataset, queries: Queries, max_history: int) -> Batch:
    """The state of each query's user just before the answer: the last ``max_history`` events of the history."""
    starts = dataset.events.offsets[queries.user_numbers]
    context = dataset.requests(queries.user_numbers, queries.events)
    return _gather(dataset, starts, queries.history_ends, context, dataset.events.times[queries.events], max_history)


def user_batch(dataset: Dataset, user_numbers: Int32Array, max_history: int) -> Batch:
    """Users with all their events, as they stand after the last one; of the request only their traits are known."""
    starts = dataset.events.offsets[user_numbers]
    ends = dataset.events.offsets[user_numbers.astype(np.int64) + 1]
    if dataset.events.n_events:
        last_times = dataset.events.times[np.maximum(ends - 1, 0)]
        now = np.where(ends > starts, last_times, dataset.events.times.max())
    else:
        now = np.zeros(len(user_numbers), dtype=np.int64)
    return _gather(dataset, starts, ends, dataset.requests(user_numbers), now, max_history)


def query_batches(dataset: Dataset, queries: Queries, max_history: int, size: int) -> Iterator[tuple[slice, Batch]]:
    """Queries in blocks of at most ``size``: the block's place among the queries, and its batch."""
    for start in range(0, len(queries), size):
        block = slice(start, min(start + size, len(queries)))
        yield block, query_batch(dataset, queries.some(block), max_history)


def _gather(
    dataset: Dataset,
    starts: Int64Array,
    ends: Int64Array,
    context: Int32Array,
    now: npt.NDArray[np.int64],
    max_history: int,
) -> Batch:
    starts = np.maximum(starts, ends - max_history)
    lengths = (ends - starts).astype(np.int32)
    width = max(int(lengths.max(initial=0)), 1)
    positions = np.arange(width)[None, :]
    real = positions < lengths[:, None]
    source = np.where(real, starts[:, None] + positions, 0)
    if dataset.events.n_events == 0:
        return Batch(
            np.zeros((len(lengths), width), np.int32), lengths, np.zeros((len(lengths), width), np.int64), context, now
        )
    return Batch(
        history=np.where(real, dataset.events.item_numbers[source], 0).astype(np.int32),
        lengths=lengths,
        times=np.where(real, dataset.events.times[source], 0),
        context=context,
        now=now,
    )
