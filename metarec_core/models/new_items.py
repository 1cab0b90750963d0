"""Items without events borrow from the items nearest to them in content what others learned from events.

Memories and counts know nothing of an item that nobody has chosen, and an item that nobody is shown is never chosen. So such
an item gets a weighted mean of what its nearest items have. A mean is flatter than its terms; a strength makes up for that.

Source: Gantner et al. 2010, "Learning Attribute-to-Feature Mappings for Cold-Start Recommendations", section 4.1 (kNN mapping).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt
from scipy import sparse

from metarec_core.data.dataset import Interactions
from metarec_core.models.content import of_length_one

Float32Array = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]
Int64Array = npt.NDArray[np.int64]

NEAREST: Final = 30
"""Items that each new item borrows from."""

_BLOCK: Final = 2_048  # new items whose similarities to all others lie in memory at once


@runtime_checkable
class Lends(Protocol):
    """A part that knows items by their events only, so that new items must borrow."""

    def lent(self, lenders: sparse.csr_array) -> Self:
        """The same part in which each item with a row in ``lenders`` has the sum of what those items have, times the weights.

        Args:
            lenders: float32 [N + 1, N + 1], from ``nearest``.
        """


@dataclass(frozen=True)
class Lending:
    """What a run's new items borrow.

    Attributes:
        strength: What the mean of an item's lenders is multiplied by; 0 where borrowing cost more than its price.
        new: bool [N + 1], items that the model has no events of: they borrow, the others lend.
    """

    strength: float
    new: BoolArray

    @classmethod
    def of(cls, strength: float, known: Interactions) -> Lending:
        """Of a model that was fitted on ``known`` events."""
        return cls(strength, np.bincount(known.item_numbers, minlength=known.n_items + 1) == 0)


def nearest(
    content: Float32Array, new: BoolArray, most: int = NEAREST, borrowers: Int64Array | None = None
) -> sparse.csr_array:
    """From which items each new item borrows, and how much: squared cosine of their content, adding up to 1.

    Args:
        content: float32 [N + 1, D], rows of any length; zeros where nothing is known of an item.
        new: bool [N + 1], items that borrow; the others lend. Padding does neither.
        most: Lenders of one item, at most.
        borrowers: int64 [B], the new items that are asked about; all of them when not given.

    Returns:
        float32 [N + 1, N + 1]; rows of items that are not new, or like no other, are empty.
    """
    directions = of_length_one(content)
    known = np.flatnonzero(directions[1:].any(axis=1)) + 1
    lenders = known[~new[known]]
    borrowers = known[new[known] & (True if borrowers is None else np.isin(known, borrowers))]
    most = min(most, len(lenders))
    rows, columns, weights = [], [], []
    for start in range(0, len(borrowers) if most else 0, _BLOCK):
        block = borrowers[start : start + _BLOCK]
        alike = directions[block] @ directions[lenders].T
        chosen = np.argpartition(-alike, most - 1, axis=1)[:, :most]
        near = np.maximum(np.take_along_axis(alike, chosen, axis=1), 0) ** 2
        sums = near.sum(axis=1, keepdims=True)
        rows.append(np.repeat(block, most))
        columns.append(lenders[chosen].ravel())
        weights.append(np.divide(near, sums, out=np.zeros_like(near), where=sums > 0).ravel())
    shape = (len(content), len(content))
    if not rows:
        return sparse.csr_array(sparse.coo_array(shape, dtype=np.float32))
    pairs = np.concatenate(rows), np.concatenate(columns)
    found: sparse.csr_array = sparse.coo_array((np.concatenate(weights), pairs), shape=shape).tocsr()
    found.eliminate_zeros()
    return found
