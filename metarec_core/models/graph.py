"""What kinds of items lead to what kinds: a directed map between what graph vectors say of a history and of what comes next.

It knows items by their values only, so an item without any event is scored like all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from metarec_core.data.dataset import Interactions
from metarec_core.models.batch import Batch
from metarec_core.models.memory import moments

Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_BLOCK = 65_536  # moments whose histories lie in memory as dense vectors at once


@dataclass(frozen=True)
class GraphPart:
    """Score of item i after history H: Σ over j in H of decay^age(j) · z_j · M · z_i, so each event has its exact share.

    Attributes:
        vectors: float32 [N + 1, D], z: of length 1, or zeros where nothing is known of an item; row 0 is zeros.
        leads: float32 [D, D], M.
        decay: Weight of an event, to the power of its age rank.
        entities: float32 [V, D], the values that ``vectors`` are sums of (``Axes.values``): what turns a score into paths.
            [0, 0] where they were not kept.
        relations: float32 [R], what each attribute and relation counts in ``vectors``; [0] where all the same.
    """

    vectors: Float32Array
    leads: Float32Array
    decay: float
    entities: Float32Array = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    relations: Float32Array = field(default_factory=lambda: np.zeros(0, dtype=np.float32))

    @property
    def n_items(self) -> int:
        return len(self.vectors) - 1

    def user_vectors(self, batch: Batch) -> Float32Array:
        """Where each history leads, float32 [B, D]; zeros where nothing is known of it."""
        led: Float32Array = batch.decayed(self.decay, self.n_items) @ self.vectors @ self.leads
        return led

    def item_vectors(self) -> Float32Array:
        return self.vectors

    def scores(self, batch: Batch) -> Float32Array:
        """float32 [B, N + 1]; zeros for histories of which nothing is known."""
        scores: Float32Array = self.user_vectors(batch) @ self.vectors.T
        return scores

    def state(self) -> dict[str, np.ndarray]:
        state: dict[str, np.ndarray] = {"vectors": self.vectors, "leads": self.leads}
        if self.entities.size:
            state["entities"] = self.entities
        if self.relations.size:
            state["relations"] = self.relations
        return {**state, "decay": np.array([self.decay], dtype=np.float64)}

    @classmethod
    def from_state(cls, state: Mapping[str, np.ndarray]) -> GraphPart:
        part = cls(state["vectors"], state["leads"], float(state["decay"][0]))
        empty = part.relations
        part = replace(part, entities=state["entities"]) if "entities" in state else part
        return replace(part, relations=state.get("relations", empty))


@dataclass(frozen=True)
class Steps:
    """All steps of a log, summed up as far as a map between vectors needs them.

    Attributes:
        vectors: float32 [N + 1, D].
        decay: Weight of older events of a history.
        before: float64 [D, D], Σ h hᵀ over all decayed histories h.
        next: float32 [N + 1, D], Σ h over the histories after which each item came.
    """

    vectors: Float32Array
    decay: float
    before: Float64Array
    next: Float32Array

    def part(self, *, ridge: float = 1e-4, known: BoolArray | None = None) -> GraphPart:
        """The map whose scores come nearest to 1 for the item that came and 0 for all others.

        min over M of ‖Y − H M Zᵀ‖², with the histories H, the items Z, and Y = 1 where an item came, in closed form: M =
        (HᵀH + λI)⁻¹ HᵀYZ (ZᵀZ + μI)⁻¹.

        Args:
            ridge: λ and μ, as shares of the traces of what they are added to.
            known: bool [N + 1], items that may be learned about; others are left out as if they had never come.

        Source: Romera-Paredes and Torr 2015, "An embarrassingly simple approach to zero-shot learning", section 3.
        """
        items = self.vectors if known is None else self.vectors * known[:, None]
        came = (self.next.T @ items).astype(np.float64)
        among = (items.T @ items).astype(np.float64)
        if not (np.trace(self.before) > 0 and np.trace(among) > 0):
            return GraphPart(self.vectors, np.zeros(came.shape, dtype=np.float32), self.decay)
        leads = np.linalg.solve(_with_ridge(self.before, ridge), came)
        leads = np.linalg.solve(_with_ridge(among, ridge), leads.T).T
        return GraphPart(self.vectors, np.ascontiguousarray(leads, dtype=np.float32), self.decay)


def sum_steps(interactions: Interactions, vectors: Float32Array, *, decay: float = 0.8, window: int = 50) -> Steps:
    """Go through a log once.

    Args:
        interactions: What to learn from.
        vectors: float32 [N + 1, D], of length 1 or zeros.
        decay: Weight of older events, in learning as in use.
        window: Longest history looked at.
    """
    histories, came = moments(interactions, decay, window)
    before = np.zeros((vectors.shape[1], vectors.shape[1]), dtype=np.float64)
    following = np.zeros_like(vectors)
    for start in range(0, histories.shape[0], _BLOCK):
        tastes = histories[start : start + _BLOCK] @ vectors[1:]
        before += tastes.T @ tastes
        following[1:] += came[start : start + _BLOCK].T @ tastes
    return Steps(vectors, decay, before, following)


def fit_graph(interactions: Interactions, vectors: Float32Array, entities: Float32Array | None = None) -> GraphPart:
    """The graph part of a log; ``entities`` are kept with it."""
    part = sum_steps(interactions, vectors).part()
    return part if entities is None else replace(part, entities=entities)


def _with_ridge(gram: Float64Array, share: float) -> Float64Array:
    steadied: Float64Array = gram + share * np.trace(gram) * np.eye(len(gram))
    return steadied
