"""The sequence part: an LSTM over the history with one head of causal attention over its states.

u is the last state, i the item's learned vector (and bias), tied between input and output. The attention's weights are
kept, so that a page can show where the encoder looked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from metarec_core.config import ModelConfig
from metarec_core.models.batch import Batch

Float32Array = npt.NDArray[np.float32]


class SequenceEncoder(nn.Module):
    """Histories in, a state after each event out.

    Source: Hochreiter and Schmidhuber 1997 (LSTM); attention as in Vaswani et al. 2017, eq. 1, one head;
    next-item training on all positions as in Hidasi et al. 2016.
    """

    def __init__(self, n_items: int, config: ModelConfig) -> None:
        super().__init__()
        dim = config.embedding_dim
        self.items = nn.Embedding(n_items + 1, dim, padding_idx=0)
        self.bias = nn.Parameter(torch.zeros(n_items + 1))
        self.lstm = nn.LSTM(dim, 2 * dim, batch_first=True)
        self.project = nn.Linear(2 * dim, dim)
        self.query = nn.Linear(2 * dim, dim, bias=False)
        self.key = nn.Linear(2 * dim, dim, bias=False)
        self.value = nn.Linear(2 * dim, dim, bias=False)
        self.norm = nn.LayerNorm(dim)
        self.dropout = nn.Dropout(config.dropout)
        nn.init.normal_(self.items.weight, std=0.05)
        with torch.no_grad():
            self.items.weight[0].zero_()

    def forward(self, history: Tensor) -> Tensor:
        """A state after each event, [B, L, D], of padded histories [B, L]."""
        hidden, _ = self.lstm(self.dropout(self.items(history)))  # [B, L, 2D]
        weights = self._attention(self.query(hidden), self.key(hidden), history)  # [B, L, L]
        states: Tensor = self.dropout(self.norm(self.project(hidden) + weights @ self.value(hidden)))
        return states

    def last(self, history: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """The state after the last event [B, D], and where it looked [B, L]; histories of length 0 give zeros."""
        rows = torch.arange(len(history), device=history.device)
        ends = (lengths - 1).clamp(min=0)
        hidden, _ = self.lstm(self.items(history))
        final = hidden[rows, ends]  # [B, 2D]
        weights = self._attention(self.query(final)[:, None], self.key(hidden), history, ends)[:, 0]  # [B, L]
        state = self.norm(self.project(final) + (weights[:, None] @ self.value(hidden))[:, 0])
        real = (lengths > 0)[:, None]
        return state * real, weights * real

    def _attention(self, query: Tensor, key: Tensor, history: Tensor, ends: Tensor | None = None) -> Tensor:
        """Weights [B, Q, L] of queries at every position, or at ``ends`` only; no query sees past itself or padding."""
        scores = query @ key.transpose(1, 2) / math.sqrt(key.shape[-1])
        positions = torch.arange(history.shape[1], device=history.device)
        asked = positions[:, None] if ends is None else ends[:, None, None]  # [L, 1] or [B, 1, 1]
        hidden = (positions > asked) | (history == 0)[:, None, :]
        return scores.masked_fill(hidden, torch.finfo(scores.dtype).min).softmax(dim=-1)


@dataclass(frozen=True)
class SequencePart:
    """A trained encoder as a part of a score.

    Attributes:
        encoder: In evaluation mode, on its device.
        length: Latest events of a history that it looks at.
    """

    encoder: SequenceEncoder
    length: int

    @property
    def n_items(self) -> int:
        return len(self.encoder.bias) - 1

    @torch.inference_mode()
    def scores(self, batch: Batch) -> Float32Array:
        """float32 [B, N + 1]; rows with no history get zeros."""
        state, _ = self._last(batch)
        table = self.encoder.items.weight
        scores = torch.addmm(self.encoder.bias, state, table.T)
        return (scores * (scores.new_tensor(batch.lengths)[:, None] > 0)).cpu().numpy()

    @torch.inference_mode()
    def attention(self, batch: Batch) -> Float32Array:
        """Where the last state looked, float32 [B, L]; rows sum to 1 over the events it
        looks at, rows with no history are zeros."""
        places, lengths = self._latest(batch)
        _, found = self._last(batch)
        weights = np.zeros(batch.history.shape, dtype=np.float32)
        rows, columns = np.nonzero(np.arange(places.shape[1]) < lengths[:, None])
        weights[rows, places[rows, columns]] = found.cpu().numpy()[rows, columns]
        return weights

    def state(self) -> dict[str, np.ndarray]:
        return {name: value.cpu().numpy() for name, value in self.encoder.state_dict().items()}

    @classmethod
    def from_state(
        cls, state: Mapping[str, np.ndarray], n_items: int, config: ModelConfig, device: str
    ) -> SequencePart:
        encoder = SequenceEncoder(n_items, config)
        encoder.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in state.items()})
        return cls(encoder.to(device).eval(), config.sequence_length)

    def _latest(self, batch: Batch) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Places of each row's latest events in its history [B, L], and how many they are [B]."""
        lengths = np.minimum(batch.lengths, self.length).astype(np.int64)
        firsts = batch.lengths - lengths
        places = firsts[:, None] + np.arange(max(int(lengths.max(initial=0)), 1))
        return np.minimum(places, batch.history.shape[1] - 1), lengths

    def _last(self, batch: Batch) -> tuple[Tensor, Tensor]:
        places, lengths = self._latest(batch)
        real = np.arange(places.shape[1]) < lengths[:, None]
        history = np.where(real, np.take_along_axis(batch.history, places, axis=1), 0).astype(np.int64)
        device = self.encoder.bias.device
        return self.encoder.last(torch.from_numpy(history).to(device), torch.from_numpy(lengths).to(device))
