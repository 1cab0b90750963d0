"""What training makes small: softmax cross-entropy over the catalogue or a shared sample of it, BPR, or gBCE."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as functional
from torch import Tensor

SAMPLING_POWER: Final = 0.4
"""Items are sampled by their events to this power: between all alike (0) and as popular as they are (1)."""

GBCE_CALIBRATION: Final = 0.75
"""t of gBCE: 0 is plain binary cross-entropy, 1 gives chances that are right in spite of the sampling."""


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
    positive, negative, own = _sampled_scores(states, targets, table, bias - log_q, sampled)
    negative = negative.masked_fill(own, torch.finfo(negative.dtype).min)
    return functional.cross_entropy(torch.cat([positive[:, None], negative], dim=1), torch.zeros_like(targets))


def bpr_loss(states: Tensor, targets: Tensor, table: Tensor, bias: Tensor, sampled: Tensor) -> Tensor:
    """Mean of -log σ(s⁺ - s⁻) over all positions and sampled items; the arguments are those of ``sampled_softmax_loss``.

    Source: Rendle et al. 2009, "BPR: Bayesian Personalized Ranking from Implicit Feedback", eq. for BPR-Opt in section 4.1.
    """
    positive, negative, own = _sampled_scores(states, targets, table, bias, sampled)
    losses = functional.softplus(negative - positive[:, None]).masked_fill(own, 0.0)
    return losses.sum() / (~own).sum().clamp(min=1)


def gbce_loss(states: Tensor, targets: Tensor, table: Tensor, bias: Tensor, sampled: Tensor) -> Tensor:
    """Generalised binary cross-entropy: -(β log σ(s⁺) + Σ log(1 - σ(s⁻))) / (S + 1), mean over positions.

    β = α (t (1 - 1/α) + 1/α) undoes the overconfidence that comes of sampling a share α = S / (N - 1) of the items. Scores are
    counted from -log N, so that untrained ones stand for one chance in about N, not for an even one: else most of a training
    goes into saying no, and an item whose bias is blanked is likelier than all others.

    Source: Petrov and Macdonald 2023, "gSASRec: Reducing Overconfidence in Sequential Recommendation Trained with Negative
    Sampling", the definitions of gBCE and of β by t; there items are sampled alike, here by ``SAMPLING_POWER``.
    """
    positive, negative, own = _sampled_scores(states, targets, table, bias - math.log(max(len(table) - 1, 1)), sampled)
    alpha = min(len(sampled) / max(len(table) - 2, 1), 1.0)
    beta = alpha * (GBCE_CALIBRATION * (1 - 1 / alpha) + 1 / alpha)
    rejected = functional.softplus(negative).masked_fill(own, 0.0).sum(dim=1)
    return ((beta * functional.softplus(-positive) + rejected) / (len(sampled) + 1)).mean()


def _sampled_scores(
    states: Tensor, targets: Tensor, table: Tensor, bias: Tensor, sampled: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Scores of the answers [P] and of the sampled items [P, S], and where a sampled item is the position's own answer."""
    positive = (states * functional.embedding(targets, table)).sum(dim=-1) + bias[targets]
    negative = torch.addmm(bias[sampled], states, functional.embedding(sampled, table).T)
    return positive, negative, sampled[None, :] == targets[:, None]


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

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """int64 [n], with repetitions."""
        return torch.multinomial(self.chances, n, replacement=True, generator=generator)
