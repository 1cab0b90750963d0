"""Where items lie in the graph: the main axes of the values they have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from metarec_core.data.dataset import Float32Array

MOST_DIMENSIONS: Final = 512

FUSED_AXES: Final = 64
"""Axes by which items are compared where other content has a say too, and that the sequence part sees."""

_NOISE = 1e-4  # of a row's length: below it what is left of a row on the axes is rounding


@dataclass(frozen=True)
class Axes:
    """Items and values on the main axes of a catalogue, the largest axis first: ``items = item_values @ values``.

    Attributes:
        items: float32 [N + 1, D]; row 0 is zeros.
        values: float32 [V, D], columns of length 1.
    """

    items: Float32Array
    values: Float32Array


def graph_axes(values: sparse.csr_array, dimensions: int = MOST_DIMENSIONS) -> Axes:
    """Truncated SVD of items × values: items with values of one kind come near each other even where they share none.

    Args:
        values: ``item_values`` of a catalogue.
        dimensions: At most this many axes.
    """
    from sklearn.utils.extmath import randomized_svd

    dimensions = min(dimensions, *values.shape)
    if dimensions == 0 or values.nnz == 0:
        return Axes(np.zeros((values.shape[0], 0), np.float32), np.zeros((values.shape[1], 0), np.float32))
    # Sought among the values (transpose=True), so that items are what their values sum to, to rounding and on every axis.
    left, sizes, right = randomized_svd(values, dimensions, n_iter=2, random_state=0, transpose=True)
    return Axes(np.ascontiguousarray(left * sizes, dtype=np.float32), np.ascontiguousarray(right.T, dtype=np.float32))


def graph_vectors(axes: Float32Array, dimensions: int) -> Float32Array:
    """Items on the first axes, float32 [N + 1, D], of length 1, or zeros where nothing is known of an item."""
    kept = axes[:, :dimensions]
    lengths = np.linalg.norm(kept, axis=1, keepdims=True)
    vectors: Float32Array = np.divide(kept, lengths, out=np.zeros_like(kept), where=lengths > _NOISE)
    return vectors
