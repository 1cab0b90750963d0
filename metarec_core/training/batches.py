"""Training sequences in rectangles of about equal numbers of events, each of sequences of like length: little padding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from metarec_core.data.dataset import Int64Array, Interactions


@dataclass(frozen=True)
class Sequences:
    """Users' training events cut into pieces of at most ``max_length`` predictions.

    Attributes:
        interactions: Whose events.
        starts: int64 [S], first event of each piece.
        lengths: int64 [S], events of each piece, at least 2.
    """

    interactions: Interactions
    starts: Int64Array
    lengths: Int64Array

    @property
    def n_predictions(self) -> int:
        return int((self.lengths - 1).sum())


def cut_sequences(interactions: Interactions, max_length: int) -> Sequences:
    """Cut every user's events from the end; neighbouring pieces share one event, so that every step is predicted once."""
    lengths = interactions.lengths()[1:]
    starts = interactions.offsets[1:-1]
    pieces = np.maximum(-(-(lengths - 1) // max_length), 0)  # predictions over max_length, rounded up
    user = np.repeat(np.arange(len(lengths)), pieces)
    from_end = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    ends = starts[user] + lengths[user] - from_end * max_length
    firsts = np.maximum(ends - max_length - 1, starts[user])
    return Sequences(interactions, firsts.astype(np.int64), (ends - firsts).astype(np.int64))


def batches(sequences: Sequences, batch_events: int, rng: np.random.Generator) -> list[Int64Array]:
    """Groups of sequence positions, of about ``batch_events`` padded predictions each, in random order.

    Sequences are sorted by length (equal ones shuffled) and cut greedily, so a group's padding is little.
    """
    order = np.lexsort((rng.random(len(sequences.lengths)), sequences.lengths))
    widths = sequences.lengths[order] - 1
    groups = []
    start = 0
    while start < len(order):
        # the group's width is that of its last, longest sequence: it may hold n sequences while n × width fits
        sizes = widths[start:] * np.arange(1, len(order) - start + 1)
        n = max(int(np.searchsorted(sizes, batch_events, side="right")), 1)
        groups.append(order[start : start + n])
        start += n
    return [groups[i] for i in rng.permutation(len(groups))]


def rectangles(sequences: Sequences, groups: list[Int64Array]) -> Iterator[tuple[Tensor, Tensor, Int64Array]]:
    """Each group's inputs, targets and times of inputs, int64 [B, L] all: target t is what came after input t.

    Inputs and targets are padded with 0 at the end; times there mean nothing.
    """
    items, times = sequences.interactions.item_numbers, sequences.interactions.times
    for group in groups:
        lengths = sequences.lengths[group]
        positions = np.arange(lengths.max())[None, :]
        real = positions < lengths[:, None]
        source = np.where(real, sequences.starts[group][:, None] + positions, 0)
        events = np.where(real, items[source], 0)
        inputs, targets = events[:, :-1], events[:, 1:]
        yield (
            torch.from_numpy(np.where(targets > 0, inputs, 0).astype(np.int64)),
            torch.from_numpy(targets.astype(np.int64)),
            times[source[:, :-1]],
        )
