"""How much items without events borrow, found in episodes in which items with events play new.

By NDCG alone no item without events would ever be shown: each is a risk, and the sum of all risks is what a catalogue lives of.
So it is decided what they may cost, and the strength is the largest that keeps to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from metarec_core import metrics
from metarec_core.models import ranking
from metarec_core.models.graph import GraphPart
from metarec_core.models.metarec import GRAPH, SEQUENCE, Block, MetaRec
from metarec_core.models.new_items import Lends, nearest
from metarec_core.models.scorer import Float32Array
from metarec_core.models.sequence import SequencePart
from metarec_core.training.questions import Questions
from metarec_core.training.seeding import numpy_generator

BoolArray = npt.NDArray[np.bool_]

EPISODES: Final = 3
"""How often other items play new."""

ONE_IN: Final = 10
"""One in so many items with events plays new in an episode."""

QUESTIONS: Final = 1_500
"""Validation questions an episode asks."""

STRENGTHS: Final = (0.0, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)


@dataclass(frozen=True)
class Borrowing:
    """What was found about borrowing, all of it NDCG@10 on validation with a tenth of the items playing new.

    Attributes:
        strength: What the mean of an item's lenders is multiplied by; 0 where nothing is borrowed.
        ndcg: Of all questions, by strength.
        found: Of those whose answer plays new, by strength.
    """

    strength: float
    ndcg: dict[str, float]
    found: dict[str, float]


def choose_borrowing(
    pretend: Callable[[BoolArray], MetaRec], able: BoolArray, questions: Questions, *, price: float, seed: int
) -> Borrowing:
    """The largest strength that costs no more than ``price`` of the best NDCG@10 of any.

    Args:
        pretend: The model with fixed weights as if some items, bool [N + 1], had no events: ``pretending``, strength 1.
        able: bool [N + 1], items that can play new.
        questions: Validation questions, whose answers the model's parts have not been fitted on.
        price: Share of NDCG@10.
        seed: Seed of who plays new.
    """
    sums = np.zeros((len(STRENGTHS), 2))
    asked = np.zeros(2)
    for episode in range(EPISODES):
        rng = numpy_generator(seed, "new items", episode)
        hidden = play_new(able, rng)
        some = questions.sample(QUESTIONS, rng)
        ranks = _ranks(pretend(hidden), some, hidden)
        answers_new = hidden[some.answers()]
        gains = metrics.ndcg(ranks, 10)
        sums += np.stack([gains.sum(axis=1), gains[:, answers_new].sum(axis=1)], axis=1)
        asked += len(some), answers_new.sum()
    ndcg, found = (sums / np.maximum(asked, 1)).T
    affordable = np.flatnonzero(ndcg >= (1.0 - price) * ndcg.max())
    by_strength = [f"{strength:g}" for strength in STRENGTHS]
    return Borrowing(
        strength=STRENGTHS[affordable.max()],
        ndcg=dict(zip(by_strength, ndcg.tolist(), strict=True)),
        found=dict(zip(by_strength, found.tolist(), strict=True)),
    )


def play_new(able: BoolArray, rng: np.random.Generator) -> BoolArray:
    """A tenth of the items that can, bool [N + 1]."""
    numbers = np.flatnonzero(able)
    hidden = np.zeros(len(able), dtype=bool)
    hidden[rng.choice(numbers, len(numbers) // ONE_IN, replace=False)] = True
    return hidden


def pretending(
    model: MetaRec,
    hidden: BoolArray,
    *,
    content: Float32Array,
    counts: npt.NDArray[np.int64],
    graph_without: Callable[[BoolArray], GraphPart],
    strength: float = 1.0,
) -> MetaRec:
    """The model as if ``hidden`` had no events: they are known by content, and borrow.

    Of what the memories know of other items, events of the hidden ones stay part.

    Args:
        model: Its parts were fitted on training events.
        hidden: bool [N + 1], items that play new.
        content: float32 [N + 1, D], by which items are near.
        counts: int64 [N + 1], training events of each item.
        graph_without: The graph part that has learned nothing about some items.
        strength: What the mean of an item's lenders is multiplied by.
    """
    lenders = nearest(content, hidden | (counts == 0)) * np.float32(strength)

    def unknowing(name: str, part: Block) -> Block:
        if isinstance(part, Lends):
            return part.lent(lenders)
        if name == SEQUENCE and isinstance(part, SequencePart):
            return part.as_new(hidden)
        return graph_without(hidden) if name == GRAPH else part

    return replace(model, parts={name: unknowing(name, part) for name, part in model.parts.items()})


def _ranks(model: MetaRec, questions: Questions, hidden: BoolArray) -> npt.NDArray[np.float64]:
    """The answers' ranks for each of ``STRENGTHS``, float64 [S, Q]; the model borrows with strength 1."""
    lent = [name for name, part in model.parts.items() if isinstance(part, Lends)]
    ranks = np.empty((len(STRENGTHS), len(questions)))
    answers = questions.answers()
    for block, batch in questions.blocks(len(model.parts) + 2):
        parts = model.retrieval_parts(batch)
        total = np.sum(list(parts.values()), axis=0)
        borrowed = np.sum([parts[name][:, hidden] for name in lent], axis=0) if lent else np.float32(0)
        own = total[:, hidden] - borrowed
        for row, strength in enumerate(STRENGTHS):
            total[:, hidden] = own + np.float32(strength) * borrowed
            questions.hide_seen(total, block)
            ranks[row, block] = ranking.ranks_of(total, answers[block])
    return ranks
