"""How far each part is trusted: units without labels, then one number a part by what ranks best on validation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from metarec_core import metrics
from metarec_core.models import ranking
from metarec_core.models.metarec import MetaRec
from metarec_core.models.scorer import Float32Array
from metarec_core.training.questions import Questions
from metarec_core.training.search import Settings, coordinate_search

BEST_OF_EACH: Final = 60
"""Candidates each part brings to a question: what is first for the sum of parts is among the best of one of them."""

FACTORS: Final = (0.0, 0.25, 0.5, 0.7, 0.85, 1.2, 1.4, 2.0, 4.0)
"""What a step of the search multiplies one weight by."""

MOST_SWEEPS: Final = 6

QUESTIONS_PER_ABLATION: Final = 4_000
"""Questions by which the weights of a model with one part less are found, beginning at those of the whole."""

SWEEPS_PER_ABLATION: Final = 2


@dataclass(frozen=True)
class Candidates:
    """What the parts think of each question's answer, and of the other items that may come before it.

    Attributes:
        names: The parts, in the order of the last axis.
        items: int32 [Q, M], the answer first.
        values: float32 [Q, M, P], what each part says of them; 0 where hidden.
        hidden: bool [Q, M], seen items and repetitions.
        tops: float64 [P], mean over questions of the part's highest value among unseen items.
    """

    names: tuple[str, ...]
    items: npt.NDArray[np.int32]
    values: Float32Array
    hidden: npt.NDArray[np.bool_]
    tops: npt.NDArray[np.float64]

    def ranks(self, weights: Settings) -> npt.NDArray[np.float64]:
        """Rank of each answer, float64 [Q], when the parts are summed with one weight each; infinite where it was seen."""
        totals = self.values @ np.array([weights[name] for name in self.names], dtype=np.float32)
        totals[self.hidden] = -np.inf
        own = totals[:, :1]
        ranks = (totals > own).sum(axis=1) + ((totals == own).sum(axis=1) + 1) / 2
        return np.where(self.hidden[:, 0], np.inf, ranks)

    def sample(self, most: int) -> Candidates:
        """At most ``most`` of the questions, evenly spread."""
        rows = np.unique(np.linspace(0, len(self.items) - 1, min(most, len(self.items))).astype(np.int64))
        return replace(
            self,
            items=self.items[rows],
            values=self.values[rows],
            hidden=self.hidden[rows],
        )

    def of_parts(self, names: Sequence[str]) -> Candidates:
        """The same questions and candidates with the values of some of the parts."""
        places = [self.names.index(name) for name in names]
        return replace(self, names=tuple(names), values=self.values[:, :, places], tops=self.tops[places])

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
    tops = np.zeros(len(names))
    for block, batch in questions.blocks(len(names)):
        parts = [part.scores(batch) for part in model.parts.values()]
        seen = np.zeros(parts[0].shape, dtype=np.float32)
        questions.hide_seen(seen, block)
        best = []
        for place, part in enumerate(parts):
            visible = part + seen
            best.append(ranking.top_items(visible, kept))
            tops[place] += visible.max(axis=1).sum()
        others = np.sort(np.concatenate(best, axis=1), axis=1)
        items = np.concatenate([answers[block][:, None], others], axis=1)
        candidates[block] = items
        again = np.diff(others, axis=1, prepend=-1) == 0
        again |= others == items[:, :1]
        hidden[block] = np.isneginf(np.take_along_axis(seen, items, axis=1))
        hidden[block, 1:] |= again
        for place, part in enumerate(parts):
            values[block, :, place] = np.take_along_axis(part, items, axis=1)
    values[hidden] = 0.0
    return Candidates(names, candidates, values, hidden, tops / len(questions))


def learn_weights(
    model: MetaRec, candidates: Candidates, start: Settings | None = None, most_sweeps: int = MOST_SWEEPS
) -> tuple[MetaRec, dict[str, float]]:
    """The same parts with units and with the k that ranks best, and what that k, and each part alone, reach.

    The scale of all weights together ranks nothing; the largest is set to 1, its k to 0.

    Args:
        model: Its units and its k are not looked at.
        candidates: ``gather`` of its parts.
        start: Weights at which the search begins; equal ones when not given.
        most_sweeps: How often the search goes round all parts.

    Returns:
        The model, and NDCG@10 on the questions by "all" and by part.
    """
    units = {name: 1.0 / top if top > 0 else 1.0 for name, top in zip(candidates.names, candidates.tops, strict=True)}

    def ndcg(weights: Settings) -> float:
        return candidates.ndcg({name: weight * units[name] for name, weight in weights.items()})

    alone = {name: ndcg({other: float(other == name) for other in units}) for name in units}
    weights, best = coordinate_search(start or dict.fromkeys(units, 1.0), _moves, ndcg, most_sweeps)
    largest = max(weights.values())
    if largest <= 0:
        weights, largest = dict.fromkeys(units, 1.0), 1.0
    k = {name: weight / largest - 1.0 for name, weight in weights.items()}
    return MetaRec(model.n_items, model.parts, units, k), {"all": best, **alone}


@dataclass(frozen=True)
class Worth:
    """What a part adds to the others, in NDCG@10 on validation.

    Attributes:
        gain: Mean over questions.
        low: Lower end of its 95% interval.
    """

    gain: float
    low: float


def without_each(model: MetaRec, candidates: Candidates, names: Sequence[str]) -> Iterator[tuple[str, MetaRec, Worth]]:
    """For each of some parts, the others with the weights that rank best without it, and what it adds to them.

    Args:
        model: With its weights.
        candidates: ``gather`` of its parts.
        names: Which parts to do without.
    """
    asked = candidates.sample(QUESTIONS_PER_ABLATION)
    whole = metrics.ndcg(asked.ranks(weights_of(model)), 10)
    for left_out in names if len(model.parts) > 1 else ():
        parts = {name: part for name, part in model.parts.items() if name != left_out}
        start = {name: weight for name, weight in readable(model).items() if name != left_out}
        if not any(start.values()):
            start = dict.fromkeys(start, 1.0)
        smaller = replace(model, parts=parts)
        rest = asked.of_parts(tuple(parts))
        smaller, _ = learn_weights(smaller, rest, start, SWEEPS_PER_ABLATION)
        yield left_out, smaller, _worth(whole - metrics.ndcg(rest.ranks(weights_of(smaller)), 10))


def worth(model: MetaRec, simpler: MetaRec, candidates: Candidates) -> Worth:
    """What a model's weights add to those of a simpler one of the same parts."""
    more, less = (metrics.ndcg(candidates.ranks(weights_of(one)), 10) for one in (model, simpler))
    return _worth(more - less)


def weights_of(model: MetaRec) -> dict[str, float]:
    """What each part's own scores are multiplied by: unit times 1 + k."""
    return {name: model.units[name] * (1.0 + model.k[name]) for name in model.part_names}


def _worth(gain: npt.NDArray[np.float64]) -> Worth:
    return Worth(float(gain.mean()), float(gain.mean() - 1.96 * gain.std() / np.sqrt(len(gain))))


def _moves(_: str, weight: float) -> Sequence[float]:
    return [weight * factor for factor in FACTORS] if weight > 0 else [0.25, 0.5, 1.0]


def readable(model: MetaRec) -> dict[str, float]:
    """Weights as people read them: 1 + k of each part."""
    return {name: 1.0 + k for name, k in model.k.items()}
