"""Item-to-item memories: what the log itself remembers, in closed form.

A memory is a matrix of how strongly one item calls for another. A user's history, each event weighted by decay to the
power of its age, times that matrix is the score of every item: a dot product of a user vector and an item vector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.linalg import lapack

from metarec_core.data.dataset import Interactions
from metarec_core.models import ranking
from metarec_core.models.batch import Batch

Float32Array = npt.NDArray[np.float32]
Int64Array = npt.NDArray[np.int64]

MOST_ENTRIES = 3_000_000
"""Entries a memory keeps, its largest in each row: 24 MB in a run folder, whatever the catalogue."""

DENSE_FROM = 0.05
"""Share of entries from which a matrix of at most ``LARGEST_DENSE`` items is multiplied as a dense one."""

LARGEST_DENSE = 8_000

LARGEST_EASE = 20_000
"""Items up to which matrices of all pairs are solved: 1.6 GB in float32."""

MOST_FREQUENT = 10_000
"""Items, the most frequent ones, that EASE and the regression keep to in catalogues above that."""

ROWS_AT_ONCE = 1_024
"""Rows of a matrix of all pairs that are worked on in one go, where a copy of all would double the memory."""


@dataclass(frozen=True)
class ItemMemory:
    """One item-to-item matrix and how fast its user forgets.

    Attributes:
        matrix: float32 sparse [N + 1, N + 1]; row j is what item j calls for. Row and column 0 (padding) are empty.
        decay: Weight of an event, to the power of its age rank (0 for the last event); 1 forgets nothing.
    """

    matrix: sparse.csr_array
    decay: float

    @property
    def n_items(self) -> int:
        return self.matrix.shape[0] - 1

    def user_vectors(self, batch: Batch) -> sparse.csr_array:
        """The decayed histories, float32 sparse [B, N + 1]."""
        return batch.decayed(self.decay, self.n_items)

    def item_vectors(self) -> sparse.csr_array:
        """What calls for each item, float32 sparse [N + 1, N + 1]."""
        return self.matrix.T.tocsr()

    def scores(self, batch: Batch) -> Float32Array:
        """float32 [B, N + 1]."""
        scores = self.user_vectors(batch) @ self._fastest
        found: Float32Array = scores if isinstance(scores, np.ndarray) else scores.toarray()
        return found

    @cached_property
    def _fastest(self) -> sparse.csr_array | Float32Array:
        """The matrix in the form that multiplies fastest: dense unless most of it is empty."""
        n = self.matrix.shape[0]
        dense = n <= LARGEST_DENSE and self.matrix.nnz >= DENSE_FROM * n * n
        return np.ascontiguousarray(self.matrix.toarray()) if dense else self.matrix

    def with_decay(self, decay: float) -> ItemMemory:
        return replace(self, decay=decay)

    def lent(self, lenders: sparse.csr_array) -> ItemMemory:
        """What calls for an item that borrows is what calls for its lenders."""
        borrows = np.diff(lenders.indptr) > 0
        kept = self.matrix @ sparse.diags_array((~borrows).astype(np.float32))
        return ItemMemory(_largest(sparse.csr_array(kept + self.matrix @ lenders.T)), self.decay)

    def state(self) -> dict[str, np.ndarray]:
        return {
            "values": self.matrix.data,
            "columns": self.matrix.indices.astype(np.int32),
            "row_starts": self.matrix.indptr.astype(np.int64),
            "decay": np.array([self.decay], dtype=np.float64),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, np.ndarray]) -> ItemMemory:
        size = len(state["row_starts"]) - 1
        matrix = sparse.csr_array((state["values"], state["columns"], state["row_starts"]), shape=(size, size))
        return cls(matrix, float(state["decay"][0]))


def transition_counts(interactions: Interactions, window: int = 10) -> sparse.csr_array:
    """How often item i came after item j, near steps counting more: 1 / lag for lags up to ``window``; [N + 1, N + 1].

    The lag is counted back from the end of i's history, so within a set nothing comes after anything.
    """
    items, ends = interactions.item_numbers, interactions.history_ends()
    lengths = ends - np.repeat(interactions.offsets[:-1], interactions.lengths())
    rows, columns, weights = [], [], []
    for lag in range(1, window + 1):
        targets = np.flatnonzero(lengths >= lag)
        rows.append(items[ends[targets] - lag])
        columns.append(items[targets])
        weights.append(np.full(len(targets), 1 / lag, dtype=np.float32))
    size = interactions.n_items + 1
    places = np.concatenate(rows), np.concatenate(columns)
    counts: sparse.csr_array = sparse.coo_array((np.concatenate(weights), places), shape=(size, size)).tocsr()
    return counts


def fit_transition(
    interactions: Interactions,
    *,
    window: int = 10,
    source_power: float = 0.5,
    target_power: float = 0.3,
    decay: float = 0.7,
    counts: sparse.csr_array | None = None,
) -> ItemMemory:
    """Directed transitions: counts over the popularity of both items, each to a power.

    Args:
        interactions: What to count.
        window: Longest step counted.
        source_power: How much a frequent source is discounted.
        target_power: How much a popular target is discounted; 0.5 is cosine-like, less leaves popular items ahead.
        decay: Weight of older events of the user.
        counts: ``transition_counts`` of the same interactions, where they are at hand.
    """
    matrix = transition_counts(interactions, window) if counts is None else counts
    events = np.bincount(interactions.item_numbers, minlength=interactions.n_items + 1) + 1.0
    scaled = sparse.diags_array(events**-source_power) @ matrix @ sparse.diags_array(events**-target_power)
    return ItemMemory(_largest(sparse.csr_array(scaled.astype(np.float32))), decay)


def fit_ease(interactions: Interactions, *, l2: float = 200.0, decay: float = 0.9) -> ItemMemory:
    """EASE: the item-to-item weights that best rebuild every history from itself, without an item naming itself.

    Float32 Cholesky in place: one [N, N] matrix and its triangle are all the memory it needs. In catalogues above
    ``LARGEST_EASE``, only the most frequent items take part.

    Source: Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data", eq. 8.
    """
    items = _solvable(interactions)
    gram = _gram(interactions, items)
    diagonal = np.diag_indices_from(gram)
    gram[diagonal] += np.float32(l2)
    factor, failed = lapack.spotrf(gram.T, lower=0, overwrite_a=1, clean=0)
    inverse, failed_too = lapack.spotri(factor, lower=0, overwrite_c=1)
    if failed or failed_too:
        raise ArithmeticError(f"EASE's matrix is not positive definite with l2 = {l2}")
    weights = _mirrored(inverse)
    weights /= -np.diagonal(weights).copy()[None, :]
    weights[diagonal] = 0.0
    return ItemMemory(_placed(_largest_dense(weights), items, interactions.n_items), decay)


def fit_regression(
    interactions: Interactions, *, l2: float = 500.0, decay: float = 0.9, window: int = 100
) -> ItemMemory:
    """Ridge regression from the decayed history at each moment to the item that came next: a linear sequence model.

    Where transitions count each pair by itself, this finds what an item adds to all the others before the same step. In
    catalogues too large for EASE, only the most frequent items take part.

    Args:
        interactions: What to learn from.
        l2: Shrinkage.
        decay: Weight of older events, in learning as in use: another decay is another model.
        window: Longest history looked at.

    Source: Choi et al. 2021, "Session-aware Linear Item-Item Models", eq. 10 (SLIT) with the very next item as target.
    """
    before, following = moments(interactions, decay, window)
    items = _solvable(interactions)
    if len(items) < interactions.n_items:
        before, following = before[:, items - 1], following[:, items - 1]
    gram: Float32Array = (before.T @ before).toarray()
    target: Float32Array = (before.T @ following).toarray()
    gram[np.diag_indices_from(gram)] += np.float32(l2)
    factor, failed = lapack.spotrf(gram.T, lower=0, overwrite_a=1, clean=0)
    weights, failed_too = lapack.spotrs(factor, target, lower=0)
    if failed or failed_too:
        raise ArithmeticError(f"the regression's matrix is not positive definite with l2 = {l2}")
    matrix = _largest_dense(np.ascontiguousarray(weights))
    return ItemMemory(_placed(matrix, items, interactions.n_items), decay)


def moments(interactions: Interactions, decay: float, window: int) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Each event with a history: the history, decayed, and the one item that came; float32 [M, N] both."""
    items, ends = interactions.item_numbers - 1, interactions.history_ends()
    lengths = ends - np.repeat(interactions.offsets[:-1], interactions.lengths())
    targets = np.flatnonzero(lengths > 0)
    last, lengths = ends[targets] - 1, lengths[targets]
    shape = (len(targets), interactions.n_items)
    rows, columns, lags = [], [], []
    for lag in range(min(window, max(int(lengths.max(initial=0)), 1))):
        far = np.flatnonzero(lengths > lag)
        rows.append(far)
        columns.append(items[last[far] - lag])
        lags.append(np.full(len(far), lag))
    weights = np.power(np.float32(decay), np.concatenate(lags), dtype=np.float32)
    before = sparse.coo_array((weights, (np.concatenate(rows), np.concatenate(columns))), shape=shape).tocsr()
    ones = np.ones(len(targets), dtype=np.float32)
    following = sparse.coo_array((ones, (np.arange(len(targets)), items[targets])), shape=shape).tocsr()
    return before, following


