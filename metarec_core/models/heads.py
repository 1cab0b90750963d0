"""Where each attention head of the network looked, layer by layer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from metarec_core.models.batch import Batch
from metarec_core.models.encoders import TransformerEncoder
from metarec_core.models.sequence import SequencePart

Float32Array = npt.NDArray[np.float32]


@torch.inference_mode()
def head_weights(part: SequencePart, batch: Batch) -> dict[str, Float32Array]:
    """Attention of the last state over the history, of every head.

    Args:
        part: The sequence part.
        batch: One row with at least one event.

    Returns:
        float32 [L] by name (``layer 1, head 1``), each adding up to 1; empty for an encoder with a single head.
    """
    body = part.encoder.body
    if not isinstance(body, TransformerEncoder):
        return {}
    n, width = int(batch.lengths[0]), batch.history.shape[1]
    first = max(n - part.length, 0)
    vectors, _ = part.encoder.items()
    history = torch.from_numpy(batch.history[:1, first:n].astype(np.int64)).to(vectors.device)
    states = part.encoder.events(history, batch.times[:1, first:n], vectors) + body.places[: n - first]
    found: dict[str, Float32Array] = {}
    for number, layer in enumerate(body.layers, start=1):
        states, weights = layer(states, history == 0)
        for head in range(weights.shape[1]):
            row = np.zeros(width, dtype=np.float32)
            row[first:n] = weights[0, head, -1].cpu().numpy()
            found[f"layer {number}, head {head + 1}"] = row
    return found
