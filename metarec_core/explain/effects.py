"""What each past event really does for an item: the whole model run again without it, and gradients beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from metarec_core.explain.breakdown import time_text, trust_of
from metarec_core.explain.explanation import AttentionWeight, Completeness, EventEffect
from metarec_core.explain.history import History
from metarec_core.models.batch import Batch
from metarec_core.models.metarec import SEQUENCE, MetaRec
from metarec_core.models.variants import item_scores
from metarec_core.recommend.recommender import Recommender

Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]


@runtime_checkable
class Attends(Protocol):
    """A model that can say where its encoder looked."""

    def attention(self, batch: Batch) -> Float32Array | None:
        """Attention of the last state over the history, float32 [B, L]; rows sum to 1 over real events."""


def leave_one_out(recommender: Recommender, history: History, item: int) -> Float64Array:
    """The item's score minus its score without each event the model sees, float64 [L]; all variants in one batch.

    Nothing is held fixed: ages, meta-knowledge, and an older event that comes into sight are those of the shorter history.
    """
    seen = history.seen
    left_out = np.zeros((1 + len(seen), len(history.items)), dtype=bool)
    left_out[1 + np.arange(len(seen)), seen] = True
    scores = item_scores(recommender.scorer, history.without(left_out), item).astype(np.float64)
    effects: Float64Array = scores[0] - scores[1:]
    return effects


def attention_weights(recommender: Recommender, batch: Batch) -> Float32Array | None:
    """Where the encoder looked, float32 [L], oldest event first; None for models without attention."""
    scorer = recommender.scorer
    weights = scorer.attention(batch) if isinstance(scorer, Attends) else None
    return None if weights is None else weights[0, : int(batch.lengths[0])]


def attention_of(recommender: Recommender, batch: Batch) -> tuple[tuple[AttentionWeight, ...], tuple[str, ...]]:
    """Attention with its events, oldest first, and the names of its heads where there are several."""
    weights = attention_weights(recommender, batch)
    if weights is None:
        return (), ()
    heads = _heads(recommender, batch)
    data = recommender.dataset
    events = tuple(
        AttentionWeight(
            data.items.id(int(batch.history[0, place])),
            time_text(data, int(batch.times[0, place])),
            float(weight),
            tuple(float(head[place]) for head in heads.values()),
        )
        for place, weight in enumerate(weights)
    )
    return events, tuple(heads)


def effects_of(
    recommender: Recommender, history: History, effects: Float64Array, gradients: Sequence[float | None]
) -> tuple[EventEffect, ...]:
    """Real effects and gradients of the events that the model sees, oldest first.

    Args:
        recommender: With the model.
        history: The user's.
        effects: ``leave_one_out`` of them.
        gradients: ``gradients_of`` them.
    """
    data = recommender.dataset
    return tuple(
        EventEffect(
            item_id=data.items.id(int(history.items[place])),
            time=time_text(data, int(history.times[place])),
            effect=float(effect),
            gradient=gradient,
        )
        for place, effect, gradient in zip(history.seen.tolist(), effects, gradients, strict=True)
    )


def gradients_of(
    recommender: Recommender, history: History, item: int
) -> tuple[list[float | None], Completeness | None]:
    """What each event that the model sees adds to the sequence part of a score, oldest first, and how well that adds up; None
    for events that its network does not see, and without one."""
    scorer, n = recommender.scorer, len(history.seen)
    if not isinstance(scorer, MetaRec) or SEQUENCE not in scorer.parts or n == 0:
        return [None] * n, None
    from metarec_core.models.gradients import integrated_gradients

    batch = history.whole()
    trust = trust_of(recommender, scorer, batch, item)
    place = scorer.part_names.index(SEQUENCE)
    weight = scorer.units[SEQUENCE] * (1.0 + scorer.k[SEQUENCE]) * float(trust.factors[place])
    found = integrated_gradients(scorer.parts[SEQUENCE], batch, item)  # type: ignore[arg-type]
    shares = [
        weight * float(share) if seen else None for share, seen in zip(found.shares[:n], found.seen[:n], strict=True)
    ]
    total = weight * float(found.shares.sum(dtype=np.float64))
    return shares, Completeness(weight * found.value, weight * found.start, total, found.residual)


def _heads(recommender: Recommender, batch: Batch) -> dict[str, Float32Array]:
    scorer = recommender.scorer
    if not isinstance(scorer, MetaRec) or SEQUENCE not in scorer.parts or not batch.lengths[0]:
        return {}
    from metarec_core.models.heads import head_weights

    return head_weights(scorer.parts[SEQUENCE], batch)  # type: ignore[arg-type]
