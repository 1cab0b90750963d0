"""How far each part is trusted: units without labels, then one number a part by what ranks best on validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from metarec_core import metrics
from metarec_core.models.metarec import MetaRec
from metarec_core.models.scorer import Float32Array
from metarec_core.training.questions import Questions
from metarec_core.training.search import Settings, coordinate_search

BEST_OF_EACH: Final = 100
"""Candidates each part brings to a question: what is first for the sum of parts is among the best of one of them."""

FACTORS: Final = (0.0, 0.25, 0.5, 0.7, 0.85, 1.2, 1.4, 2.0, 4.0)
"""What a step of the search multiplies one weight by."""

MOST_SWEEPS: Final = 6


@dataclass(frozen=True)
class Candidates:
    """What the parts think of each question's answer, and of the other items that may come before it.

    Attributes:
        names: The parts, in the order of the last axis.
        items: int32 [Q, M], the answer first.
        values: float32 [Q, M, P], what each part says of them; 0 where hidden.
        hidden: bool [Q, M], seen items and repetitions.
        tops: float64 [P], mean over questions of the part's highest value among unseen items.
        lengths: int32 [Q], length of each question's history.
        last_items: int32 [Q], its last item, 0 without one.
    """

    names: tuple[str, ...]
    items: npt.NDArray[np.int32]
    values: Float32Array
    hidden: npt.NDArray[np.bool_]
    tops: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.int32]
    last_items: npt.NDArray[np.int32]

    def ranks(self, weights: Settings) -> npt.NDArray[np.float64]:
        """Rank of each answer, float64 [Q], when the parts are summed with one weight each; infinite where it was seen."""
        totals = self.values @ np.array([weights[name] for name in self.names], dtype=np.float32)
        totals[self.hidden] = -np.inf
        own = totals[:, :1]
        ranks = (totals > own).sum(axis=1) + ((totals == own).sum(axis=1) + 1) / 2
        return np.where(self.hidden[:, 0], np.inf, ranks)

    def weighted(self, model: MetaRec, most: int) -> Candidates:
        """At most ``most`` of the questions, with the values that the parts have under the model's units and k."""
        rows = np.unique(np.linspace(0, len(self.items) - 1, min(most, len(self.items))).astype(np.int64))
        factors = [model.units[name] * (1.0 + model.k[name]) for name in self.names]
        return Candidates(
            self.names,
            self.items[rows],
            self.values[rows] * np.array(factors, dtype=np.float32),
            self.hidden[rows],
            self.tops * factors,
            self.lengths[rows],
            self.last_items[rows],
        )

    def ndcg(self, weights: Settings) -> float:
        return float(metrics.ndcg(self.ranks(weights), 10).mean())


def gather(model: MetaRec, questions: Questions) -> Candidates:
    """Ask every part of a model every question.

    Args:
        model: Its units and its k are not looked at.
        questions: Whose answers the parts have not been fitted on.
    """
    names = model.part_names
    answers = questions.answers()
    kept = min(BEST_OF_EACH, model.n_items)
    values = np.empty((len(questions), 1 + kept * len(names), len(names)), dtype=np.float32)
    hidden = np.empty(values.shape[:2], dtype=bool)
    candidates = np.empty(values.shape[:2], dtype=np.int32)
    lengths = np.empty(len(questions), dtype=np.int32)
    last_items = np.empty(len(questions), dtype=np.int32)
    tops = np.zeros(len(names))
    for block, batch in questions.blocks(len(names)):
        parts = [part.scores(batch) for part in model.parts.values()]
        seen = np.zeros(parts[0].shape, dtype=np.float32)
        questions.hide_seen(seen, block)
        best = []
        for place, part in enumerate(parts):
            visible = part + seen
            best.append(np.argpartition(-visible, kept - 1, axis=1)[:, :kept])
            tops[place] += visible.max(axis=1).sum()
        others = np.sort(np.concatenate(best, axis=1), axis=1)
        items = np.concatenate([answers[block][:, None], others], axis=1)
        candidates[block] = items
        lengths[block], last_items[block] = batch.lengths, batch.last_items()
        again = np.diff(others, axis=1, prepend=-1) == 0
        again |= others == items[:, :1]
        hidden[block] = np.isneginf(np.take_along_axis(seen, items, axis=1))
        hidden[block, 1:] |= again
        for place, part in enumerate(parts):
            values[block, :, place] = np.take_along_axis(part, items, axis=1)
    values[hidden] = 0.0
    return Candidates(names, candidates, values, hidden, tops / len(questions), lengths, last_items)


def learn_weights(model: MetaRec, candidates: Candidates) -> tuple[MetaRec, dict[str, float]]:
    """The same parts with units and with the k that ranks best, and what that k, and each part alone, reach.

    The search begins at equal weights. The scale of all weights together ranks nothing; the largest is set to 1, its k to 0.

    Args:
        model: Its units and its k are not looked at.
        candidates: ``gather`` of its parts.

    Returns:
        The model, and NDCG@10 on the questions by "all" and by part.
    """
    units = {name: 1.0 / top if top > 0 else 1.0 for name, top in zip(candidates.names, candidates.tops, strict=True)}

    def ndcg(weights: Settings) -> float:
        return candidates.ndcg({name: weight * units[name] for name, weight in weights.items()})

    alone = {name: ndcg({other: float(other == name) for other in units}) for name in units}
    weights, best = coordinate_search(dict.fromkeys(units, 1.0), _moves, ndcg, MOST_SWEEPS)
    largest = max(weights.values())
    if largest <= 0:
        weights, largest = dict.fromkeys(units, 1.0), 1.0
    k = {name: weight / largest - 1.0 for name, weight in weights.items()}
    return MetaRec(model.n_items, model.parts, units, k), {"all": best, **alone}


def _moves(_: str, weight: float) -> Sequence[float]:
    return [weight * factor for factor in FACTORS] if weight > 0 else [0.25, 0.5, 1.0]


def readable(model: MetaRec) -> dict[str, float]:
    """Weights as people read them: 1 + k of each part."""
    return {name: 1.0 + k for name, k in model.k.items()}
