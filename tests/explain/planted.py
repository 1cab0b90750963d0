"""A model whose cause is known: an item's score is what certain events add to it, and attention may tell which or lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from metarec_core.models.batch import Batch
from metarec_core.models.scorer import Scores
from metarec_core.recommend.recommender import Recommender
from tests.small_world import dataset

CAUSES = [f"c{number}" for number in range(20)]
TARGET = "target"
ITEMS = [*CAUSES, TARGET, "rival", "spare"]


@dataclass(frozen=True)
class Planted:
    """Each cause adds its weight to the target's score when it is in the history; the rival has a fixed one.

    Attributes:
        weights: Of the items in ``ITEMS``, 0 where an item is no cause.
        looks: Where the encoder says it looked, by item; the weights themselves when it tells the truth.
        rival: Score of the rival.
    """

    weights: np.ndarray
    looks: np.ndarray
    rival: float = 1.0
    part_names: tuple[str, ...] = ("planted",)

    @property
    def n_items(self) -> int:
        return len(ITEMS)

    def score(self, batch: Batch) -> Scores:
        added = np.append(0, self.weights)[batch.history].sum(axis=1)
        scores = np.zeros((len(batch), len(ITEMS) + 1), dtype=np.float32)
        scores[:, 1 + ITEMS.index(TARGET)] = added
        scores[:, 1 + ITEMS.index("rival")] = self.rival
        return Scores({"planted": scores})

    def attention(self, batch: Batch) -> np.ndarray:
        looked = np.append(0, self.looks)[batch.history].astype(np.float64)
        return (looked / np.maximum(looked.sum(axis=1, keepdims=True), 1e-9)).astype(np.float32)

    def state(self) -> Mapping[str, np.ndarray]:
        return {"weights": self.weights}


def planted(weights: dict[str, float], looks: np.ndarray | None = None, rival: float = 1.0) -> Recommender:
    """One user, ``eve``, who has had all causes in order, and ``ned``, who has had nothing but the spare item."""
    strength = np.array([weights.get(item, 0.0) for item in ITEMS])
    scorer = Planted(strength, strength if looks is None else looks, rival)
    items = pd.DataFrame({"item_id": ITEMS, "title": [item.capitalize() for item in ITEMS]})
    return Recommender(dataset({"eve": CAUSES, "ned": ["spare"]}, ITEMS), scorer, items, max_history=50)