def fit_item_knn(
    interactions: Interactions, *, shrink: float = 20.0, neighbours: int = 200, decay: float = 1.0
) -> ItemMemory:
    """Item-kNN: shrunk cosine of the items' user sets, the nearest neighbours of each item kept.

    Source: Sarwar et al. 2001; shrinkage as in Bell and Koren 2007.
    """
    users_items = user_item(interactions)
    together = sparse.csr_array(users_items.T @ users_items)
    events = np.sqrt(together.diagonal())
    together.setdiag(0.0)
    together.eliminate_zeros()
    rows = np.repeat(np.arange(together.shape[0]), np.diff(together.indptr))
    together.data = together.data / (events[rows] * events[together.indices] + np.float32(shrink))
    return ItemMemory(_largest(together, neighbours), decay)


def fit_cooccurrence(interactions: Interactions, *, l2: float = 200.0, decay: float = 0.9) -> ItemMemory:
    """EASE where its matrix fits, sparse item-kNN above."""
    if interactions.n_items <= LARGEST_EASE:
        return fit_ease(interactions, l2=l2, decay=decay)
    return fit_item_knn(interactions, decay=decay)


def user_item(interactions: Interactions) -> sparse.csr_array:
    """Who had what, each pair once; float32 [n_users + 1, N + 1]."""
    shape = (interactions.n_users + 1, interactions.n_items + 1)
    ones = np.ones(interactions.n_events, dtype=np.float32)
    pairs = sparse.csr_array((ones, (interactions.user_numbers(), interactions.item_numbers)), shape=shape)
    pairs.sum_duplicates()
    pairs.data[:] = 1.0
    return pairs


