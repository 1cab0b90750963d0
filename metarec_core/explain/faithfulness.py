"""Does attention tell which events matter? Tested on the model itself, by taking events out and putting them back."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from metarec_core.explain.explanation import Badge, Curve, Faithfulness, Orders
from metarec_core.explain.history import History
from metarec_core.language import later, say
from metarec_core.models.variants import item_scores
from metarec_core.recommend.recommender import Recommender

Float64Array = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]

FEWEST: Final = 4
"""Attended events below which no order of them can be told from a random one."""

POINTS: Final = 10
"""Steps of a curve, at most."""

RANDOM_ORDERS: Final = 5

AGREES_CORRELATION, AGREES_RECOVERED = 0.5, 0.5
LEAST_CORRELATION, LEAST_RECOVERED = 0.2, 0.0

RULE: Final = later(
    "Agrees: the correlation with the real effects is {agrees} or more, and deleting events in order of attention goes at "
    "least half of the way from a random order to the order of effects; misleading: the correlation is below {least}, or there "
    "is none because attention or effects are the same for all events, or the order is no better than random; weak: anything "
    "in between, including where deleting events in any order makes no difference."
)

_NOTHING = 1e-5  # of the score's size: effects below it are rounding


def faithfulness(
    recommender: Recommender, history: History, item: int, attention: npt.NDArray[np.float32], effects: Float64Array
) -> Faithfulness | None:
    """Hold attention against what events really do for an item.

    Only events with attention take part; the others stay in the history.

    Args:
        recommender: With the model.
        history: The user's.
        item: Item number.
        attention: float32 [L] of the events the model sees.
        effects: float64 [L], ``leave_one_out`` of them.

    Returns:
        None with fewer than ``FEWEST`` attended events.

    Source: deletion and insertion, Petsiuk et al. 2018; scaled between the random and the best order as in Edin et al. 2025.
    """
    attended = np.flatnonzero(attention > 0)
    n = len(attended)
    if n < FEWEST:
        return None
    weights, real = attention[attended].astype(np.float64), effects[attended]
    random = np.random.default_rng(0)
    orders = [np.argsort(-weights, kind="stable"), np.argsort(weights, kind="stable"), np.argsort(-real, kind="stable")]
    orders += [random.permutation(n) for _ in range(RANDOM_ORDERS)]
    steps = np.unique(np.round(np.linspace(0, n, POINTS + 1)).astype(np.int64))
    places = history.seen[attended]
    out = np.stack([_first(order, steps) for order in orders])  # [orders, steps, n]
    left_out = np.zeros((2, *out.shape[:2], len(history.items)), dtype=bool)
    left_out[0, :, :, places] = np.moveaxis(out, -1, 0)
    left_out[1, :, :, places] = np.moveaxis(~out, -1, 0)
    rows = left_out.reshape(-1, len(history.items))
    scores = item_scores(recommender.scorer, history.without(rows), item).astype(np.float64)
    deletion, insertion = (_orders(half, steps) for half in scores.reshape(2, len(orders), len(steps)))
    noise = _NOTHING * max(1.0, float(np.abs(scores).max()))
    correlation = _spearman(weights, np.where(np.abs(real) > noise, np.abs(real), 0.0))
    reach = deletion.random.area - deletion.effect.area
    recovered = (deletion.random.area - deletion.attention.area) / reach if reach > noise else None
    return Faithfulness(
        badge=badge_of(correlation, recovered),
        rule=say(RULE, agrees=AGREES_CORRELATION, least=LEAST_CORRELATION),
        correlation=correlation,
        recovered=recovered,
        steps=tuple(steps.tolist()),
        deletion=deletion,
        insertion=insertion,
    )


def badge_of(correlation: float | None, recovered: float | None) -> Badge:
    """The badge by ``RULE``; what cannot be measured, because nothing makes a difference, is no agreement."""
    if correlation is None or recovered is None:
        return "misleading" if correlation is None else "weak"
    if correlation >= AGREES_CORRELATION and recovered >= AGREES_RECOVERED:
        return "agrees"
    return "misleading" if correlation < LEAST_CORRELATION or recovered <= LEAST_RECOVERED else "weak"


def _first(order: Int64Array, steps: Int64Array) -> npt.NDArray[np.bool_]:
    """Which events are among the first so many of an order, bool [steps, n]."""
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[None, :] < steps[:, None]


def _orders(scores: Float64Array, steps: Int64Array) -> Orders:
    """Curves of scores [orders, steps]: attention, reverse, effect, and the rest random."""
    attention, reverse, effect = (_curve(row, steps) for row in scores[:3])
    return Orders(attention, reverse, _curve(scores[3:].mean(axis=0), steps), effect)


def _curve(scores: Float64Array, steps: Int64Array) -> Curve:
    return Curve(tuple(scores.tolist()), float(np.trapezoid(scores, steps) / (steps[-1] - steps[0])))


def _spearman(a: Float64Array, b: Float64Array) -> float | None:
    """Rank correlation, ties sharing their mean rank; None where one of them is the same everywhere."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    from scipy.stats import rankdata  # here, for it takes half a second that no first page needs

    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1])
