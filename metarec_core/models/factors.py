"""Matrix factorisation for what was only chosen, never rated: iALS, by the package implicit where it is installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from metarec_core.data.dataset import Interactions
from metarec_core.models.batch import Batch
from metarec_core.models.memory import user_item

Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ItemFactors:
    """Item vectors, and the rule that finds a user's vector from a history alone: a new user is just another row.

    Attributes:
        factors: float32 [N + 1, F]; row 0, padding, is zeros.
        confidence: How much more an item that was chosen says than one that was not.
        l2: Shrinkage of user vectors.
    """

    factors: Float32Array
    confidence: float
    l2: float

    @property
    def n_items(self) -> int:
        return len(self.factors) - 1

    def user_vectors(self, batch: Batch) -> Float32Array:
        """float32 [B, F].

        Source: Hu, Koren and Volinsky 2008, "Collaborative Filtering for Implicit Feedback Datasets", eq. 4.
        """
        items = np.sort(batch.history, axis=1)
        items[:, 1:][items[:, 1:] == items[:, :-1]] = 0  # each item once
        chosen = self.factors[items]  # [B, L, F]
        gram = self.factors.T @ self.factors + np.float32(self.l2) * np.eye(self.factors.shape[1], dtype=np.float32)
        gram = gram + np.float32(self.confidence - 1.0) * (chosen.transpose(0, 2, 1) @ chosen)  # [B, F, F]
        wanted = np.float32(self.confidence) * chosen.sum(axis=1)
        vectors: Float32Array = np.linalg.solve(gram, wanted[:, :, None])[:, :, 0]
        return vectors

    def scores(self, batch: Batch) -> Float32Array:
        """float32 [B, N + 1]."""
        scores: Float32Array = self.user_vectors(batch) @ self.factors.T
        return scores

    def state(self) -> dict[str, np.ndarray]:
        return {"factors": self.factors, "confidence": np.array([self.confidence]), "l2": np.array([self.l2])}

    @classmethod
    def from_state(cls, state: Mapping[str, np.ndarray]) -> ItemFactors:
        return cls(state["factors"], float(state["confidence"][0]), float(state["l2"][0]))


def fit_ials(
    interactions: Interactions,
    *,
    seed: int,
    n_factors: int = 64,
    confidence: float = 4.0,
    l2: float = 1.0,
    iterations: int = 15,
) -> ItemFactors:
    """Alternating least squares on who chose what; what a user did not choose counts as a weak no.

    Raises:
        ImportError: The package implicit is not installed.

    Source: Hu et al. 2008; Takács et al. 2011 for the conjugate gradient steps of implicit.
    """
    from implicit.cpu.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):  # as implicit asks for: its own threads and those of BLAS block each other
        model = AlternatingLeastSquares(
            factors=n_factors, alpha=confidence, regularization=l2, iterations=iterations, random_state=seed
        )
        model.fit(sparse.csr_matrix(user_item(interactions)), show_progress=False)
    factors = np.array(model.item_factors)
    factors[0] = 0.0
    return ItemFactors(factors, confidence, l2)
