"""How often an item was chosen, by anyone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metarec_core.data.dataset import Interactions
from metarec_core.models.batch import Batch

Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Popularity:
    """The same score for everyone: log(1 + events of the item).

    Attributes:
        log_counts: float32 [N + 1]; 0 for padding.
    """

    log_counts: Float32Array

    @property
    def n_items(self) -> int:
        return len(self.log_counts) - 1

    def scores(self, batch: Batch) -> Float32Array:
        """float32 [B, N + 1]."""
        return np.tile(self.log_counts, (len(batch), 1))

    def state(self) -> dict[str, np.ndarray]:
        return {"log_counts": self.log_counts}

    @classmethod
    def from_state(cls, state: Mapping[str, np.ndarray]) -> Popularity:
        return cls(state["log_counts"])


def fit_popularity(interactions: Interactions) -> Popularity:
    """Count events."""
    counts = np.bincount(interactions.item_numbers, minlength=interactions.n_items + 1)
    return Popularity(np.log1p(counts).astype(np.float32))
