"""Items and what they share: attribute values and fact entities, each link weighted by how much it says."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from metarec_core.data.dataset import Attribute, Dataset, Float32Array, Int32Array, Int64Array

BoolArray = npt.NDArray[np.bool_]

FEWEST_ITEMS: Final = 2
"""Items a value must have: one of a single item links nothing."""


def relation_keys(dataset: Dataset) -> list[str]:
    """Attributes and relations in the order of ``value_columns``: ``attribute.genres``, ``fact.film.director`` …"""
    return [*(f"attribute.{name}" for name in dataset.attributes), *(f"fact.{name}" for name in dataset.facts)]


def item_values(dataset: Dataset, weights: Float32Array | None = None) -> sparse.csr_array:
    """Which values each item has, float32 [N + 1, V]; rows have length 1, or are empty where an item shares nothing.

    A value of ``df`` of the N items weighs log(N / df), so that a hub which half of all items have weighs .7, one of ten in ten
    thousand 7, and a value of all items is dropped. Each attribute and each relation then has equal say in an item's row,
    however many values the item has of it: measured, without that long lists (casts) drown out the rest. Unless weights say
    otherwise.

    Args:
        dataset: What is known of items.
        weights: float32 [R], what each attribute and relation counts, in the order of ``relation_keys``; 1 when not given.
    """
    named = [*dataset.attributes.values(), *dataset.facts.values()]
    blocks = [_scaled(_weighted(attribute, dataset.n_items)) for attribute in named]
    if not blocks:
        blocks = [sparse.csr_array(np.zeros((dataset.n_items + 1, 0), dtype=np.float32))]
    elif weights is not None:
        blocks = [block * weight for block, weight in zip(blocks, weights, strict=True)]
    together: sparse.csr_array = sparse.hstack(blocks, format="csr")
    together.eliminate_zeros()
    return _scaled(together)


def value_columns(dataset: Dataset) -> tuple[Int32Array, Int32Array]:
    """What the columns of ``item_values`` are.

    Returns:
        int32 [V], the place of the attribute or relation among ``[*attributes, *facts]``; int32 [V], the value's number in it.
    """
    named = [*dataset.attributes.values(), *dataset.facts.values()]
    linking = [_linking(attribute, dataset.n_items)[0] + 1 for attribute in named]
    places = [np.full(len(numbers), place) for place, numbers in enumerate(linking)]
    empty = np.zeros(0, dtype=np.int32)
    return (
        np.concatenate([empty, *places]).astype(np.int32),
        np.concatenate([empty, *linking]).astype(np.int32),
    )


def value_weights(dataset: Dataset) -> Float32Array:
    """What each column of ``item_values`` weighs before its relation is scaled, float32 [V]."""
    named = [*dataset.attributes.values(), *dataset.facts.values()]
    weights = [_linking(attribute, dataset.n_items)[1] for attribute in named]
    return np.concatenate([np.zeros(0, dtype=np.float32), *weights])


def value_rows(
    has: BoolArray, places: Int32Array, weights: Float32Array, counted: Float32Array | None = None
) -> Float32Array:
    """Rows as ``item_values`` would have them for items that have other values, float32 [B, C].

    Args:
        has: bool [B, C], which of some columns each item has; what it has in others is taken for nothing.
        places: int32 [C], the columns' attributes or relations, from ``value_columns``.
        weights: float32 [C], theirs, from ``value_weights``.
        counted: float32 [R], what each attribute and relation counts; 1 when not given.
    """
    rows = np.where(has, weights, np.float32(0))
    for place in np.unique(places):
        own = places == place
        lengths = np.linalg.norm(rows[:, own], axis=1, keepdims=True)
        said = np.divide(rows[:, own], lengths, out=np.zeros_like(rows[:, own]), where=lengths > 0)
        rows[:, own] = said if counted is None else said * counted[place]
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Float32Array = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return scaled


def _linking(attribute: Attribute, n_items: int) -> tuple[Int64Array, Float32Array]:
    """Columns (value numbers less 1) of the values that link items, and what each weighs."""
    counts = np.bincount(attribute.value_numbers - 1, minlength=len(attribute.vocabulary))
    linking = np.flatnonzero((counts >= FEWEST_ITEMS) & (counts < n_items))
    return linking, np.log(n_items / counts[linking]).astype(np.float32)


def _weighted(attribute: Attribute, n_items: int) -> sparse.csr_array:
    ones = np.ones(len(attribute.value_numbers), dtype=np.float32)
    shape = (n_items + 1, len(attribute.vocabulary))
    incidence = sparse.csr_array((ones, attribute.value_numbers - 1, attribute.offsets), shape=shape)
    linking, weights = _linking(attribute, n_items)
    return sparse.csr_array(incidence[:, linking] @ sparse.diags_array(weights))


def _scaled(matrix: sparse.csr_array) -> sparse.csr_array:
    """The same rows, each of length 1 unless it is empty."""
    lengths = np.sqrt(matrix.multiply(matrix).sum(axis=1))
    scale = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return sparse.csr_array(sparse.diags_array(scale) @ matrix)