def _solvable(interactions: Interactions) -> Int64Array:
    """Numbers of the items whose pairs can all be solved for: all, or the most frequent; int64, rising."""
    if interactions.n_items <= LARGEST_EASE:
        return np.arange(1, interactions.n_items + 1)
    counts = np.bincount(interactions.item_numbers, minlength=interactions.n_items + 1)[1:]
    return np.sort(np.argsort(-counts, kind="stable")[:MOST_FREQUENT]) + 1


def _gram(interactions: Interactions, items: Int64Array) -> Float32Array:
    """In how many histories two of M items meet; float32 [M, M]."""
    pairs = user_item(interactions)[:, items]
    gram: Float32Array = (pairs.T @ pairs).toarray()
    return gram


def _mirrored(upper: Float32Array) -> Float32Array:
    """The symmetric matrix of which LAPACK filled the upper triangle, in place; by rows, where LAPACK goes by columns."""
    for start in range(0, len(upper), ROWS_AT_ONCE):
        stop = start + ROWS_AT_ONCE
        block = upper[start:stop, start:stop]
        block[:] = np.triu(block) + np.triu(block, 1).T
        upper[stop:, start:stop] = upper[start:stop, stop:].T
    return upper.T


def _kept_per_row(n_rows: int) -> int:
    return max(MOST_ENTRIES // max(n_rows, 1), 20)


def _largest_dense(weights: Float32Array) -> sparse.csr_array:
    """The entries of largest size in each row of a dense matrix."""
    kept = _kept_per_row(len(weights))
    if kept >= weights.shape[1]:
        return sparse.csr_array(weights)
    columns = np.empty((len(weights), kept), dtype=np.int32)
    for start in range(0, len(weights), ROWS_AT_ONCE):  # the sizes of all entries at once would double the memory
        rows = slice(start, start + ROWS_AT_ONCE)
        columns[rows] = ranking.top_items(np.abs(weights[rows]), kept)
    columns.sort(axis=1)
    values = np.take_along_axis(weights, columns.astype(np.int64), axis=1)
    row_starts = np.arange(len(weights) + 1, dtype=np.int64) * kept
    return sparse.csr_array((values.ravel(), columns.ravel(), row_starts), shape=weights.shape)


def _largest(matrix: sparse.csr_array, most: int | None = None) -> sparse.csr_array:
    """The largest entries of each row of a sparse matrix."""
    kept = min(_kept_per_row(matrix.shape[0]), most or matrix.shape[1])
    lengths = np.diff(matrix.indptr)
    if lengths.max(initial=0) <= kept:
        return matrix
    rows = np.repeat(np.arange(matrix.shape[0]), lengths)
    order = np.lexsort((-matrix.data, rows))  # rows in order, each row's largest first
    place = np.arange(len(order)) - np.repeat(matrix.indptr[:-1], lengths)
    chosen = np.sort(order[place < kept])
    row_starts = np.concatenate([[0], np.cumsum(np.minimum(lengths, kept))])
    return sparse.csr_array((matrix.data[chosen], matrix.indices[chosen], row_starts), shape=matrix.shape)


def _placed(matrix: sparse.csr_array, items: Int64Array, n_items: int) -> sparse.csr_array:
    """A matrix of M items as one of the whole catalogue and padding, [N + 1, N + 1]."""
    lengths = np.zeros(n_items + 1, dtype=np.int64)
    lengths[items] = np.diff(matrix.indptr)
    row_starts = np.concatenate([[0], np.cumsum(lengths)])
    return sparse.csr_array((matrix.data, items[matrix.indices], row_starts), shape=(n_items + 1, n_items + 1))
