"""What every model is, to everything outside ``models/``: a thing that scores the whole catalogue, in named parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from metarec_core.models.batch import Batch

Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Scores:
    """Scores of every item for every row of a batch, as the parts they are the sum of.

    Attributes:
        parts: float32 [B, N + 1] by part name; column 0 (padding) means nothing. Finite everywhere.
    """

    parts: Mapping[str, Float32Array]

    @property
    def total(self) -> Float32Array:
        """The score, float32 [B, N + 1]: the sum of the parts, by construction."""
        parts = list(self.parts.values())
        total = parts[0].copy()
        for part in parts[1:]:
            total += part
        return total


class Scorer(Protocol):
    """The contract all models and baselines keep; ``tests/contracts`` checks it."""

    @property
    def part_names(self) -> tuple[str, ...]:
        """Names of the parts, in the order they are shown."""

    @property
    def n_items(self) -> int:
        """Size of the catalogue, padding not counted."""

    def score(self, batch: Batch) -> Scores:
        """Score every item for every row; the same batch always gives the same scores."""

    def state(self) -> dict[str, np.ndarray]:
        """Everything learned, as named arrays. What cannot be in here (structure) is in the config."""
