"""Domain adaptation: meta-knowledge of one run on the data of another, beside what is learned there from more and more answers.

Meta-knowledge sees no ids, only how much is known and what each part says, so it can be taken elsewhere as long as the parts
are the same. The other run's test answers judge, all of them: the parts have not seen them, and neither has the k that comes
from elsewhere. A k that is learned there, from nothing or going on from the transferred one, learns from a share of half of the
users and is judged by the other half, both ways round, so that it too is judged by all answers and by none of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from metarec_core import metrics
from metarec_core.data.split import Split
from metarec_core.errors import InputError
from metarec_core.evaluation.bootstrap import Interval, bootstrap
from metarec_core.evaluation.lesson import (
    MOST_TAUGHT,
    Knowledge,
    enough_to_learn,
    fixed_weights,
    k_on,
    known_log_counts,
    learn,
    own_knowledge,
    teach,
)
from metarec_core.language import say
from metarec_core.models.metarec import MetaRec
from metarec_core.training.questions import Questions
from metarec_core.training.shortlists import Shortlists, gather_shortlists

Float64Array = npt.NDArray[np.float64]

SHARES: Final = (0.05, 0.1, 0.25, 0.5, 1.0)
"""Of the teaching answers, in ascending order."""

MOST_ASKED: Final = 10_000
"""Test questions that are asked."""


@dataclass(frozen=True)
class Taught:
    """k learned on the target.

    Attributes:
        answers: How many answers each half had to learn from.
        learned: Whether they were enough; with too few the fixed weights stay.
        ndcg: NDCG@10 with it.
        gain: Minus the fixed weights, paired.
    """

    answers: int
    learned: bool
    ndcg: Interval
    gain: Interval


@dataclass(frozen=True)
class Transfer:
    """What meta-knowledge from elsewhere is worth; while it is being measured, as far as it has come.

    Attributes:
        served: Whether the run it comes from serves with it; else it was learned from that run's test answers for this.
        questions, users: Of the target's test, which judge everything here.
        fixed: NDCG@10 of the target's fixed weights.
        moved: NDCG@10 with the transferred k.
        gain: The transferred k minus the fixed weights, paired.
        curve: k learned on the target from nothing, from more and more answers.
        adapted: The transferred k, gone on with from the same answers; with too few to learn from it stays as it came.
    """

    served: bool
    questions: int
    users: int
    fixed: Interval
    moved: Interval
    gain: Interval
    curve: tuple[Taught, ...] = ()
    adapted: tuple[Taught, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the transferred k is shown to rank better: the whole interval of its gain is above 0."""
        return self.gain.low is not None and self.gain.low > 0

    @property
    def share_done(self) -> float:
        return (1 + len(self.curve)) / (1 + len(SHARES))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, with the verdict; ``from_dict`` gives the same back."""
        return {**asdict(self), "accepted": self.accepted}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Transfer:
        curve, adapted = (
            tuple(
                Taught(t["answers"], t["learned"], Interval(**t["ndcg"]), Interval(**t["gain"]))
                for t in values.get(name, ())
            )
            for name in ("curve", "adapted")
        )
        known = {name: Interval(**values[name]) for name in ("fixed", "moved", "gain")}
        return cls(values["served"], values["questions"], values["users"], **known, curve=curve, adapted=adapted)


def transfer(
    source: tuple[MetaRec, Split, int],
    target: tuple[MetaRec, Split, int],
    draws: int,
    seed: int,
) -> Iterator[Transfer]:
    """Take meta-knowledge from one run to another.

    Args:
        source, target: Model (its parts fitted on the known events), split and longest history of each run.
        draws: Resamplings behind each interval.
        seed: Of all draws.

    Yields:
        The transfer as its curve grows; the last one is complete.

    Raises:
        InputError: The parts differ, or the source has too few answers to learn from.
    """
    (model, split, max_history), (there, there_split, there_history) = target, source
    require_same_parts(there, model)
    log_counts = known_log_counts(split)
    knowledge = own_knowledge(there)
    served = knowledge is not None
    if knowledge is None:
        asked = Questions(there_split.dataset, there_split.test, there_history)
        knowledge = teach(
            fixed_weights(there), there_split, asked.sample(MOST_TAUGHT, np.random.default_rng(seed)), seed
        )
    if knowledge is None:
        raise InputError(
            say(
                "The run to take meta-knowledge from works without it and has too few test answers to "
                "learn it now: choose another run."
            )
        )
    questions = Questions(split.dataset, split.test, max_history).sample(MOST_ASKED, np.random.default_rng(seed))
    lists = gather_shortlists(fixed_weights(model), questions)
    fixed = metrics.ndcg(lists.ranks, 10)
    moved = metrics.ndcg(lists.reranked(k_on(knowledge.with_counts(log_counts), lists)), 10)
    was, now, gain = bootstrap(np.stack([fixed, moved, moved - fixed], axis=1), draws, seed, lists.users)
    so_far = Transfer(served, len(questions), len(np.unique(lists.users)), was, now, gain)
    yield so_far

    def taught(share: float, start: Knowledge | None) -> Taught:
        ndcg, answers, learned = _learned_there(lists, log_counts, share, seed, start)
        own, more = bootstrap(np.stack([ndcg, ndcg - fixed], axis=1), draws, seed, lists.users)
        return Taught(answers, learned, own, more)

    for share in SHARES:
        curve, adapted = (*so_far.curve, taught(share, None)), (*so_far.adapted, taught(share, knowledge))
        so_far = replace(so_far, curve=curve, adapted=adapted)
        yield so_far


def require_same_parts(source: MetaRec, target: MetaRec) -> None:
    """Refuse to move meta-knowledge between runs whose parts differ.

    Raises:
        InputError: They do.
    """
    if source.part_names == target.part_names:
        return
    missing = [name for name in source.part_names if name not in target.part_names]
    extra = [name for name in target.part_names if name not in source.part_names]
    told = [say("lacks {parts}", parts=", ".join(missing))] if missing else []
    told += [say("also has {parts}", parts=", ".join(extra))] if extra else []
    raise InputError(
        say(
            "Meta-knowledge can only be taken to a run with the same parts; the other run {told}. Train "
            "both with the same parts.",
            told=say(" and ").join(told),
        )
    )


def _learned_there(
    lists: Shortlists, log_counts: npt.NDArray[np.float32], share: float, seed: int, start: Knowledge | None
) -> tuple[Float64Array, int, bool]:
    """NDCG@10 of each question under a k that others' answers taught, from nothing or from what was learned elsewhere; how
    many taught, and whether they were enough."""
    users, user = np.unique(lists.users, return_inverse=True)
    place = np.random.default_rng(seed).permutation(len(users))[user]
    half, ndcg = len(users) / 2, metrics.ndcg(lists.ranks, 10)
    answers, learned = [], True
    for judging, nearness in ((place < half, place - half), (place >= half, place)):
        teaching = ~judging & (nearness < share * half)
        answers.append(int(teaching.sum()))
        taught = lists.some(np.flatnonzero(teaching))
        knowledge = learn(taught, log_counts, seed, start)
        learned = learned and enough_to_learn(taught)
        if knowledge is not None:
            rows = np.flatnonzero(judging)
            judged = lists.some(rows)
            ndcg[rows] = metrics.ndcg(judged.reranked(k_on(knowledge, judged)), 10)
    return ndcg, min(answers), learned
