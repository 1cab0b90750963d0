"""Three users, four items, and a model whose scores are written down: small enough to check by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from metarec_core.data.dataset import Attribute, Dataset, Interactions
from metarec_core.data.vocabulary import Vocabulary
from metarec_core.models.batch import Batch
from metarec_core.models.calibration import Calibration
from metarec_core.models.scorer import Scores
from metarec_core.recommend.recommender import Recommender

#   ann: tea, milk, cake      bob: milk, tea      cat: cake
EVENTS = {"ann": ["tea", "milk", "cake"], "bob": ["milk", "tea"], "cat": ["cake"]}
ITEMS = ["tea", "milk", "cake", "jam"]


def dataset(
    events: Mapping[str, list[str]] = EVENTS, items: list[str] = ITEMS, **known: Mapping[str, Attribute]
) -> Dataset:
    """Users' items in order; event number t happens t seconds after 1970. ``known``: ``attributes`` and ``facts``."""
    users, catalogue = Vocabulary("user", tuple(events)), Vocabulary("item", tuple(items))
    numbers = [number for history in events.values() for number in catalogue.numbers(history)]
    return Dataset(
        users=users,
        items=catalogue,
        events=Interactions(
            offsets=np.cumsum([0, 0, *(len(history) for history in events.values())]),
            item_numbers=np.array(numbers, dtype=np.int32),
            times=np.arange(len(numbers), dtype=np.int64),
            n_items=len(items),
        ),
        has_clock_times=True,
        **known,
    )


def attribute(name: str, values: list[list[str]]) -> Attribute:
    """The values of each item, in the order of the catalogue."""
    vocabulary = Vocabulary(name, tuple(dict.fromkeys(value for row in values for value in row)))
    numbers = [number for row in values for number in vocabulary.numbers(row)]
    return Attribute(vocabulary, np.cumsum([0, 0, *map(len, values)]), np.array(numbers, dtype=np.int32))


@dataclass(frozen=True)
class WrittenScores:
    """A model that gives every row the same scores, and looks only at a user's last event."""

    parts: Mapping[str, list[float]] = field(
        default_factory=lambda: {"taste": [1.0, 2.0, 3.0, 4.0], "fame": [0.5, 0.25, 0.0, -2.0]}
    )
    calibration: Calibration | None = None

    @property
    def part_names(self) -> tuple[str, ...]:
        return tuple(self.parts)

    @property
    def n_items(self) -> int:
        return len(next(iter(self.parts.values())))

    def score(self, batch: Batch) -> Scores:
        return Scores(
            {name: np.tile(np.float32([0.0, *values]), (len(batch), 1)) for name, values in self.parts.items()}
        )

    def attention(self, batch: Batch) -> np.ndarray:
        return (batch.ages() == 0).astype(np.float32)

    def state(self) -> dict[str, np.ndarray]:
        return {name: np.float32(values) for name, values in self.parts.items()}


HALVED = Calibration(float(1 / np.log(3)), np.float32([0, 1]), np.float32([0, 0.5]))
"""A score higher by 1 makes an item three times as likely; every second next item is an old one."""


def recommender(parts: Mapping[str, list[float]] | None = None, calibration: Calibration | None = None) -> Recommender:
    scorer = WrittenScores(parts, calibration) if parts else WrittenScores(calibration=calibration)
    items = pd.DataFrame({"item_id": ITEMS, "title": ["Green tea", "Oat milk", "Lemon cake", "Plum jam"]})
    return Recommender(dataset(), scorer, items, max_history=10)
