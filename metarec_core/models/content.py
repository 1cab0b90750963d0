"""What items are like: vectors that came with them, from their text, their facts, or elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def of_length_one(vectors: Float32Array) -> Float32Array:
    """Vectors [N + 1, D] scaled to length 1; zeros stay zeros."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Float32Array = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return scaled


def side_by_side(n_items: int, sources: Iterable[Float32Array]) -> Float32Array:
    """What several sources say of items, each with equal say in how alike two are; float32 [N + 1, D], D = 0 without any."""
    return np.concatenate([np.zeros((n_items + 1, 0), np.float32), *map(of_length_one, sources)], axis=1)


def directions_of_modes(modes: Mapping[str, Float32Array]) -> Float32Array | None:
    """Vectors that other encoders made of items (images, audio …), as content: float32 [N + 1, D] of length 1, or zeros.

    What all items of a mode have in common is taken out first: such vectors lie in a narrow cone, where all are alike.

    Args:
        modes: float32 [N + 1, D] each, rows of zeros where an item has none.

    Source: centring as in Mu and Viswanath 2018, "All-but-the-Top", section 2.
    """
    centred = []
    for vectors in modes.values():
        has = vectors.any(axis=1, keepdims=True)
        centred.append((vectors - vectors.sum(axis=0) / max(int(has.sum()), 1)) * has)
    return of_length_one(side_by_side(len(centred[0]) - 1, centred)) if centred else None
