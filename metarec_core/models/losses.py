"""What training makes small: softmax cross-entropy over the catalogue, or over a shared sample of it when it is large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as functional
from torch import Tensor

SHARED_NEGATIVES: Final = 512
"""Sampled items that all positions of a step share."""

SAMPLING_POWER: Final = 0.4
"""Items are sampled by their events to this power: between all alike (0) and as popular as they are (1)."""


def softmax_loss(states: Tensor, targets: Tensor, table: Tensor, bias: Tensor) -> Tensor:
    """Mean cross-entropy of the next items among the whole catalogue.

    Args:
        states: [P, D], one state a position.
        targets: int64 [P], the items that came next, ≥ 1.
        table: [N + 1, D] item vectors; row 0, padding, is no candidate.
        bias: [N + 1] item biases.
    """
    return functional.cross_entropy(torch.addmm(bias[1:], states, table[1:].T), targets - 1)


def sampled_softmax_loss(
    states: Tensor, targets: Tensor, table: Tensor, bias: Tensor, sampled: Tensor, log_q: Tensor
) -> Tensor:
    """Mean cross-entropy of each next item among itself and sampled items, corrected for how often an item is sampled.

    A sampled item that is the position's own target does not count against it.

    Args:
        sampled: int64 [S], items drawn for all positions together.
        log_q: [N + 1], logarithm of each item's chance to be drawn.

    Source: Bengio and Senécal 2008 (importance sampling); shared by the positions of a step as in Hidasi and Karatzoglou 2018.
    """
    positive = (states * functional.embedding(targets, table)).sum(dim=-1) + bias[targets] - log_q[targets]  # [P]
    negative = torch.addmm(bias[sampled] - log_q[sampled], states, functional.embedding(sampled, table).T)  # [P, S]
    negative = negative.masked_fill(sampled[None, :] == targets[:, None], torch.finfo(negative.dtype).min)
    return functional.cross_entropy(torch.cat([positive[:, None], negative], dim=1), torch.zeros_like(targets))


@dataclass(frozen=True)
class Sampler:
    """Draws items by their popularity.

    Attributes:
        chances: float64 [N + 1] on the CPU, so that every device draws the same.
        log_q: float32 [N + 1] on the device, their logarithm.
    """

    chances: Tensor
    log_q: Tensor

    @classmethod
    def of(cls, counts: Tensor, device: str) -> Sampler:
        """A sampler of the items with events.

        Args:
            counts: [N + 1] events of each item; 0 for padding.
        """
        weights = torch.where(counts > 0, counts.double() ** SAMPLING_POWER, 0.0)
        chances = weights / weights.sum()
        return cls(chances, torch.log(chances + 1e-12).float().to(device))

    def draw(self, generator: torch.Generator) -> Tensor:
        """int64 [SHARED_NEGATIVES], with repetitions."""
        return torch.multinomial(self.chances, SHARED_NEGATIVES, replacement=True, generator=generator)
