"""What lists are beside right: new, varied, surprising, popular, fair to the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from metarec_core import metrics
from metarec_core.data.dataset import Attribute, Dataset, Float32Array, Int32Array, Int64Array
from metarec_core.data.split import Queries, Split

Float64Array = npt.NDArray[np.float64]

HEAD: Final = 100
"""So many of the most popular items are what anybody would have named."""

EVENTS_PER_BLOCK: Final = 4_000_000
"""Events of histories looked at at once."""


@dataclass(frozen=True)
class Yardstick:
    """What lists are judged by, all of it from known events (training and validation), items and the asked users' pasts.

    Attributes:
        popularity: float64 [N + 1], share of users who had each item; 0 for padding.
        surprise: float64 [N + 1], see ``metrics.surprise``.
        head: float64 [N + 1], 1 for the ``HEAD`` most popular items, of those that anybody had.
        expected: float64 [Q], rank of each query's answer by popularity, among what its user could be shown.
        had: float64 [Q], mean popularity of each query's history.
        answered_head: Share of the queries whose answer is one of the head.
        first_times: int64 [N + 1], when anybody first had each item, 0 for items that nobody ever had; None where times are
            only an order.
        times: int64 [Q], the moment of each query.
        spaces: Unit vectors of items in which lists are more or less varied: by name, [N + 1, D], dense or sparse.
    """

    popularity: Float64Array
    surprise: Float64Array
    head: Float64Array
    expected: Float64Array
    had: Float64Array
    answered_head: float
    first_times: Int64Array | None
    times: Int64Array
    spaces: Mapping[str, Float32Array | sparse.csr_array]

    def per_list(self, top: Int32Array, ranks: Float64Array, block: slice) -> dict[str, Float64Array]:
        """Measures of the lists of some queries, float64 [B] each, by label (``novelty@10`` …).

        Args:
            top: int32 [B, K], their best items.
            ranks: float64 [B], of their answers.
            block: Which queries they are.
        """
        found: dict[str, Float64Array] = {}
        for k in metrics.CUTOFFS:
            best = top[:, :k]
            found[f"novelty@{k}"] = metrics.mean_listed(best, self.surprise)
            found[f"serendipity@{k}"] = metrics.serendipity(ranks, self.expected[block], k)
            found[f"popularity@{k}"] = metrics.mean_listed(best, self.popularity)
            found[f"head@{k}"] = metrics.mean_listed(best, self.head)
            if self.first_times is not None:
                early = (best > 0) & (self.first_times[best] > self.times[block][:, None])
                found[f"early@{k}"] = early.sum(axis=1) / np.maximum((best > 0).sum(axis=1), 1)
            for name, vectors in self.spaces.items():
                found[f"{name}_diversity@{k}"] = metrics.diversity(best, vectors)
        return found

    def overall(self, per_list: Mapping[str, Float64Array], exposures: Mapping[int, Int64Array]) -> dict[str, float]:
        """Measures of all lists together, by label.

        Args:
            per_list: What ``per_list`` gave, of all queries.
            exposures: int64 [N] by length of the lists, how many lists each item is in.
        """
        found = {}
        had = float(self.had.mean()) if len(self.had) else 0.0
        for k, exposure in exposures.items():
            found[f"gini@{k}"] = metrics.gini(exposure)
            found[f"entropy@{k}"] = metrics.entropy(exposure)
            listed = per_list[f"popularity@{k}"]
            found[f"popularity_lift@{k}"] = metrics.popularity_lift(float(listed.mean()) if len(listed) else 0.0, had)
        return found


def yardstick(split: Split, queries: Queries, text: Float32Array | None = None) -> Yardstick:
    """What the lists of these queries are judged by.

    Args:
        split: Whose known events say what is popular.
        queries: Of the split.
        text: float32 [N + 1, D], unit vectors of what items are about; rows of zeros where nothing is known.
    """
    data = split.dataset
    users_of, n_users = _users_of(split)
    popularity = users_of / max(n_users, 1)
    order = np.lexsort((np.arange(len(users_of)), -users_of))
    order = order[order > 0]
    places = np.zeros(len(users_of), dtype=np.int64)
    places[order] = np.arange(1, len(order) + 1)
    head = np.zeros(len(users_of))
    head[order[:HEAD]] = users_of[order[:HEAD]] > 0
    expected, had = np.empty(len(queries)), np.empty(len(queries))
    firsts = _first_times(data)
    for block, rows, positions in _pasts(data, queries):
        items = data.events.item_numbers[positions]
        n = np.bincount(rows, minlength=block.stop - block.start)
        had[block] = np.bincount(rows, popularity[items], len(n)) / np.maximum(n, 1)
        own = places[data.events.item_numbers[queries.events[block]]]
        passed = firsts[positions] & (places[items] < own[rows]) & (not data.repeats)
        expected[block] = own - np.bincount(rows[passed], minlength=len(n))
    answered = data.events.item_numbers[queries.events]
    first_times = np.zeros(
        data.n_items + 1, dtype=np.int64
    )  # items that nobody ever had may have been there all the time
    first_times[data.events.item_numbers] = np.iinfo(np.int64).max
    np.minimum.at(first_times, data.events.item_numbers, data.events.times)
    spaces: dict[str, Float32Array | sparse.csr_array] = {}
    attributes = _attribute_vectors({**data.attributes, **data.facts}, data.n_items)
    if attributes is not None:
        spaces["attribute"] = attributes
    if text is not None:
        spaces["text"] = text
    return Yardstick(
        popularity=popularity,
        surprise=metrics.surprise(users_of, n_users),
        head=head,
        expected=expected,
        had=had,
        answered_head=float(head[answered].mean()) if len(queries) else 0.0,
        first_times=first_times if data.has_clock_times else None,
        times=data.events.times[queries.events],
        spaces=spaces,
    )


def _users_of(split: Split) -> tuple[Int64Array, int]:
    """How many users had each item among known events, int64 [N + 1], and how many users have any."""
    known = split.known
    users = known.user_numbers().astype(np.int64)
    pairs = np.unique(users * (known.n_items + 1) + known.item_numbers)
    return np.bincount(pairs % (known.n_items + 1), minlength=known.n_items + 1), len(np.unique(users))


def _first_times(data: Dataset) -> npt.NDArray[np.bool_]:
    """Which events are their user's first with their item, bool [n_events]."""
    pairs = data.events.user_numbers().astype(np.int64) * (data.n_items + 1) + data.events.item_numbers
    firsts = np.zeros(len(pairs), dtype=bool)
    firsts[np.unique(pairs, return_index=True)[1]] = True
    return firsts


