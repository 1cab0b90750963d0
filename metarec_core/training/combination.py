"""Which combination of the parts serves: with the network or without, with meta-knowledge or without.

The simpler one, unless more is shown to rank better on validation. A network that adds nothing under fixed weights may still
add where meta-knowledge knows when to trust it, so where it is in doubt both are tried to the end, and compared on answers
that no network of meta-knowledge has seen. Simpler than both together is either the other parts or the network alone: the one
that ranks better, so that no part alone ranks better than what serves.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from metarec_core import metrics
from metarec_core.models.meta import MetaKnowledge
from metarec_core.models.metarec import FIXED, PAIRWISE, SEPARABLE, SEQUENCE, MetaRec
from metarec_core.models.scorer import Float32Array
from metarec_core.models.separable import SeparableK
from metarec_core.training.episodes import users_play_new
from metarec_core.training.meta import Lesson, learn_meta, learn_separable
from metarec_core.training.questions import Questions
from metarec_core.training.shortlists import gather_shortlists
from metarec_core.training.threads import threads_worth_their_wait
from metarec_core.training.weights import Candidates, learn_weights, weights_of, worth
from metarec_core.training.worth import Worth, surely

Knowledge = TypeVar("Knowledge", SeparableK, MetaKnowledge)


@dataclass(frozen=True)
class Combination:
    """Parts with weights, and what was learned on top of them.

    Attributes:
        model: What serves: the best of the variants that is shown to be better than its fixed weights, or those.
        variants: The same parts with fixed weights, and with each kind of meta-knowledge that could be learned.
        learned: The verdict on each kind, ready for JSON.
        ndcg: float64 [Q], NDCG@10 of each question's answer by what serves, as a network says that has not seen it.
    """

    model: MetaRec
    variants: dict[str, MetaRec]
    learned: dict[str, dict[str, Any]]
    ndcg: npt.NDArray[np.float64]


@dataclass(frozen=True)
class NetworkVerdict:
    """Whether the network earned its place.

    Attributes:
        kept: Whether it is trusted at all.
        gain: What it adds to fixed weights, in NDCG@10 on validation.
        low: Lower end of that gain's 95% interval.
        alone: Whether it serves without the other parts, which rank worse together than it does.
        gain_with_meta: Where that was in doubt, what it adds where both have meta-knowledge; else None.
        low_with_meta: Lower end of that gain's 95% interval, over users; or None.
    """

    kept: bool
    gain: float
    low: float
    alone: bool = False
    gain_with_meta: float | None = None
    low_with_meta: float | None = None


def combine(
    model: MetaRec, candidates: Candidates, questions: Questions, log_counts: Float32Array, seed: int, *, meta: bool
) -> Generator[None, None, tuple[Combination, NetworkVerdict | None]]:
    """The combination that serves, and the verdict on the network, None where there is nothing to choose.

    Args:
        model: With the weights that rank best.
        candidates: ``gather`` of its parts.
        questions: Validation questions from which meta-knowledge is learned.
        log_counts: float32 [N + 1], log(1 + training events) of each item.
        seed: Of everything drawn.
        meta: Whether to learn meta-knowledge.

    Yields:
        Now and then, so that a long wait can be told of.
    """
    if SEQUENCE not in model.parts or len(model.parts) == 1:
        return (yield from _with_knowledge(model, questions, log_counts, seed, meta=meta)), None
    simple, gained = _without_network(model, candidates)
    yield None
    if gained.low > 0:
        found = yield from _with_knowledge(model, questions, log_counts, seed, meta=meta)
        return found, NetworkVerdict(True, gained.gain, gained.low)
    lone = model.with_k({name: 0.0 if name == SEQUENCE else -1.0 for name in model.parts})
    alone = candidates.ndcg(weights_of(lone)) > candidates.ndcg(weights_of(simple))
    simpler = yield from _with_knowledge(lone if alone else simple, questions, log_counts, seed, meta=meta)
    doubt = NetworkVerdict(alone, gained.gain, gained.low, alone)
    if not meta or model.k[SEQUENCE] == -1:
        return simpler, doubt
    found = yield from _with_knowledge(model, questions, log_counts, seed, meta=meta)
    more = found.ndcg - simpler.ndcg
    low = surely(more, questions.queries.user_numbers)
    if alone:
        return (found, replace(doubt, alone=False)) if low > 0 else (simpler, doubt)
    verdict = replace(doubt, kept=low > 0, gain_with_meta=float(more.mean()), low_with_meta=low)
    return found if verdict.kept else simpler, verdict


def _without_network(model: MetaRec, candidates: Candidates) -> tuple[MetaRec, Worth]:
    """The other parts with the weights that rank best, none for the network; and what it adds to them."""
    others = {name: part for name, part in model.parts.items() if name != SEQUENCE}
    few = candidates.of_parts(tuple(others))
    simple, _ = learn_weights(replace(model, parts=others), few)
    simple = replace(model, k={name: simple.k.get(name, -1.0) for name in model.parts})
    return simple, worth(model, simple, candidates)


def _with_knowledge(
    model: MetaRec, questions: Questions, log_counts: Float32Array, seed: int, *, meta: bool
) -> Generator[None, None, Combination]:
    """A model with the kind of meta-knowledge that ranks best, if one is shown to rank better than none."""
    if not meta:
        return Combination(model, {FIXED: model}, {}, np.zeros(0))
    shortlists = gather_shortlists(model, questions)
    yield None
    episodes = list(users_play_new(model, questions, log_counts, seed))
    with threads_worth_their_wait(products=0):
        separable = yield from _last(learn_separable(shortlists, log_counts, seed, episodes))
        pairwise = yield from _last(learn_meta(shortlists, log_counts, seed, episodes))
    verdicts = {SEPARABLE: separable.verdict, PAIRWISE: pairwise.verdict}
    learned = {name: dict(vars(verdict)) for name, verdict in verdicts.items()}
    variants = {FIXED: model}
    if separable.knowledge is not None:
        variants[SEPARABLE] = replace(model, separable=separable.knowledge)
    if pairwise.knowledge is not None:
        variants[PAIRWISE] = replace(model, meta=pairwise.knowledge)
    kept = [name for name, verdict in verdicts.items() if verdict.kept]
    if not kept:
        return Combination(model, variants, learned, metrics.ndcg(shortlists.ranks, 10))
    best = max(kept, key=lambda name: verdicts[name].gain)
    return Combination(variants[best], variants, learned, {SEPARABLE: separable.ndcg, PAIRWISE: pairwise.ndcg}[best])


def _last(lesson: Iterator[Lesson[Knowledge] | None]) -> Generator[None, None, Lesson[Knowledge]]:
    for step in lesson:
        if step is not None:
            return step
        yield None
    raise RuntimeError("meta-knowledge was learned without a verdict")
