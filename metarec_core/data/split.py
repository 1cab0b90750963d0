"""Which events train, which choose, which judge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metarec_core.data.dataset import Dataset, Int32Array, Int64Array, Interactions
from metarec_core.errors import DataError


@dataclass(frozen=True)
class Queries:
    """Questions with known answers: "given this user's events before this one, which item comes?".

    Attributes:
        user_numbers: int32 [Q].
        events: int64 [Q], position of the answer in the dataset's event arrays. The history is everything of the user
            before it; the answer's item, time and context are those of the event.
    """

    user_numbers: Int32Array
    events: Int64Array

    def __len__(self) -> int:
        return len(self.events)


@dataclass(frozen=True)
class Split:
    """Training events are a prefix of each user's events; validation and test are later events.

    Attributes:
        dataset: What was split.
        train_ends: int64 [n_users + 1]. Training events of user ``u`` are ``offsets[u]:train_ends[u]``.
        known_ends: int64 [n_users + 1]. The same with validation events included: what may be learned from before the test.
        validation: Queries that choose (weights, early stopping).
        test: Queries that judge, looked at once.
    """

    dataset: Dataset
    train_ends: Int64Array
    known_ends: Int64Array
    validation: Queries
    test: Queries

    @property
    def train(self) -> Interactions:
        """Training events only."""
        return _prefixes(self.dataset.events, self.train_ends)

    @property
    def known(self) -> Interactions:
        """Training and validation events: for refitting once everything is chosen."""
        return _prefixes(self.dataset.events, self.known_ends)


def leave_one_out(dataset: Dataset) -> Split:
    """Each user's last event is the test, the one before it validation; users with fewer than three events only train.

    Raises:
        DataError: No user has three events.
    """
    events = dataset.events
    starts, ends = events.offsets[:-1], events.offsets[1:]
    long_enough = np.flatnonzero(ends - starts >= 3)
    if len(long_enough) == 0:
        raise DataError(
            "No user has three events, so nothing can be held out to measure with: "
            "bring a longer log, or loosen the cleaning rules."
        )
    users = long_enough.astype(np.int32)
    train_ends, known_ends = ends.copy(), ends.copy()
    train_ends[users] -= 2
    known_ends[users] -= 1
    return Split(
        dataset=dataset,
        train_ends=train_ends,
        known_ends=known_ends,
        validation=Queries(users, ends[users] - 2),
        test=Queries(users, ends[users] - 1),
    )


def _prefixes(events: Interactions, ends: Int64Array) -> Interactions:
    starts = events.offsets[:-1]
    lengths = ends - starts
    kept = np.arange(events.n_events) < np.repeat(ends, np.diff(events.offsets))
    return Interactions(
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        item_numbers=events.item_numbers[kept],
        times=events.times[kept],
        n_items=events.n_items,
    )