def _pasts(data: Dataset, queries: Queries) -> Iterator[tuple[slice, Int64Array, Int64Array]]:
    """Queries in blocks: their place, and of each event before an answer the row in the block and the position, int64."""
    starts = data.events.offsets[queries.user_numbers]
    lengths = queries.events - starts
    bounds = np.flatnonzero(np.diff(np.cumsum(lengths) // EVENTS_PER_BLOCK, prepend=-1, append=-1))
    for first, last in pairwise(bounds):
        n = lengths[first:last]
        rows = np.repeat(np.arange(len(n)), n)
        before = np.repeat(starts[first:last] - np.concatenate([[0], np.cumsum(n)[:-1]]), n)
        yield slice(int(first), int(last)), rows, before + np.arange(n.sum())


def _attribute_vectors(attributes: Mapping[str, Attribute], n_items: int) -> sparse.csr_array | None:
    """Which values of attributes and facts each item has, as unit vectors, sparse float32 [N + 1, V]; None without any."""
    blocks = []
    for attribute in attributes.values():
        owners = np.repeat(np.arange(n_items + 1), np.diff(attribute.offsets))
        pairs = owners, attribute.value_numbers - 1
        shape = (n_items + 1, len(attribute.vocabulary))
        blocks.append(sparse.coo_array((np.ones(len(owners), np.float32), pairs), shape=shape))
    if not blocks:
        return None
    together = sparse.csr_array(sparse.hstack(blocks, format="csr"))
    together.data[:] = 1
    sizes = np.sqrt(np.diff(together.indptr))
    together.data /= np.repeat(sizes, np.diff(together.indptr)).astype(np.float32)
    return together
