"""The sequence part: what follows what over a whole history, read by a neural network.

u is the encoder's last state, i the item's vector (and bias), tied between input and output. The attention's weights are
kept, so that a page can show where the encoder looked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from metarec_core.config import ModelConfig
from metarec_core.models.batch import Batch
from metarec_core.models.encoders import LstmEncoder, TransformerEncoder
from metarec_core.models.item_vectors import ItemKnowledge, ItemVectors

Float32Array = npt.NDArray[np.float32]
Int64Array = npt.NDArray[np.int64]

GAP_BUCKETS: Final = 32


def gap_buckets(times: Int64Array) -> Int64Array:
    """How long after the event before it each event came, as a number below ``GAP_BUCKETS``.

    Bucket b ≥ 1 holds gaps of 2^(b-1) - 1 seconds to less than 2^b - 1; 0 stands for the first event, before which nothing is
    known, and for padding.

    Args:
        times: int64 [B, L] in seconds, rising along rows; what follows a row's end does not matter.
    """
    gaps = np.maximum(np.diff(times, axis=1, prepend=times[:, :1]), 0)
    buckets = np.minimum(1 + np.log2(1.0 + gaps).astype(np.int64), GAP_BUCKETS - 1)
    buckets[:, 0] = 0
    return buckets


class SequenceEncoder(nn.Module):
    """Histories in, a state after each event out.

    Source: next-item training on all positions as in Hidasi et al. 2016.

    Args:
        knowledge: What item vectors are made of.
        config: Sizes, and which encoder.
        has_clock_times: Whether gaps between events are real time.
    """

    def __init__(self, knowledge: ItemKnowledge, config: ModelConfig, *, has_clock_times: bool) -> None:
        super().__init__()
        dim = config.embedding_dim
        self.items = ItemVectors(knowledge, dim, config.id_dropout)
        self.gaps = nn.Embedding(GAP_BUCKETS, dim, padding_idx=0) if has_clock_times and config.time_gaps else None
        self.body: LstmEncoder | TransformerEncoder = (
            LstmEncoder(dim)
            if config.encoder == "lstm"
            else TransformerEncoder(dim, config.dropout, config.sequence_length)
        )
        self.dropout = nn.Dropout(config.dropout)
        if self.gaps is not None:
            nn.init.zeros_(self.gaps.weight)

    def forward(self, history: Tensor, times: Int64Array, vectors: Tensor) -> Tensor:
        """A state after each event, [B, L, D].

        Args:
            history: int64 [B, L], padded with 0 at the end.
            times: int64 [B, L].
            vectors: [N + 1, D] of all items.
        """
        states: Tensor = self.dropout(self.body(self.events(history, times, vectors), history == 0))
        return states

    def last(self, history: Tensor, times: Int64Array, lengths: Tensor, vectors: Tensor) -> tuple[Tensor, Tensor]:
        """The state after the last event [B, D], and where it looked [B, L]; histories of length 0 give zeros."""
        ends = (lengths - 1).clamp(min=0)
        state, weights = self.body.last(self.events(history, times, vectors), history == 0, ends)
        real = (lengths > 0)[:, None]
        return state * real, weights * real

    def events(self, history: Tensor, times: Int64Array, vectors: Tensor) -> Tensor:
        """What the body reads, [B, L, D]; arguments as in ``forward``."""
        events = functional.embedding(history, vectors)
        if self.gaps is not None:
            buckets = torch.from_numpy(gap_buckets(times)).to(history.device)
            events = events + self.gaps(buckets * (history > 0))
        dropped: Tensor = self.dropout(events)
        return dropped


@dataclass(frozen=True)
class SequencePart:
    """A trained encoder as a part of a score.

    Attributes:
        encoder: In evaluation mode, on its device; not trained on while this part is in use.
        length: Latest events of a history that it looks at.
    """

    encoder: SequenceEncoder
    length: int

    @property
    def n_items(self) -> int:
        return len(self.encoder.items.warm) - 1

    @torch.inference_mode()
    def user_vectors(self, batch: Batch) -> Float32Array:
        """The last state and a one for the items' bias, float32 [B, D + 1]; zeros without a history."""
        state, _ = self._last(batch)
        return np.column_stack([state.cpu().numpy(), batch.lengths > 0]).astype(np.float32)

    def item_vectors(self) -> Float32Array:
        """Vector and bias of each item, float32 [N + 1, D + 1]."""
        vectors, bias = self._items
        return np.column_stack([vectors.cpu().numpy(), bias.cpu().numpy()])

    @torch.inference_mode()
    def scores(self, batch: Batch) -> Float32Array:
        """float32 [B, N + 1]; rows with no history get zeros."""
        state, _ = self._last(batch)
        vectors, bias = self._items
        scores = torch.addmm(bias, state, vectors.T)
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
        learned = {name: value.cpu().numpy() for name, value in self.encoder.state_dict().items()}
        return {**learned, **vars(self.encoder.items.knowledge)}

    @classmethod
    def from_state(cls, state: Mapping[str, np.ndarray], config: ModelConfig, device: str) -> SequencePart:
        knowledge = ItemKnowledge(state["content"], state["warm"].astype(bool))
        learned = {name: torch.from_numpy(np.array(v)) for name, v in state.items() if name not in vars(knowledge)}
        encoder = SequenceEncoder(knowledge, config, has_clock_times="gaps.weight" in learned)
        if isinstance(encoder.body, LstmEncoder):
            learned.setdefault("body.fading", torch.full((1,), -torch.inf))  # a run of before attention faded
        encoder.load_state_dict(learned)
        return cls(encoder.to(device).eval(), config.sequence_length)

    @cached_property
    def _items(self) -> tuple[Tensor, Tensor]:
        """Vectors and biases of all items, made once."""
        with torch.inference_mode():
            vectors, bias = self.encoder.items()
        return vectors, bias

    def _latest(self, batch: Batch) -> tuple[Int64Array, Int64Array]:
        """Places of each row's latest events in its history [B, L], and how many they are [B]."""
        lengths = np.minimum(batch.lengths, self.length).astype(np.int64)
        firsts = batch.lengths - lengths
        places = firsts[:, None] + np.arange(max(int(lengths.max(initial=0)), 1))
        return np.minimum(places, batch.history.shape[1] - 1), lengths

    def _last(self, batch: Batch) -> tuple[Tensor, Tensor]:
        places, lengths = self._latest(batch)
        real = np.arange(places.shape[1]) < lengths[:, None]
        history = np.where(real, np.take_along_axis(batch.history, places, axis=1), 0).astype(np.int64)
        times = np.take_along_axis(batch.times, places, axis=1)
        vectors, _ = self._items
        device = vectors.device
        return self.encoder.last(
            torch.from_numpy(history).to(device), times, torch.from_numpy(lengths).to(device), vectors
        )
