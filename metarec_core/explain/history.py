"""One user's past, and variants of it: with events left out, with items added, in another context."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metarec_core.data.dataset import Int32Array, Int64Array
from metarec_core.models.batch import Batch, user_batch
from metarec_core.recommend.recommender import Recommender

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class History:
    """What variants are made of.

    Attributes:
        items: int32 [H], oldest first: the events that the model sees, and as many before them, which it would see if those
            were gone.
        times: int64 [H].
        context: int32 [C], what is known of the request (``Batch.context``).
        now: The moment of the request.
        max_history: Longest history the model looks at.
        had: int32, what the user has had, which stays out of lists in all variants; empty where items may come again.
    """

    items: Int32Array
    times: Int64Array
    context: Int32Array
    now: int
    max_history: int
    had: Int32Array

    @property
    def seen(self) -> Int64Array:
        """Places of the events that the model sees, int64 [L]."""
        return np.arange(max(len(self.items) - self.max_history, 0), len(self.items))

    def without(self, left_out: BoolArray) -> Batch:
        """The history without some events.

        Args:
            left_out: bool [B, H], a row a variant.
        """
        kept = ~left_out
        kept &= np.cumsum(kept[:, ::-1], axis=1)[:, ::-1] <= self.max_history
        lengths = kept.sum(axis=1).astype(np.int32)
        width = max(int(lengths.max(initial=0)), 1)
        items, times = (
            np.append(self.items, 0),
            np.append(self.times, 0),
        )  # so that an empty history has something to take
        order = np.argsort(~kept, axis=1, kind="stable")[:, :width]
        order = np.pad(order, ((0, 0), (0, width - order.shape[1])))
        real = np.arange(width) < lengths[:, None]
        order = np.where(real, order, len(items) - 1)
        return self._batch(items[order], lengths, times[order])

    def followed_by(self, added: Int32Array) -> Batch:
        """The history and then some items more, chosen now.

        Args:
            added: int32 [B, A], item numbers, a row a variant.
        """
        n, kept = len(added), max(min(len(self.items), self.max_history - added.shape[1]), 0)
        old = slice(len(self.items) - kept, None)
        items = np.column_stack([np.tile(self.items[old], (n, 1)), added]).astype(np.int32)
        later = np.full(added.shape, self.now, dtype=np.int64)
        times = np.column_stack([np.tile(self.times[old], (n, 1)), later])
        return self._batch(items, np.full(n, items.shape[1], dtype=np.int32), times)

    def whole(self) -> Batch:
        """The history as it is; one row."""
        return self.without(np.zeros((1, len(self.items)), dtype=bool))

    def _batch(self, items: Int32Array, lengths: Int32Array, times: Int64Array) -> Batch:
        n = len(items)
        return Batch(items, lengths, times, np.tile(self.context, (n, 1)), np.full(n, self.now, dtype=np.int64))


def history_of(recommender: Recommender, user_id: str) -> History:
    """A user as of now; of the request only the user's own traits are known.

    Raises:
        UnknownIdError: The user is not in the data.
    """
    data = recommender.dataset
    user = data.users.number(user_id)
    now = user_batch(data, np.array([user], dtype=np.int32), recommender.max_history)
    start, end = int(data.events.offsets[user]), int(data.events.offsets[user + 1])
    latest = slice(max(start, end - 2 * recommender.max_history), end)
    return History(
        items=data.events.item_numbers[latest],
        times=data.events.times[latest],
        context=now.context[0],
        now=int(now.now[0]),
        max_history=recommender.max_history,
        had=np.unique(data.events.item_numbers[start : start if data.repeats else end]),
    )
