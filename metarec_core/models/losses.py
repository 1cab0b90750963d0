"""What training makes small: softmax cross-entropy over the catalogue, or over a shared sample of it when it is large."""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as functional
from torch import Tensor

LARGEST_FULL_SOFTMAX: Final = 20_000
"""Items up to which the whole catalogue is scored at every position."""

SHARED_NEGATIVES: Final = 1_024
"""Sampled items that all positions of a step share above that."""


def next_item_loss(
    states: Tensor, targets: Tensor, table: Tensor, bias: Tensor, generator: torch.Generator | None = None
) -> Tensor:
    """Mean cross-entropy of the next items.

    Args:
        states: [P, D], one state a position.
        targets: int64 [P], the items that came next, ≥ 1.
        table: [N + 1, D] item vectors.
        bias: [N + 1] item biases.
        generator: CPU generator of the sample; only used for large catalogues.
    """
    n_items = len(bias) - 1
    if n_items <= LARGEST_FULL_SOFTMAX:
        return functional.cross_entropy(torch.addmm(bias[1:], states, table[1:].T), targets - 1)
    sampled = torch.randint(1, n_items + 1, (SHARED_NEGATIVES,), generator=generator).to(targets.device)
    return sampled_softmax_loss(states, targets, sampled, table, bias)


def sampled_softmax_loss(states: Tensor, targets: Tensor, sampled: Tensor, table: Tensor, bias: Tensor) -> Tensor:
    """Cross-entropy of each target among itself and a uniform sample, which needs no correction for how it was drawn.

    A sampled item that is the position's own target does not count against it.

    Source: Klenitskiy and Vasilev 2023, eq. 5, with negatives shared by the batch.
    """
    positive = (states * table[targets]).sum(dim=-1) + bias[targets]  # [P]
    negative = torch.addmm(bias[sampled], states, table[sampled].T)  # [P, S]
    negative = negative.masked_fill(sampled[None, :] == targets[:, None], torch.finfo(negative.dtype).min)
    logits = torch.cat([positive[:, None], negative], dim=1)
    return functional.cross_entropy(logits, torch.zeros_like(targets))
