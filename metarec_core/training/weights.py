"""How far each part is trusted: units without labels, then one number a part by what ranks best on validation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from metarec_core import metrics
from metarec_core.models import ranking
from metarec_core.models.metarec import MetaRec
from metarec_core.training.questions import Questions
from metarec_core.training.rivals import Rivals
from metarec_core.training.search import Settings, coordinate_search
from metarec_core.training.worth import Worth, worth_of

BEST_OF_EACH: Final = 60
"""Candidates each part brings to a question: what is first for the sum of parts is among the best of one of them."""

FACTORS: Final = (0.0, 0.25, 0.5, 0.7, 0.85, 1.2, 1.4, 2.0, 4.0)
"""What a step of the search multiplies one weight by."""

MOST_SWEEPS: Final = 6

QUESTIONS_PER_ABLATION: Final = 4_000
"""Questions by which a model is compared with itself with one part less, the weights of both found on them."""

SWEEPS_PER_ABLATION: Final = 2


@dataclass(frozen=True)
class Candidates:
    """What the parts think of each question's answer, and of the other items that may come before it.

    Attributes:
        rivals: Those items, Q questions long.
        tops: float64 [P], mean over questions of each part's highest value among unseen items.
        users: int32 [Q], whose question it is.
    """

    rivals: Rivals
    tops: npt.NDArray[np.float64]
    users: npt.NDArray[np.int32]

    @property
    def names(self) -> tuple[str, ...]:
        """The parts."""
        return self.rivals.names

    def ranks(self, weights: Settings) -> npt.NDArray[np.float64]:
        """Rank of each answer, float64 [Q], when the parts are summed with one weight each; infinite where it was seen."""
        return self.rivals.ranks(weights)

    def ndcg(self, weights: Settings) -> float:
        """Mean NDCG@10 of the answers."""
        return self.rivals.ndcg(weights)

    def sample(self, most: int) -> Candidates:
        """At most ``most`` of the questions, evenly spread."""
        n = len(self.users)
        rows = np.unique(np.linspace(0, n - 1, min(most, n)).astype(np.int64))
        return replace(self, rivals=self.rivals.sample(rows), users=self.users[rows])

    def of_parts(self, names: Sequence[str]) -> Candidates:
        """The same questions and candidates with the values of some of the parts."""
        places = [self.names.index(name) for name in names]
        return replace(self, rivals=self.rivals.of_parts(names), tops=self.tops[places])


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
        again = np.diff(others, axis=1, prepend=-1) == 0
        again |= others == items[:, :1]
        hidden[block] = np.isneginf(np.take_along_axis(seen, items, axis=1))
        hidden[block, 1:] |= again
        for place, part in enumerate(parts):
            values[block, :, place] = np.take_along_axis(part, items, axis=1)
    rivals = Rivals.of(names, values, hidden)
    return Candidates(rivals, tops / len(questions), questions.queries.user_numbers)


def learn_weights(
    model: MetaRec, candidates: Candidates, start: Settings | None = None, most_sweeps: int = MOST_SWEEPS
) -> tuple[MetaRec, dict[str, float]]:
    """The same parts with units and with the k that ranks best, and what that k, and each part alone, reach.

    The search climbs twice, from the given weights and from the best part alone, so that no part alone ranks better than what
    it finds. The scale of all weights together ranks nothing; the largest is set to 1, its k to 0.

    Args:
        model: Its units and its k are not looked at.
        candidates: ``gather`` of its parts.
        start: Weights at which one of the two climbs begins; equal ones when not given.
        most_sweeps: How often the search goes round all parts.

    Returns:
        The model, and NDCG@10 on the questions by "all" and by part.
    """
    units = {name: 1.0 / top if top > 0 else 1.0 for name, top in zip(candidates.names, candidates.tops, strict=True)}

    def scaled(weights: Settings) -> dict[str, float]:
        return {name: weight * units[name] for name, weight in weights.items()}

    def ndcg(weights: Settings) -> float:
        return candidates.ndcg(scaled(weights))

    def along(weights: Settings, name: str) -> Callable[[float], float]:
        of_weight = candidates.rivals.along(scaled(weights), name)
        return lambda weight: of_weight(weight * units[name])

    lone = {name: {other: float(other == name) for other in units} for name in units}
    alone = {name: ndcg(weights) for name, weights in lone.items()}
    starts = start or dict.fromkeys(units, 1.0), lone[max(alone, key=lambda name: alone[name])]
    climbs = [coordinate_search(one, _moves, ndcg, most_sweeps, along) for one in starts]
    weights, best = max(climbs, key=lambda climb: climb[1])
    largest = max(weights.values())
    if largest <= 0:
        weights, largest = dict.fromkeys(units, 1.0), 1.0
    k = {name: weight / largest - 1.0 for name, weight in weights.items()}
    return MetaRec(model.n_items, model.parts, units, k), {"all": best, **alone}


def without_each(model: MetaRec, candidates: Candidates, names: Sequence[str]) -> Iterator[tuple[str, MetaRec, Worth]]:
    """For each of some parts, the others with the weights that rank best without it, and what it adds to them.

    Whole and rest are searched alike, on the same questions and as far, each from the weights of the whole: where one had been
    searched further, the difference would be the search's.

    Args:
        model: With its weights.
        candidates: ``gather`` of its parts.
        names: Which parts to do without.
    """
    asked = candidates.sample(QUESTIONS_PER_ABLATION)
    own = readable(model)
    searched, _ = learn_weights(model, asked, own, SWEEPS_PER_ABLATION)
    whole = metrics.ndcg(asked.ranks(weights_of(searched)), 10)
    for left_out in names if len(model.parts) > 1 else ():
        parts = {name: part for name, part in model.parts.items() if name != left_out}
        start = {name: weight for name, weight in own.items() if name != left_out}
        if not any(start.values()):
            start = dict.fromkeys(start, 1.0)
        smaller = replace(model, parts=parts)
        rest = asked.of_parts(tuple(parts))
        smaller, _ = learn_weights(smaller, rest, start, SWEEPS_PER_ABLATION)
        gain = whole - metrics.ndcg(rest.ranks(weights_of(smaller)), 10)
        yield left_out, smaller, worth_of(gain, rest.users)


def worth(model: MetaRec, simpler: MetaRec, candidates: Candidates) -> Worth:
    """What a model's weights add to those of a simpler one of the same parts."""
    more, less = (metrics.ndcg(candidates.ranks(weights_of(one)), 10) for one in (model, simpler))
    return worth_of(more - less, candidates.users)


def weights_of(model: MetaRec) -> dict[str, float]:
    """What each part's own scores are multiplied by: unit times 1 + k."""
    return {name: model.units[name] * (1.0 + model.k[name]) for name in model.part_names}


def _moves(_: str, weight: float) -> Sequence[float]:
    return [weight * factor for factor in FACTORS] if weight > 0 else [0.25, 0.5, 1.0]


def readable(model: MetaRec) -> dict[str, float]:
    """Weights as people read them: 1 + k of each part."""
    return {name: 1.0 + k for name, k in model.k.items()}
