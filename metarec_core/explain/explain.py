"""Explain one recommendation: take the score apart, and test on the model itself what is said about it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from metarec_core.explain import wording
from metarec_core.explain.breakdown import part_values, rank_of, score_row, with_evidence
from metarec_core.explain.effects import attention_of, attention_weights, effects_of, leave_one_out
from metarec_core.explain.explanation import Completeness, EventEffect, Explanation, Faithfulness, PartValue
from metarec_core.explain.faithfulness import faithfulness
from metarec_core.explain.history import History, history_of
from metarec_core.explain.paths import paths
from metarec_core.models.calibration import calibration_of
from metarec_core.models.metarec import SEQUENCE
from metarec_core.recommend.recommender import Recommender


def explain(recommender: Recommender, *, user_id: str, item_id: str, effects: bool = True) -> Explanation:
    """Why this user would be shown this item, recommended or not.

    Args:
        recommender: A run at work.
        user_id: For whom.
        item_id: Which item.
        effects: Whether to run the model again without each event, to test the attention by that, and to look for paths;
            without it an explanation is ready several times sooner.

    Raises:
        UnknownIdError: The user or the item is not in the data.
    """
    history = history_of(recommender, user_id)
    why = explain_history(recommender, history, user_id=user_id, item_id=item_id, effects=effects)
    return replace(why, paths=paths(recommender, user_id=user_id, item_id=item_id)) if effects else why


def explain_history(
    recommender: Recommender, history: History, *, user_id: str, item_id: str, effects: bool = True
) -> Explanation:
    """The same for any history, one that somebody thought up too.

    Args:
        recommender: A run at work.
        history: What the item would be recommended after.
        user_id: What the explanation says whose history it is.
        item_id: Which item.
        effects: As in ``explain``.

    Raises:
        UnknownIdError: The item is not in the data.
    """
    item = recommender.dataset.items.number(item_id)
    batch = history.whole()
    scored = score_row(recommender.scorer, batch)
    rank = rank_of(scored.total, item, history.had)
    parts = with_evidence(part_values(scored, item, history.had), recommender, batch, item)
    attention, heads = attention_of(recommender, batch)
    calibration = calibration_of(recommender.scorer)
    chance = None
    if calibration is not None and rank is not None:
        visible = scored.total.copy()
        visible[0, history.had] = -np.inf
        visible[0, 0] = -np.inf
        chance = float(calibration.probabilities(visible, np.array([[item]], dtype=np.int32))[0, 0])
    events, completeness, tested = _tested(recommender, history, item) if effects else ((), None, None)
    return Explanation(
        user_id=user_id,
        item_id=item_id,
        score=sum(part.value for part in parts),
        rank=rank,
        parts=tuple(_with_gradients(part, events, recommender) for part in parts),
        attention=attention,
        probability=chance,
        heads=heads,
        effects=events,
        completeness=completeness,
        faithfulness=tested,
    )


def _tested(
    recommender: Recommender, history: History, item: int
) -> tuple[tuple[EventEffect, ...], Completeness | None, Faithfulness | None]:
    real = leave_one_out(recommender, history, item)
    events, completeness = effects_of(recommender, history, item, real)
    weights = attention_weights(recommender, history.whole())
    tested = None if weights is None else faithfulness(recommender, history, item, weights, real)
    return events, completeness, tested


def _with_gradients(part: PartValue, events: tuple[EventEffect, ...], recommender: Recommender) -> PartValue:
    """The sequence part with its reason, which only gradients tell."""
    if part.name != SEQUENCE:
        return part
    shares = [(event.item_id, event.gradient) for event in events if event.gradient is not None]
    if not shares:
        return part
    shares.sort(key=lambda share: -share[1])
    return replace(part, reason=wording.sequence_reason(shares, recommender.title))
