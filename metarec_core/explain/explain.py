"""Explain one recommendation: take the score apart, and test on the model itself what is said about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from metarec_core.explain import wording
from metarec_core.explain.breakdown import part_values, rank_of, score_row, with_evidence
from metarec_core.explain.effects import attention_of, attention_weights, effects_of, gradients_of, leave_one_out
from metarec_core.explain.explanation import EventEffect, Explanation, Faithfulness, PartValue
from metarec_core.explain.faithfulness import faithfulness
from metarec_core.explain.history import History, history_of
from metarec_core.explain.paths import paths
from metarec_core.models.batch import Batch
from metarec_core.models.calibration import calibration_of
from metarec_core.models.metarec import SEQUENCE
from metarec_core.recommend.recommender import Recommender


def explain(
    recommender: Recommender, *, user_id: str, item_id: str, effects: bool = True, tests: bool = True
) -> Explanation:
    """Why this user would be shown this item, recommended or not.

    Args:
        recommender: A run at work.
        user_id: For whom.
        item_id: Which item.
        effects: Whether to run the model again without each event, to test the attention by that, and to look for paths;
            without it an explanation is ready several times sooner.
        tests: Whether the model is run again and attention tested; if not, there are gradients and paths alone, which is
            all that the parts' reasons need, in half the time.

    Raises:
        UnknownIdError: The user or the item is not in the data.
    """
    history = history_of(recommender, user_id)
    why = explain_history(recommender, history, user_id=user_id, item_id=item_id, effects=effects, tests=tests)
    return replace(why, paths=paths(recommender, user_id=user_id, item_id=item_id)) if effects else why


def explain_history(
    recommender: Recommender,
    history: History,
    *,
    user_id: str,
    item_id: str,
    effects: bool = True,
    tests: bool = True,
) -> Explanation:
    """The same for any history, one that somebody thought up too.

    Args:
        recommender: A run at work.
        history: What the item would be recommended after.
        user_id: What the explanation says whose history it is.
        item_id: Which item.
        effects, tests: As in ``explain``.

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
    gradients, completeness = gradients_of(recommender, history, item) if effects else ([], None)
    events, tested = _tested(recommender, history, item, gradients) if effects and tests else ((), None)
    return Explanation(
        user_id=user_id,
        item_id=item_id,
        score=sum(part.value for part in parts),
        rank=rank,
        parts=tuple(_with_gradients(part, gradients, recommender, batch) for part in parts),
        attention=attention,
        probability=chance,
        heads=heads,
        effects=events,
        completeness=completeness,
        faithfulness=tested,
    )


def _tested(
    recommender: Recommender, history: History, item: int, gradients: Sequence[float | None]
) -> tuple[tuple[EventEffect, ...], Faithfulness | None]:
    real = leave_one_out(recommender, history, item)
    events = effects_of(recommender, history, real, gradients)
    weights = attention_weights(recommender, history.whole())
    return events, None if weights is None else faithfulness(recommender, history, item, weights, real)


def _with_gradients(
    part: PartValue, gradients: Sequence[float | None], recommender: Recommender, batch: Batch
) -> PartValue:
    """The sequence part with its reason, which only gradients tell."""
    if part.name != SEQUENCE:
        return part
    items = recommender.dataset.items
    shares = [
        (items.id(int(batch.history[0, place])), gradient)
        for place, gradient in enumerate(gradients)
        if gradient is not None
    ]
    if not shares:
        return part
    shares.sort(key=lambda share: -share[1])
    return replace(part, reason=wording.sequence_reason(shares, recommender.title))
