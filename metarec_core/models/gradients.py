"""Integrated gradients: what each event adds to what the sequence part says of an item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from metarec_core.models.batch import Batch
from metarec_core.models.sequence import SequencePart

Float32Array = npt.NDArray[np.float32]

STEPS: Final = 32
"""Points on the way from the average history to the real one."""


@dataclass(frozen=True)
class Gradients:
    """What events add to the sequence part's score of an item.

    Attributes:
        shares: float32 [L], 0 for events that the part does not see.
        seen: bool [L], events that it sees.
        value: The score.
        start: The score of a history of as many average items at the same times.
    """

    shares: Float32Array
    seen: npt.NDArray[np.bool_]
    value: float
    start: float

    @property
    def residual(self) -> float:
        """What the shares miss of value - start, as a share of it; 0 where there is nothing to divide."""
        whole = self.value - self.start
        missing = abs(float(self.shares.sum(dtype=np.float64)) - whole)
        return missing / abs(whole) if abs(whole) > 1e-6 else 0.0


def integrated_gradients(part: SequencePart, batch: Batch, item: int) -> Gradients:
    """Follow each event from the average item of the catalogue to itself, and add up what the score gains on the way.

    Gradients are taken at the middles of ``STEPS`` equal steps. Time gaps stay as they are: an event's share is what it owes to
    being of its item.

    Args:
        part: The sequence part.
        batch: One row with at least one event.
        item: Item number.

    Source: Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep Networks", eq. 2.
    """
    n, width = int(batch.lengths[0]), batch.history.shape[1]
    first = max(n - part.length, 0)
    encoder = part.encoder
    with torch.no_grad():
        vectors, bias = encoder.items()
        average = vectors[1:].mean(dim=0)
        events = vectors[torch.from_numpy(batch.history[0, first:n].astype(np.int64)).to(vectors.device)]  # [L, D]
        way = events - average
        middles = (torch.arange(STEPS, device=vectors.device, dtype=vectors.dtype) + 0.5) / STEPS
        ends = torch.stack([events, average.expand_as(events)])
        points = torch.cat([average + middles[:, None, None] * way, ends])  # [STEPS + 2, L, D]
    points.requires_grad_()
    # every point is an item of its own in a catalogue made for this: the encoder reads it like any other history
    rows, length, dim = points.shape
    catalogue = torch.cat([points.new_zeros(1, dim), points.reshape(-1, dim)])
    history = 1 + torch.arange(rows * length, device=points.device).reshape(rows, length)
    times = batch.times[:1, first:n].repeat(rows, axis=0)
    lengths = torch.full((rows,), length, device=points.device)
    with torch.backends.cudnn.flags(enabled=False):  # which has no gradients outside of training
        state, _ = encoder.last(history, times, lengths, catalogue)
        scores = state @ vectors[item] + bias[item]
        (slopes,) = torch.autograd.grad(scores[:STEPS].sum(), points)
    found = (slopes[:STEPS].mean(dim=0) * way).sum(dim=-1).cpu().numpy()
    shares, seen = np.zeros(width, dtype=np.float32), np.zeros(width, dtype=bool)
    shares[first:n], seen[first:n] = found, True
    value, start = scores.detach()[STEPS:].tolist()
    return Gradients(shares, seen, value, start)
