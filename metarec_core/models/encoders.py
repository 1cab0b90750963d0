"""What reads a history: vectors of its events in, a state after each of them out."""

from __future__ import annotations

import math
from typing import Final

import torch
import torch.nn.functional as functional
from torch import Tensor, nn


class LstmEncoder(nn.Module):
    """An LSTM with one head of causal attention over its states, which fades with the events since.

    Without the fading, attention stays nearly flat: the last state has read the latest events anyway. With it the network reads
    them there, and where attention looks is far nearer to what moves the score (``docs/log.md``).

    Source: Hochreiter and Schmidhuber 1997 (LSTM); attention as in Vaswani et al. 2017, eq. 1; fading as in Chi et al. 2022
    (KERPLE), logarithmic, with r2 = 1.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(dim, 2 * dim, batch_first=True)
        self.project = nn.Linear(2 * dim, dim)
        self.query = nn.Linear(2 * dim, dim, bias=False)
        self.key = nn.Linear(2 * dim, dim, bias=False)
        self.value = nn.Linear(2 * dim, dim, bias=False)
        self.fading = nn.Parameter(torch.ones(1))
        self.norm = nn.LayerNorm(dim)

    def forward(self, events: Tensor, padded: Tensor) -> Tensor:
        """States [B, L, D] of events [B, L, D]; ``padded``, bool [B, L], is at the end of rows."""
        hidden, _ = self.lstm(events)  # [B, L, 2D]
        weights = attention_weights(self.query(hidden), self.key(hidden), padded, fading=self.fading)  # [B, L, L]
        states: Tensor = self.norm(self.project(hidden) + weights @ self.value(hidden))
        return states

    def last(self, events: Tensor, padded: Tensor, ends: Tensor) -> tuple[Tensor, Tensor]:
        """The state after the event at ``ends``, int64 [B]: [B, D], and where it looked, [B, L]."""
        hidden, _ = self.lstm(events)
        final = hidden[torch.arange(len(events), device=events.device), ends]  # [B, 2D]
        query = self.query(final)[:, None]
        weights = attention_weights(query, self.key(hidden), padded, ends, self.fading)  # [B, 1, L]
        return self.norm(self.project(final) + (weights @ self.value(hidden))[:, 0]), weights[:, 0]


LAYERS: Final = 2
HEADS: Final = 2


class TransformerEncoder(nn.Module):
    """Layers of causal self-attention.

    Source: Kang and McAuley 2018 (SASRec), with the normalisation before each block (Xiong et al. 2020).

    Args:
        dim: Entries of a vector.
        dropout: Share blanked inside the layers.
        length: Longest history.
    """

    def __init__(self, dim: int, dropout: float, length: int) -> None:
        super().__init__()
        self.places = nn.Parameter(torch.zeros(length, dim))
        self.layers = nn.ModuleList(_Layer(dim, dropout) for _ in range(LAYERS))
        self.norm = nn.LayerNorm(dim)

    def forward(self, events: Tensor, padded: Tensor) -> Tensor:
        """States [B, L, D] of events [B, L, D]; ``padded``, bool [B, L], is at the end of rows."""
        states, _ = self._run(events, padded)
        return states

    def last(self, events: Tensor, padded: Tensor, ends: Tensor) -> tuple[Tensor, Tensor]:
        """The state after the event at ``ends``, int64 [B]: [B, D], and where its last layer looked, [B, L]."""
        states, weights = self._run(events, padded)
        rows = torch.arange(len(events), device=events.device)
        return states[rows, ends], weights.mean(dim=1)[rows, ends]

    def _run(self, events: Tensor, padded: Tensor) -> tuple[Tensor, Tensor]:
        states = events + self.places[: events.shape[1]]
        weights = events.new_zeros(0)
        for layer in self.layers:
            states, weights = layer(states, padded)
        return self.norm(states), weights


class _Layer(nn.Module):
    def __init__(self, dim: int, dropout: float) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(dim)
        self.projections = nn.Linear(dim, 3 * dim)
        self.join = nn.Linear(dim, dim)
        self.before_mixing = nn.LayerNorm(dim)
        self.mixing = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim))
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, padded: Tensor) -> tuple[Tensor, Tensor]:
        """The next states [B, L, D], and weights [B, H, L, L]."""
        parts = self.projections(self.before_attention(states)).unflatten(-1, (3, HEADS, -1))  # [B, L, 3, H, D / H]
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # [B, H, L, D / H] each
        weights = attention_weights(query, key, padded[:, None])
        looked = (self.dropout(weights) @ value).transpose(1, 2).flatten(2)
        states = states + self.dropout(self.join(looked))
        return states + self.dropout(self.mixing(self.before_mixing(states))), weights


def attention_weights(
    query: Tensor, key: Tensor, padded: Tensor, ends: Tensor | None = None, fading: Tensor | None = None
) -> Tensor:
    """Weights […, Q, L] of queries […, Q, D] at every position, or at ``ends`` only; none sees past itself or padding.

    Args:
        query: […, Q, D].
        key: […, L, D].
        padded: bool […, L].
        ends: int64 [B], the one position of each row's query; every position has one when not given.
        fading: With it, an event n events back has (1 + n)^-softplus(fading) times the weight.
    """
    scores = query @ key.transpose(-1, -2) / math.sqrt(key.shape[-1])
    positions = torch.arange(key.shape[-2], device=key.device)
    asked = positions[:, None] if ends is None else ends[:, None, None]  # [L, 1] or [B, 1, 1]
    if fading is not None:
        scores = scores - functional.softplus(fading) * torch.log1p((asked - positions).clamp(min=0).to(scores.dtype))
    hidden = (positions > asked) | padded[..., None, :]
    return functional.softmax(scores.masked_fill(hidden, torch.finfo(scores.dtype).min), dim=-1)
