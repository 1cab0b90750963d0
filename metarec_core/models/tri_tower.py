"""Three towers: the article's demo network, for teaching. It ranks worse than the model of the parts, and than EASE.

One LSTM reads the user's history, one the item (itself, then its attribute values), one the row's meta data (the user's
history length, how popular the latest item is, and the request's contexts, such as the column ``meta_data``). Their last
states are joined, concat → Linear → ReLU → Linear, to a logit whose sigmoid is the chance that the item is chosen.
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

from metarec_core.data.dataset import Dataset, Int32Array
from metarec_core.models.batch import Batch

Float32Array = npt.NDArray[np.float32]
Int64Array = npt.NDArray[np.int64]

DIM: Final = 32
"""Numbers in each vector and in each tower's state."""

HIDDEN: Final = 32
"""Units of the layer that joins the towers."""

LENGTH: Final = 50
"""Latest events that the user tower reads."""

MOST_VALUES: Final = 8
"""Attribute values that the item tower reads."""

MAGNITUDES: Final = 32
"""Numbers are read as the whole part of their base-2 logarithm: below this."""

BLOCK_FLOATS: Final = 4_000_000
"""Hidden units held in memory while a catalogue is scored."""


def magnitudes(numbers: npt.NDArray[np.integer]) -> Int64Array:
    """0 for 0, and 1 + ⌊log2 n⌋ for n ≥ 1; int64, below ``MAGNITUDES``."""
    found: Int64Array = np.minimum(np.log2(np.maximum(2 * numbers, 1)).astype(np.int64), MAGNITUDES - 1)
    return found


def item_sequences(dataset: Dataset, counts: Int64Array) -> tuple[Int32Array, int]:
    """What the item tower reads of each item, int32 [N + 1, T], and how many different tokens there are, 0 counted.

    The item itself comes first (0 where it has no events), then its attribute values that other items share, 0 at the end.

    Args:
        dataset: Whose items.
        counts: int64 [N + 1], events of each item.
    """
    items, tokens, first = (
        [np.arange(dataset.n_items + 1)],
        [np.where(counts > 0, np.arange(len(counts)), 0)],
        len(counts),
    )
    for attribute in dataset.attributes.values():
        owners = np.repeat(np.arange(dataset.n_items + 1), np.diff(attribute.offsets))
        shared = (
            np.bincount(attribute.value_numbers, minlength=len(attribute.vocabulary) + 1)[attribute.value_numbers] > 1
        )
        items.append(owners[shared])
        tokens.append(first + attribute.value_numbers[shared])
        first += len(attribute.vocabulary) + 1
    owners = np.concatenate(items)
    order = np.argsort(owners, kind="stable")
    starts = np.searchsorted(owners[order], np.arange(dataset.n_items + 1))
    places = np.arange(len(order)) - starts[owners[order]]
    kept = places <= MOST_VALUES
    sequences = np.zeros((dataset.n_items + 1, int(places[kept].max()) + 1), dtype=np.int32)
    sequences[owners[order][kept], places[kept]] = np.concatenate(tokens)[order][kept]
    return sequences, first


