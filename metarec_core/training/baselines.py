"""Simple models that a trained one must beat: each one part, with settings that follow from the data by a rule.

They live beside the training of the model because some learn as it does. torch is loaded only for those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from types import MappingProxyType
from typing import Final

import numpy as np

from metarec_core.data.dataset import Dataset, Interactions
from metarec_core.errors import ConfigError
from metarec_core.language import say
from metarec_core.models.batch import Batch
from metarec_core.models.memory import ItemMemory, fit_ease, fit_item_knn, fit_transition
from metarec_core.models.metarec import Part
from metarec_core.models.popularity import fit_popularity, fit_recent_popularity
from metarec_core.models.scorer import Scores
from metarec_core.training.memories import usual_decay, usual_l2
from metarec_core.training.questions import Questions

FASTEST, SLOWEST = 0.7, 0.9
"""Bounds of how much an event still counts when the next one has come."""


@dataclass(frozen=True)
class Baseline:
    """A scorer of one part.

    Attributes:
        name: Its own name and that of its part.
        n_items: Size of the catalogue, padding not counted.
        part: What scores.
    """

    name: str
    n_items: int
    part: Part

    @property
    def part_names(self) -> tuple[str, ...]:
        return (self.name,)

    def score(self, batch: Batch) -> Scores:
        return Scores({self.name: self.part.scores(batch)})

    def state(self) -> dict[str, np.ndarray]:
        return self.part.state()


@dataclass(frozen=True)
class _Known:
    """What baselines are fitted on."""

    events: Interactions
    dataset: Dataset
    seed: int
    own_ease: ItemMemory | None = None

    @property
    def decay(self) -> float:
        return usual_decay(self.events, FASTEST, SLOWEST)

    @cached_property
    def ease(self) -> ItemMemory:
        """The one matrix of the two EASE baselines, forgetting nothing."""
        if self.own_ease is not None:
            return self.own_ease.with_decay(1.0)
        return fit_ease(self.events, l2=usual_l2(self.events), decay=1.0)


def _fit_ials(known: _Known) -> Part:
    from metarec_core.models.factors import fit_ials

    return fit_ials(known.events, seed=known.seed)


def _fit_tri_tower(known: _Known) -> Part:
    from metarec_core.training.tri_tower import fit_tri_tower

    return fit_tri_tower(known.events, known.dataset, known.seed)


def _fit_sasrec(known: _Known) -> Part:
    from metarec_core.training.sasrec import fit_sasrec

    return fit_sasrec(known.events, known.seed)


_FITS: Final[Mapping[str, Callable[[_Known], Part]]] = MappingProxyType(
    {
        "popular": lambda known: fit_popularity(known.events),
        "recent_popular": lambda known: fit_recent_popularity(
            known.events, has_clock_times=known.dataset.has_clock_times
        ),
        "item_knn": lambda known: fit_item_knn(known.events, decay=0.8),
        "ease": lambda known: known.ease,
        "ease_decayed": lambda known: known.ease.with_decay(known.decay),
        "transition": lambda known: fit_transition(known.events),
        "ials": _fit_ials,
        "tri_tower": _fit_tri_tower,
        "sasrec": _fit_sasrec,
    }
)

_LEARNED: Final = frozenset({"tri_tower", "sasrec"})
"""Baselines that learn for a minute or more: no simple models."""

_EXTRAS: Final[Mapping[str, str]] = MappingProxyType({"ials": "implicit"})
"""The package that a baseline needs beyond the requirements."""


def baseline_names() -> tuple[str, ...]:
    """The baselines that this installation offers."""
    return tuple(name for name in _FITS if name not in _EXTRAS or find_spec(_EXTRAS[name]))


def require_baselines(names: Iterable[str]) -> None:
    """Say at once what could not be fitted later.

    Raises:
        ConfigError: There is no such baseline, or what it needs is not installed.
    """
    offered = baseline_names()
    for name in names:
        if name not in _FITS:
            raise ConfigError(
                say("There is no baseline {name!r}: choose from {offered}.", name=name, offered=", ".join(offered))
            )
        if name not in offered:
            raise ConfigError(
                say(
                    "The baseline {name!r} needs the package {extras}, which is not installed: run pip install -r "
                    "requirements-extras.txt, or leave it out.",
                    name=name,
                    extras=_EXTRAS[name],
                )
            )


def fit_baselines(
    names: Iterable[str], interactions: Interactions, dataset: Dataset, seed: int, ease: ItemMemory | None = None
) -> Iterator[Baseline]:
    """Fit baselines one after the other; what two of them share is fitted once.

    Args:
        names: Of ``baseline_names()``.
        interactions: The events to learn from, each user's first ones among those of ``dataset``.
        dataset: What else is known of events and items.
        seed: Of everything random.
        ease: EASE of these events with the usual shrinkage, where it is at hand.

    Raises:
        ConfigError: There is no such baseline, or what it needs is not installed.
    """
    names = tuple(names)
    require_baselines(names)
    known = _Known(interactions, dataset, seed, ease)
    for name in names:
        yield Baseline(name, interactions.n_items, _FITS[name](known))


def on_validation(
    names: Iterable[str], train: Interactions, questions: Questions, seed: int, ease: ItemMemory | None = None
) -> Iterator[tuple[str, float]]:
    """NDCG@10 of the simple models among some baselines, on the questions by which everything else is chosen.

    Args:
        names: Of ``baseline_names()``; those that learn for a minute or more are left out.
        train: The events to learn from.
        questions: Whose answers are not among them.
        seed, ease: As for ``fit_baselines``.
    """
    simple = [name for name in names if name not in _LEARNED]
    for baseline in fit_baselines(simple, train, questions.dataset, seed, ease):
        yield baseline.name, questions.ndcg(baseline.part.scores)
