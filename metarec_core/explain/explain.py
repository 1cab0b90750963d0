"""Explain one recommendation: read the model's own parts and attention, add nothing."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pandas as pd

from metarec_core.data.dataset import Dataset
from metarec_core.explain.explanation import AttentionWeight, Explanation, PartValue
from metarec_core.models import ranking
from metarec_core.models.batch import Batch, user_batch
from metarec_core.models.calibration import calibration_of
from metarec_core.recommend.recommender import Recommender


@runtime_checkable
class Attends(Protocol):
    """A model that can say where its encoder looked."""

    def attention(self, batch: Batch) -> npt.NDArray[np.float32] | None:
        """Attention of the last state over the history, float32 [B, L]; rows sum to 1 over real events."""


@runtime_checkable
class Corrects(Protocol):
    """A model that knows which parts to trust for a pair of a user and an item."""

    def corrections(self, batch: Batch) -> dict[str, npt.NDArray[np.float32]]:
        """How much of each part's score that is, float32 [B, N + 1]."""


def explain(recommender: Recommender, *, user_id: str, item_id: str) -> Explanation:
    """Why this user would be shown this item, recommended or not.

    Raises:
        UnknownIdError: The user or the item is not in the data.
    """
    data = recommender.dataset
    user = data.users.numbers([user_id])
    item = np.array([data.items.number(item_id)], dtype=np.int32)
    batch = user_batch(data, user, recommender.max_history)
    scores = recommender.scorer.score(batch)
    visible = scores.total
    ranking.hide_seen(visible, data, data.events.offsets[user], data.events.offsets[user.astype(np.int64) + 1])

    def rank(total: npt.NDArray[np.float32]) -> int | None:
        """Place of the item in the list as it would be shown, ties in order of item number."""
        own = total[0, item[0]]
        if np.isneginf(own):
            return None
        return int((total[0] > own).sum() + (total[0, : item[0]] == own).sum()) + 1

    values = {name: float(part[0, item[0]]) for name, part in scores.parts.items()}
    corrections = recommender.scorer.corrections(batch) if isinstance(recommender.scorer, Corrects) else {}
    parts = tuple(
        PartValue(
            name,
            values[name],
            rank(visible - scores.parts[name]) if len(values) > 1 else None,
            float(corrections[name][0, item[0]]) if name in corrections else 0.0,
        )
        for name in values
    )
    place = rank(visible)
    calibration = calibration_of(recommender.scorer)
    chance = None
    if calibration is not None and place is not None:
        chance = float(calibration.probabilities(visible, item[:, None])[0, 0])
    return Explanation(
        user_id=user_id,
        item_id=item_id,
        score=sum(values.values()),
        rank=place,
        parts=parts,
        attention=_attention(recommender, batch),
        probability=chance,
    )


def _attention(recommender: Recommender, batch: Batch) -> tuple[AttentionWeight, ...]:
    if not isinstance(recommender.scorer, Attends):
        return ()
    weights = recommender.scorer.attention(batch)
    if weights is None:
        return ()
    n = int(batch.lengths[0])
    return tuple(
        AttentionWeight(
            recommender.dataset.items.id(int(number)), _time_text(recommender.dataset, int(time)), float(weight)
        )
        for number, time, weight in zip(batch.history[0, :n], batch.times[0, :n], weights[0, :n], strict=True)
    )


def _time_text(dataset: Dataset, time: int) -> str:
    return pd.Timestamp(time, unit="s", tz="UTC").isoformat() if dataset.has_clock_times else str(time)
