"""What items are like: vectors that came with them, from their text, their facts, or elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from metarec_core.models.batch import Batch

Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ContentPart:
    """Items alike to the decayed mean of a history. Needs no events of an item, so new items are scored too.

    Attributes:
        vectors: float32 [N + 1, D], of length 1, or zeros where nothing is known of an item; row 0 is zeros.
        decay: Weight of an event, to the power of its age rank.
    """

    vectors: Float32Array
    decay: float = 0.7

    @property
    def n_items(self) -> int:
        return len(self.vectors) - 1

    def user_vectors(self, batch: Batch) -> Float32Array:
        """The decayed mean of each history, of length 1; zeros where nothing is known of it. float32 [B, D]."""
        weights = np.where(batch.ages() >= 0, np.float32(self.decay) ** np.maximum(batch.ages(), 0), np.float32(0))
        taste = np.einsum("bl,bld->bd", weights, self.vectors[batch.history], optimize=True)
        taste /= np.maximum(np.linalg.norm(taste, axis=1, keepdims=True), np.float32(1e-9))
        found: Float32Array = taste
        return found

    def item_vectors(self) -> Float32Array:
        return self.vectors

    def scores(self, batch: Batch) -> Float32Array:
        """Cosine with the history's mean, float32 [B, N + 1]; zeros for histories of which nothing is known."""
        scores: Float32Array = self.user_vectors(batch) @ self.vectors.T
        return scores

    def with_decay(self, decay: float) -> ContentPart:
        return replace(self, decay=decay)

    def state(self) -> dict[str, np.ndarray]:
        return {"vectors": self.vectors, "decay": np.array([self.decay], dtype=np.float64)}

    @classmethod
    def from_state(cls, state: Mapping[str, np.ndarray]) -> ContentPart:
        return cls(state["vectors"], float(state["decay"][0]))