class TriTower(nn.Module):
    """The network.

    Args:
        sequences: int32 [N + 1, T], see ``item_sequences``.
        n_tokens: Different tokens in them.
        item_magnitudes: int64 [N + 1], magnitudes of the items' events.
        context_starts: int64 [C + 1], where each context's values begin among those of all; the last is their number.
    """

    sequences: Tensor
    item_magnitudes: Tensor
    context_starts: Tensor

    def __init__(
        self, sequences: Int32Array, n_tokens: int, item_magnitudes: Int64Array, context_starts: Int64Array
    ) -> None:
        super().__init__()
        self.register_buffer("sequences", torch.from_numpy(sequences.astype(np.int64)))
        self.register_buffer("item_magnitudes", torch.from_numpy(item_magnitudes))
        self.register_buffer("context_starts", torch.from_numpy(context_starts))
        self.tokens = nn.Embedding(n_tokens, DIM, padding_idx=0)
        self.facts = nn.Embedding(2 * MAGNITUDES + int(context_starts[-1]), DIM)
        self.user_lstm, self.item_lstm, self.meta_lstm = (nn.LSTM(DIM, DIM, batch_first=True) for _ in range(3))
        self.dropout = nn.Dropout(0.2)
        self.join_user, self.join_item = (nn.Linear(DIM, HIDDEN, bias=False) for _ in range(2))
        self.join_meta = nn.Linear(DIM, HIDDEN)
        self.out = nn.Linear(HIDDEN, 1)

    @property
    def n_items(self) -> int:
        return len(self.sequences) - 1

    def users(self, history: Tensor) -> Tensor:
        """A user's joined state after each event, [B, L, H], of histories int64 [B, L], padded with 0 at the end."""
        states, _ = self.user_lstm(self.dropout(self.tokens(self.sequences[history, 0])))
        joined: Tensor = self.join_user(self.dropout(states))
        return joined

    def items(self, numbers: Tensor) -> Tensor:
        """Joined states [M, H] of items, int64 [M]."""
        read = self.sequences[numbers]
        states, _ = self.item_lstm(self.dropout(self.tokens(read)))
        ends = (torch.arange(read.shape[1], device=read.device) * (read > 0)).amax(dim=1)
        joined: Tensor = self.join_item(self.dropout(states[torch.arange(len(read), device=read.device), ends]))
        return joined

    def meta(self, lengths: Tensor, last_items: Tensor, context: Tensor) -> Tensor:
        """Joined states [M, H] of requests.

        Args:
            lengths: int64 [M], magnitudes of the events that the user tower read.
            last_items: int64 [M], the latest of them, 0 for none.
            context: int64 [M, C].
        """
        statistics = torch.stack([lengths, MAGNITUDES + self.item_magnitudes[last_items]], dim=1)
        facts = torch.cat([statistics, 2 * MAGNITUDES + self.context_starts[:-1] + context], dim=1)
        states, _ = self.meta_lstm(self.facts(facts))
        joined: Tensor = self.join_meta(states[:, -1])
        return joined

    def logits(self, requests: Tensor, items: Tensor) -> Tensor:
        """[…] of joined user and meta states […, H] and joined item states […, H]."""
        logits: Tensor = self.out(functional.relu(requests + items))[..., 0]
        return logits


@dataclass(frozen=True)
class TriTowerPart:
    """The trained network as a part of a score.

    Attributes:
        network: In evaluation mode.
    """

    network: TriTower

    @property
    def n_items(self) -> int:
        return self.network.n_items

    @torch.inference_mode()
    def scores(self, batch: Batch) -> Float32Array:
        """The logits, float32 [B, N + 1]."""
        requests, items = self._requests(batch), self._items
        scores = requests.new_empty((len(batch), len(items)))
        step = max(BLOCK_FLOATS // max(len(batch) * HIDDEN, 1), 1)
        for start in range(0, len(items), step):
            scores[:, start : start + step] = self.network.logits(requests[:, None], items[start : start + step])
        return scores.numpy()

    def _requests(self, batch: Batch) -> Tensor:
        lengths = np.minimum(batch.lengths, LENGTH)
        width = max(int(lengths.max(initial=0)), 1)
        places = np.maximum(batch.lengths - lengths, 0)[:, None] + np.arange(width)[None, :]
        real = np.arange(width)[None, :] < lengths[:, None]
        history = np.where(
            real, np.take_along_axis(batch.history, np.minimum(places, batch.history.shape[1] - 1), 1), 0
        )
        users = self.network.users(torch.from_numpy(history.astype(np.int64)))
        users = users[torch.arange(len(batch)), torch.from_numpy(np.maximum(lengths - 1, 0)).long()]
        users = users * torch.from_numpy(batch.lengths > 0)[:, None]
        context = batch.context[:, : len(self.network.context_starts) - 1].astype(np.int64)  # not the traits after it
        facts = (magnitudes(lengths), batch.last_items().astype(np.int64), context)
        return users + self.network.meta(*map(torch.from_numpy, facts))

    @cached_property
    def _items(self) -> Tensor:
        """Joined states of the whole catalogue, [N + 1, H]."""
        return torch.cat(
            [self.network.items(numbers) for numbers in torch.split(torch.arange(self.n_items + 1), 4_096)]
        )

    def state(self) -> dict[str, np.ndarray]:
        return {name: value.numpy() for name, value in self.network.state_dict().items()}

    @classmethod
    def from_state(cls, state: Mapping[str, np.ndarray]) -> TriTowerPart:
        network = TriTower(
            state["sequences"], len(state["tokens.weight"]), state["item_magnitudes"], state["context_starts"]
        )
        network.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in state.items()})
        return cls(network.eval())
