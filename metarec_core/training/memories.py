"""Choosing how the memories remember: settings that rank best on validation, found with memories of training events only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from metarec_core.data.dataset import Interactions
from metarec_core.models.content import ContentPart
from metarec_core.models.memory import (
    LARGEST_EASE,
    ItemMemory,
    fit_cooccurrence,
    fit_regression,
    fit_transition,
    transition_counts,
)
from metarec_core.models.metarec import COOCCURRENCE, REGRESSION, TRANSITION, Part
from metarec_core.models.scorer import Float32Array
from metarec_core.training.questions import Questions
from metarec_core.training.search import Settings, coordinate_search

DECAYS: Final = (0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0)

TRANSITION_START: Final = {"decay": 0.7, "target_power": 0.3, "source_power": 0.5}
TRANSITION_VALUES: Final = {
    "decay": DECAYS,
    "target_power": (0.0, 0.1, 0.2, 0.3, 0.5),
    "source_power": (0.3, 0.5, 0.7, 1.0),
}

REGRESSION_DECAYS: Final = (0.8, 0.9, 0.95)

L2_PER_EVENT: Final = 8.0
"""Shrinkage of EASE and of the regression for each event that an item has on average: dense logs want more of it."""

L2_FACTORS: Final = (0.5, 1.0, 2.0)
EASY_EASE: Final = 5_000
"""Items up to which EASE is so quick to fit that other shrinkages are tried too."""


@dataclass(frozen=True)
class Memory:
    """A kind of memory.

    Attributes:
        choose: Settings that rank best on validation, and the memory of training events with them.
        fit: A memory of some events, with given settings.
    """

    choose: Callable[[Interactions, Questions], tuple[dict[str, float], ItemMemory]]
    fit: Callable[[Interactions, Settings], ItemMemory]


def usual_l2(events: Interactions) -> float:
    """Shrinkage of EASE and of the regression that suits a log as dense as this one."""
    return L2_PER_EVENT * events.n_events / max(events.n_items, 1)


def usual_decay(events: Interactions, fastest: float, slowest: float) -> float:
    """How much an event still counts when the next has come: long histories are forgotten slowly, short ones fast.

    Two divided by a user's mean number of events is forgotten with each event, within the bounds.
    """
    mean_length = events.n_events / max(int(np.count_nonzero(events.lengths())), 1)
    return min(max(1.0 - 2.0 / max(mean_length, 1.0), fastest), slowest)


def _choose_transition(train: Interactions, questions: Questions) -> tuple[dict[str, float], ItemMemory]:
    counts = transition_counts(train)

    def ndcg(settings: Settings) -> float:
        return questions.ndcg(_transition(train, settings, counts).scores)

    best, _ = coordinate_search(TRANSITION_START, lambda name, _: TRANSITION_VALUES[name], ndcg, most_sweeps=2)
    return best, _transition(train, best, counts)


def _transition(events: Interactions, settings: Settings, counts: sparse.csr_array | None = None) -> ItemMemory:
    return fit_transition(
        events,
        source_power=settings["source_power"],
        target_power=settings["target_power"],
        decay=settings["decay"],
        counts=counts,
    )


def _choose_cooccurrence(train: Interactions, questions: Questions) -> tuple[dict[str, float], ItemMemory]:
    tried: list[tuple[float, dict[str, float], ItemMemory]] = []
    for factor in L2_FACTORS if train.n_items <= EASY_EASE else (1.0,):
        l2 = factor * usual_l2(train)
        fitted = fit_cooccurrence(train, l2=l2)
        for decay in DECAYS:
            memory = fitted.with_decay(decay)
            tried.append((questions.ndcg(memory.scores), {"l2": l2, "decay": decay}, memory))
    _, settings, memory = max(tried, key=lambda one: one[0])
    return settings, memory


def _choose_regression(train: Interactions, questions: Questions) -> tuple[dict[str, float], ItemMemory]:
    l2 = usual_l2(train)
    decays: Sequence[float] = REGRESSION_DECAYS
    if train.n_items > EASY_EASE:  # one fit takes a minute
        decays = (usual_decay(train, REGRESSION_DECAYS[0], REGRESSION_DECAYS[-1]),)
    memories = {decay: fit_regression(train, l2=l2, decay=decay) for decay in decays}
    best = max(decays, key=lambda decay: questions.ndcg(memories[decay].scores)) if len(decays) > 1 else decays[0]
    return {"l2": l2, "decay": best}, memories[best]


def usual_ease(train: Interactions, parts: Mapping[str, Part], settings: Mapping[str, Settings]) -> ItemMemory | None:
    """The cooccurrence part, where its matrix is that of EASE with the usual shrinkage; None where it is not."""
    memory = parts.get(COOCCURRENCE)
    if not isinstance(memory, ItemMemory) or train.n_items > LARGEST_EASE:
        return None
    return memory if settings[COOCCURRENCE]["l2"] == usual_l2(train) else None


def choose_content(vectors: Float32Array, questions: Questions) -> dict[str, float]:
    """How fast a taste for content fades: the decay of a ``ContentPart`` that ranks best on validation."""
    part = ContentPart(vectors)
    return {"decay": max(DECAYS, key=lambda decay: questions.ndcg(part.with_decay(decay).scores))}


MEMORIES: Final[Mapping[str, Memory]] = {
    TRANSITION: Memory(_choose_transition, _transition),
    COOCCURRENCE: Memory(
        _choose_cooccurrence,
        lambda events, settings: fit_cooccurrence(events, l2=settings["l2"], decay=settings["decay"]),
    ),
    REGRESSION: Memory(
        _choose_regression,
        lambda events, settings: fit_regression(events, l2=settings["l2"], decay=settings["decay"]),
    ),
}
