"""Items and what they share: attribute values and fact entities, each link weighted by how much it says."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import sparse

from metarec_core.data.dataset import Attribute, Dataset

FEWEST_ITEMS: Final = 2
"""Items a value must have: one of a single item links nothing."""


def item_values(dataset: Dataset) -> sparse.csr_array:
    """Which values each item has, float32 [N + 1, V]; rows have length 1, or are empty where an item shares nothing.

    A value of ``df`` of the N items weighs log(N / df), so that a hub which half of all items have weighs .7, one of ten in ten
    thousand 7, and a value of all items is dropped. Each attribute and each relation then has equal say in an item's row,
    however many values the item has of it: measured, without that long lists (casts) drown out the rest.
    """
    named = [*dataset.attributes.values(), *dataset.facts.values()]
    blocks = [_scaled(_weighted(attribute, dataset.n_items)) for attribute in named]
    if not blocks:
        blocks = [sparse.csr_array(np.zeros((dataset.n_items + 1, 0), dtype=np.float32))]
    together: sparse.csr_array = sparse.hstack(blocks, format="csr")
    return _scaled(together)


def _weighted(attribute: Attribute, n_items: int) -> sparse.csr_array:
    ones = np.ones(len(attribute.value_numbers), dtype=np.float32)
    shape = (n_items + 1, len(attribute.vocabulary))
    incidence = sparse.csr_array((ones, attribute.value_numbers - 1, attribute.offsets), shape=shape)
    counts = np.bincount(attribute.value_numbers - 1, minlength=shape[1])
    linking = np.flatnonzero((counts >= FEWEST_ITEMS) & (counts < n_items))
    weights = np.log(n_items / counts[linking]).astype(np.float32)
    return sparse.csr_array(incidence[:, linking] @ sparse.diags_array(weights))


def _scaled(matrix: sparse.csr_array) -> sparse.csr_array:
    """The same rows, each of length 1 unless it is empty."""
    lengths = np.sqrt(matrix.multiply(matrix).sum(axis=1))
    scale = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return sparse.csr_array(sparse.diags_array(scale) @ matrix)
