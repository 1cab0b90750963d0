"""How often an item was chosen, by anyone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from metarec_core.data.dataset import Interactions
from metarec_core.models.batch import Batch

Float32Array = npt.NDArray[np.float32]

HALF_LIFE: Final = 0.1
"""Share of a log after which an event counts half in recent popularity."""


@dataclass(frozen=True)
class Popularity:
    """The same score for everyone: log(1 + events of the item), each event as much as the fit counts it.

    Attributes:
        log_counts: float32 [N + 1]; 0 for padding.
    """

    log_counts: Float32Array

    @property
    def n_items(self) -> int:
        return len(self.log_counts) - 1

    def user_vectors(self, batch: Batch) -> Float32Array:
        """A one for everybody, float32 [B, 1]."""
        return np.ones((len(batch), 1), dtype=np.float32)

    def item_vectors(self) -> Float32Array:
        """float32 [N + 1, 1]."""
        return self.log_counts[:, None]

    def scores(self, batch: Batch) -> Float32Array:
        """float32 [B, N + 1]."""
        return np.tile(self.log_counts, (len(batch), 1))

    def state(self) -> dict[str, np.ndarray]:
        return {"log_counts": self.log_counts}

    @classmethod
    def from_state(cls, state: Mapping[str, np.ndarray]) -> Popularity:
        return cls(state["log_counts"])


def fit_popularity(interactions: Interactions) -> Popularity:
    """Count events."""
    counts = np.bincount(interactions.item_numbers, minlength=interactions.n_items + 1)
    return Popularity(np.log1p(counts).astype(np.float32))


def fit_recent_popularity(
    interactions: Interactions, *, has_clock_times: bool, half_life: float = HALF_LIFE
) -> Popularity:
    """Count events as they stand at the end of the log, recent ones more.

    An event's age is the share of all events that came later, so that the rule is the same for logs of a day and of ten years.
    Where times are only an order, nobody knows which of two users' events came later: the age is then the share of the
    user's own events that came later, and what counts is what people choose at the end of their histories.

    Args:
        interactions: What to count.
        has_clock_times: Whether times compare across users.
        half_life: Age at which an event counts half.
    """
    if has_clock_times:
        earlier = np.searchsorted(np.sort(interactions.times), interactions.times, side="right")
        ages = 1.0 - earlier / max(interactions.n_events, 1)
    else:
        lengths = np.repeat(interactions.lengths(), interactions.lengths())
        ends = np.repeat(interactions.offsets[1:], interactions.lengths())
        ages = (ends - 1 - np.arange(interactions.n_events)) / lengths
    weights = np.exp2(-ages / half_life)
    counts = np.bincount(interactions.item_numbers, weights=weights, minlength=interactions.n_items + 1)
    return Popularity(np.log1p(counts).astype(np.float32))
