"""Meta-knowledge to look at, and questions that it has not learned from.

Where a run serves with meta-knowledge, that is it, learned on validation; all test questions may judge it. Where the run
refused its own, another is learned for looking only, from the test answers of half of the users; the other half judges it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from metarec_core.data.split import Split
from metarec_core.models.meta import MetaKnowledge
from metarec_core.models.metarec import MetaRec
from metarec_core.models.popularity import fit_popularity
from metarec_core.models.separable import SeparableK, item_features
from metarec_core.training.questions import Questions
from metarec_core.training.shortlists import Shortlists, gather_shortlists

Float32Array = npt.NDArray[np.float32]
Knowledge = MetaKnowledge | SeparableK

MOST_TAUGHT: Final = 5_000
"""Test questions from which meta-knowledge is learned for looking."""

MOST_JUDGED: Final = 2_000
"""Test questions by which it is judged."""


@dataclass(frozen=True)
class Lesson:
    """What was learned when to trust which part, and who may judge it.

    Attributes:
        fixed: The model with the best fixed weights alone.
        knowledge: On top of them; None where there was too little to learn from.
        served: Whether the run itself recommends with it.
        taught: How many test answers it was learned from; 0 where it is the run's own, learned on validation.
        judged: Test questions that it has not learned from.
    """

    fixed: MetaRec
    knowledge: Knowledge | None
    served: bool
    taught: int
    judged: Questions

    @property
    def whole(self) -> MetaRec:
        """The fixed weights with the knowledge on top."""
        if isinstance(self.knowledge, SeparableK):
            return replace(self.fixed, separable=self.knowledge)
        return replace(self.fixed, meta=self.knowledge)


def fixed_weights(model: MetaRec) -> MetaRec:
    """The model without k of users and items: what meta-knowledge must beat."""
    return replace(model, separable=None, meta=None)


def own_knowledge(model: MetaRec) -> Knowledge | None:
    """What a model serves with beyond fixed weights; None where it has nothing."""
    return model.meta if model.meta is not None else model.separable


def lesson(model: MetaRec, split: Split, max_history: int, seed: int) -> Lesson:
    """The run's own meta-knowledge, or another for looking.

    Args:
        model: Of the run, its parts fitted on ``split.known``.
        split: The run's.
        max_history: Longest history the model looks at.
        seed: Of the draw of users and questions, and of what is learned.
    """
    questions, rng = Questions(split.dataset, split.test, max_history), np.random.default_rng(seed)
    fixed, own = fixed_weights(model), own_knowledge(model)
    if own is not None:
        return Lesson(fixed, own, True, 0, questions.sample(MOST_JUDGED, rng))
    teaching, judging = halves(questions, seed)
    teaching, judging = teaching.sample(MOST_TAUGHT, rng), judging.sample(MOST_JUDGED, rng)
    return Lesson(fixed, teach(fixed, split, teaching, seed), False, len(teaching), judging)


def halves(questions: Questions, seed: int) -> tuple[Questions, Questions]:
    """The questions of half of the users, drawn without looking, and those of the others."""
    users, user = np.unique(questions.queries.user_numbers, return_inverse=True)
    first = (np.random.default_rng(seed).permutation(len(users)) < len(users) / 2)[user]
    return some(questions, np.flatnonzero(first)), some(questions, np.flatnonzero(~first))


def some(questions: Questions, rows: npt.NDArray[np.int64]) -> Questions:
    """Those in some rows."""
    return replace(questions, queries=questions.queries.some(rows))


def known_log_counts(split: Split) -> Float32Array:
    """log(1 + events) of each item before the test, float32 [N + 1]."""
    return fit_popularity(split.known).log_counts


def teach(fixed: MetaRec, split: Split, questions: Questions, seed: int) -> Knowledge | None:
    """Learn k(u, i) from the answers to some test questions, whether or not it is better; None with too few."""
    log_counts = known_log_counts(split)
    return learn(gather_shortlists(fixed, questions), log_counts, seed)


def enough_to_learn(lists: Shortlists) -> bool:
    """Whether there are so many listed answers that a network does not learn them by heart."""
    from metarec_core.training.meta import FEWEST_ANSWERS

    return int((lists.place >= 0).sum()) >= FEWEST_ANSWERS


def learn(lists: Shortlists, log_counts: Float32Array, seed: int, start: Knowledge | None = None) -> Knowledge | None:
    """The same from shortlists that are there already, from nothing or going on from what was learned elsewhere."""
    from metarec_core.training.meta import learn_meta, learn_separable

    steps: Iterable[Any]
    if isinstance(start, SeparableK):
        steps = learn_separable(lists, log_counts, seed, start=start)
    else:
        steps = learn_meta(lists, log_counts, seed, start=start)
    for step in steps:
        if step is not None:
            knowledge: Knowledge | None = step.knowledge
            return knowledge
    raise RuntimeError("meta-knowledge was learned without a verdict")


def k_on(knowledge: Knowledge, lists: Shortlists) -> Float32Array:
    """k of each shortlisted item and part, float32 [Q, M, P]."""
    if isinstance(knowledge, MetaKnowledge):
        return knowledge.k(lists.values, lists.items, lists.lengths, lists.last_items)
    users = knowledge.user_factors(lists.lengths, lists.last_items)[:, None, :]
    rho = np.float32(knowledge.trust)
    items = 1 + rho * knowledge.items(item_features(knowledge.log_counts[lists.items]))
    k: Float32Array = users * items - 1
    return k
