"""From scores to chances: how likely each item is to be the very next one, as fitted on validation events.

::

    p_i = exp(s_i / T) / Σ_j exp(s_j / T)        over the items that the user has not seen
    P_i = m(p_i)                                 with a monotone map m

The temperature T makes scores as bold as they deserve to be over the whole catalogue; m puts right what is left at the head of
lists, where a catalogue's average says little. Neither changes an order: lists are made by score.

Source: Guo et al. 2017 (temperature), Zadrozny and Elkan 2002 (isotonic), Sato 2024 (the head of the list needs its own).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from metarec_core.models.scorer import Scorer

Float32Array = npt.NDArray[np.float32]
Int32Array = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Calibration:
    """The chance that an item is the very next one that the user chooses.

    It was fitted on validation events: it holds for events like those, and among what the user could choose from then.

    Attributes:
        temperature: T, in units of the score.
        x: float32 [M], knots of the map, ascending softmax probabilities from 0 to 1.
        y: float32 [M], what they are mapped to, never descending; straight lines between the knots.
    """

    temperature: float
    x: Float32Array
    y: Float32Array

    def probabilities(self, scores: Float32Array, items: Int32Array | None = None) -> Float32Array:
        """Chances of every item, or of some.

        Args:
            scores: float32 [B, N + 1], minus infinity where an item is not to choose from (seen, padding).
            items: int32 [B, K] item numbers; 0 where there is none.

        Returns:
            float32 [B, N + 1], or [B, K] of ``items``; 0 where the score is minus infinity. A row's chances need not add up to
            1: the next item may be one that the user has had already.
        """
        plain = softmax(scores, self.temperature)
        if items is not None:
            plain = np.take_along_axis(plain, items.astype(np.int64), axis=1)
        return np.interp(plain, self.x, self.y).astype(np.float32)

    def state(self) -> dict[str, np.ndarray]:
        return {"temperature": np.array([self.temperature]), "x": self.x, "y": self.y}

    @classmethod
    def from_state(cls, state: Mapping[str, np.ndarray]) -> Calibration:
        return cls(float(state["temperature"][0]), state["x"], state["y"])


def softmax(scores: Float32Array, temperature: float) -> Float32Array:
    """exp(s / T) over its sum, float32 [B, N + 1]; rows without any finite score are 0."""
    highest = scores.max(axis=1, keepdims=True, initial=np.finfo(np.float32).min)
    powers: Float32Array = np.exp((scores - highest) * np.float32(1 / temperature))
    total = powers.sum(axis=1, keepdims=True)
    powers /= np.where(total > 0, total, 1)
    return powers


@runtime_checkable
class Calibrated(Protocol):
    """A model that can know how likely its items are."""

    @property
    def calibration(self) -> Calibration | None:
        """None where it was not fitted."""


def calibration_of(scorer: Scorer) -> Calibration | None:
    """How a model's scores become chances; None where that was not fitted."""
    return scorer.calibration if isinstance(scorer, Calibrated) else None
