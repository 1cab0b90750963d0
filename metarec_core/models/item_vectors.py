"""Item vectors made of two things: what is known of an item, and what was learned from its events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ItemKnowledge:
    """What there is to make item vectors from.

    Attributes:
        content: float32 [N + 1, C], fixed vectors of text, facts or other modes side by side; C may be 0, rows may be zeros.
        warm: bool [N + 1], items with events to learn from.
    """

    content: Float32Array
    warm: npt.NDArray[np.bool_]


class ItemVectors(nn.Module):
    """x_i = e_i + A c_i: a learned vector a warm item, and an adapter from content that all items share.

    While training, some items' e_i and biases are blanked at each step, so that content alone must serve too; an item
    without events is such an item.

    Source: fused item input with ID dropout as in Volkovs et al. 2017 (DropoutNet).

    Args:
        knowledge: Of the catalogue.
        dim: Entries of a vector.
        id_dropout: Share of items whose e_i is blanked at a step.
    """

    content: Tensor
    warm: Tensor

    def __init__(self, knowledge: ItemKnowledge, dim: int, id_dropout: float) -> None:
        super().__init__()
        n_content = knowledge.content.shape[1]
        self.id_dropout = id_dropout if n_content else 0.0
        self.ids = nn.Embedding(len(knowledge.warm), dim, padding_idx=0)
        self.id_bias = nn.Parameter(torch.zeros(len(knowledge.warm)))
        self.adapter = nn.Linear(n_content, dim, bias=False) if n_content else None
        self.content_bias = nn.Linear(n_content, 1, bias=False) if n_content else None
        self.register_buffer("content", torch.from_numpy(np.array(knowledge.content)), persistent=False)
        self.register_buffer("warm", torch.from_numpy(np.array(knowledge.warm)), persistent=False)
        nn.init.normal_(self.ids.weight, std=0.05)
        with torch.no_grad():
            self.ids.weight[0].zero_()
        if self.adapter is not None and self.content_bias is not None:
            nn.init.normal_(self.adapter.weight, std=0.05)
            nn.init.zeros_(self.content_bias.weight)

    @property
    def knowledge(self) -> ItemKnowledge:
        return ItemKnowledge(self.content.cpu().numpy(), self.warm.cpu().numpy())

    def forward(self) -> tuple[Tensor, Tensor]:
        """Vectors [N + 1, D] and biases [N + 1] of all items; row 0, padding, is zeros."""
        kept = self.warm
        if self.training and self.id_dropout:
            kept = kept & (torch.rand(len(kept), device=kept.device) >= self.id_dropout)
        vectors, bias = self.ids.weight * kept[:, None], self.id_bias * kept
        if self.adapter is not None and self.content_bias is not None:
            vectors, bias = vectors + self.adapter(self.content), bias + self.content_bias(self.content)[:, 0]
        return vectors, bias
