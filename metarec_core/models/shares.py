"""What each event of a history adds to one item's score, in the parts that are sums over events."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from metarec_core.models.batch import Batch
from metarec_core.models.content import ContentPart
from metarec_core.models.graph import GraphPart
from metarec_core.models.memory import ItemMemory

Float32Array = npt.NDArray[np.float32]


def event_shares(part: object, batch: Batch, item: int) -> Float32Array | None:
    """Each event's own number; a row's numbers add up to what ``part.scores`` says of the item.

    Of the text part this holds the length of the history's mean vector fixed, by which all events are divided alike.

    Args:
        part: Any part of a model.
        batch: Histories.
        item: Item number.

    Returns:
        float32 [B, L], 0 where padded; None for a part that is no such sum.
    """
    if isinstance(part, ItemMemory):
        return _decayed(batch, part.decay) * _calls(part, batch, item)
    if isinstance(part, GraphPart):
        towards = part.vectors @ (part.leads @ part.vectors[item])
        led: Float32Array = _decayed(batch, part.decay) * towards[batch.history]
        return led
    if isinstance(part, ContentPart):
        taste = batch.decayed(part.decay, part.n_items) @ part.vectors
        lengths = np.maximum(np.linalg.norm(taste, axis=1, keepdims=True), np.float32(1e-9))
        shares: Float32Array = (
            _decayed(batch, part.decay) * (part.vectors @ part.vectors[item])[batch.history] / lengths
        )
        return shares
    return None


def _decayed(batch: Batch, decay: float) -> Float32Array:
    ages = batch.ages()
    return np.where(ages >= 0, np.power(np.float32(decay), np.maximum(ages, 0), dtype=np.float32), np.float32(0))


def _calls(part: ItemMemory, batch: Batch, item: int) -> Float32Array:
    """How strongly each event's item calls for the item, float32 [B, L]."""
    items, places = np.unique(batch.history, return_inverse=True)
    calls: Float32Array = part.matrix[items][:, [item]].toarray()[:, 0]
    return calls[places.reshape(batch.history.shape)]


def called_for(part: object, item: int, n_items: int) -> Float32Array:
    """What each item of the catalogue, chosen last, would add to one item's score; float32 [N + 1], zeros where the part is no
    sum over events. Of the text part, before its division by the length of the history's mean."""
    called: Float32Array = np.zeros(n_items + 1, dtype=np.float32)
    if isinstance(part, ItemMemory):
        called = part.matrix[:, [item]].toarray()[:, 0]
    elif isinstance(part, GraphPart):
        called = part.vectors @ (part.leads @ part.vectors[item])
    elif isinstance(part, ContentPart):
        called = part.vectors @ part.vectors[item]
    return called
