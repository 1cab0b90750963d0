"""How often an item was chosen, by anyone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from metarec_core.data.dataset import Interactions
from metarec_core.models.batch import Batch

Float32Array = npt.NDArray[np.float32]

HALF_LIFE: Final = 0.1
"""Share of a log after which an event counts half in recent popularity."""


@dataclass(frozen=True)
class Popularity:
    """The same score for everyone: log(1 + events of the item), each event as much as the fit counts it.

    Attributes:
        log_counts: float32 [N + 1]; 0 for padding.
    """

    log_counts: Float32Array

    @property
    def n_items(self) -> int:
        return len(self.log_counts) - 1

    def user_vectors(self, batch: Batch) -> Float32Array:
        """A one for everybody, float32 [B, 1]."""
        return np.ones((len(batch), 1), dtype=np.float32)

    def item_vectors(self) -> Float32Array:
        """float32 [N + 1, 1]."""
        return self.log_counts[:, None]

    def scores(self, batch: Batch) -> Float32Array:
        """float32 [B, N + 1]."""
        return np.tile(self.log_counts, (len(batch), 1))

    def lent(self, lenders: sparse.csr_array) -> Popularity:
        """An item that borrows is as popular as its lenders are on average."""
        borrows = np.diff(lenders.indptr) > 0
        return Popularity(np.where(borrows, lenders @ self.log_counts, self.log_counts).astype(np.float32))

    def state(self) -> dict[str, np.ndarray]:
        return {"log_counts": self.log_counts}

    @classmethod
    def from_state(cls, state: Mapping[str, np.ndarray]) -> Popularity:
        return cls(state["log_counts"])


@dataclass(frozen=True)
class ContextPopularity:
    """How much more, or less, often an item is chosen in the request's context than anywhere.

    Attributes:
        lifts: float32 [V, N + 1], log of how many times more often an item is chosen under each context value; values of all
            context columns one after the other. Column 0 is zeros.
        starts: int64 [C], the row of each context column's value 0 (unknown), which is zeros; -1 for columns that are not used.
    """

    lifts: Float32Array
    starts: npt.NDArray[np.int64]

    @property
    def n_items(self) -> int:
        return int(self.lifts.shape[1]) - 1

    def user_vectors(self, batch: Batch) -> Float32Array:
        """Ones at the values of the request's context, float32 [B, V]; zeros where it is unknown."""
        vectors = np.zeros((len(batch), len(self.lifts)), dtype=np.float32)
        rows, columns = np.nonzero(batch.context * (self.starts >= 0))
        vectors[rows, self.starts[columns] + batch.context[rows, columns]] = 1.0
        return vectors

    def item_vectors(self) -> Float32Array:
        """float32 [N + 1, V]."""
        return self.lifts.T

    def scores(self, batch: Batch) -> Float32Array:
        """float32 [B, N + 1]."""
        scores: Float32Array = self.user_vectors(batch) @ self.lifts
        return scores

    def lent(self, lenders: sparse.csr_array) -> ContextPopularity:
        """An item that borrows is chosen in the contexts in which its lenders are."""
        borrows = np.diff(lenders.indptr) > 0
        return replace(self, lifts=np.where(borrows, (lenders @ self.lifts.T).T, self.lifts).astype(np.float32))

    def state(self) -> dict[str, np.ndarray]:
        return {"lifts": self.lifts, "starts": self.starts}

    @classmethod
    def from_state(cls, state: Mapping[str, np.ndarray]) -> ContextPopularity:
        return cls(state["lifts"], state["starts"].astype(np.int64))


SHRINK: Final = 20.0
"""Events of a context value that count as much as what is known from everywhere."""

LARGEST_CONTEXT: Final = 1_000
"""Context values up to which a table of lifts is kept; columns with more are ids rather than situations."""


def fit_context_popularity(
    interactions: Interactions, contexts: npt.NDArray[np.int32], n_values: Sequence[int]
) -> ContextPopularity | None:
    """Lifts log((n_vi + λ p_i) / ((n_v + λ) p_i)) of n_vi events of item i under value v, shrunk to the item's share p_i.

    Args:
        interactions: What to count.
        contexts: int32 [n_events, C], the events' context values, 0 where unknown.
        n_values: Values of each context column, the unknown one not counted.

    Returns:
        None where there is no context to count by.

    Source: additive smoothing with the overall distribution as prior (Mackay and Peto 1995, eq. 7).
    """
    kept = [column for column, n in enumerate(n_values) if n <= LARGEST_CONTEXT]
    if not kept or not contexts[:, kept].any():
        return None
    counts = np.bincount(interactions.item_numbers, minlength=interactions.n_items + 1).astype(np.float64)
    share = np.maximum(counts, 0.5) / max(counts.sum(), 1.0)
    starts = np.full(len(n_values), -1, dtype=np.int64)
    tables: list[npt.NDArray[np.float64]] = []
    for column in kept:
        n = n_values[column]
        starts[column] = sum(len(table) for table in tables)
        table = np.zeros((n + 1, len(counts)))
        np.add.at(table, (contexts[:, column], interactions.item_numbers), 1.0)
        lifts = np.log((table + SHRINK * share) / ((table.sum(axis=1, keepdims=True) + SHRINK) * share))
        lifts[0] = 0.0
        tables.append(lifts)
    lifts = np.concatenate(tables).astype(np.float32)
    lifts[:, 0] = 0.0
    return ContextPopularity(lifts, starts)


def fit_popularity(interactions: Interactions) -> Popularity:
    """Count events."""
    counts = np.bincount(interactions.item_numbers, minlength=interactions.n_items + 1)
    return Popularity(np.log1p(counts).astype(np.float32))


def fit_recent_popularity(
    interactions: Interactions, *, has_clock_times: bool, half_life: float = HALF_LIFE
) -> Popularity:
    """Count events as they stand at the end of the log, recent ones more.

    An event's age is the share of all events that came later, so that the rule is the same for logs of a day and of ten years.
    Where times are only an order, nobody knows which of two users' events came later: the age is then the share of the
    user's own events that came later, and what counts is what people choose at the end of their histories.

    Args:
        interactions: What to count.
        has_clock_times: Whether times compare across users.
        half_life: Age at which an event counts half.
    """
    if has_clock_times:
        earlier = np.searchsorted(np.sort(interactions.times), interactions.times, side="right")
        ages = 1.0 - earlier / max(interactions.n_events, 1)
    else:
        lengths = np.repeat(interactions.lengths(), interactions.lengths())
        ends = np.repeat(interactions.offsets[1:], interactions.lengths())
        ages = (ends - 1 - np.arange(interactions.n_events)) / lengths
    weights = np.exp2(-ages / half_life)
    counts = np.bincount(interactions.item_numbers, weights=weights, minlength=interactions.n_items + 1)
    return Popularity(np.log1p(counts).astype(np.float32))
