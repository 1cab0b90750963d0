"""Simple models that a trained one must beat: each one part, fitted in seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from metarec_core.data.dataset import Interactions
from metarec_core.errors import ConfigError
from metarec_core.models.batch import Batch
from metarec_core.models.memory import fit_ease, fit_item_knn, fit_transition
from metarec_core.models.metarec import Part
from metarec_core.models.popularity import fit_popularity
from metarec_core.models.scorer import Scores


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


_FITS: Final[Mapping[str, Callable[[Interactions], Part]]] = MappingProxyType(
    {
        "popular": fit_popularity,
        "item_knn": lambda interactions: fit_item_knn(interactions, decay=0.8),
        "ease": lambda interactions: fit_ease(interactions, decay=0.9),
        "transition": fit_transition,
    }
)

BASELINE_NAMES: Final = tuple(_FITS)


def fit_baseline(name: str, interactions: Interactions) -> Baseline:
    """Fit a baseline.

    Raises:
        ConfigError: There is no such baseline.
    """
    if name not in _FITS:
        raise ConfigError(f"There is no baseline {name!r}: choose among {', '.join(BASELINE_NAMES)}.")
    return Baseline(name, interactions.n_items, _FITS[name](interactions))
