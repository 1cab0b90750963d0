"""What the sequence part reads of items beside their events: content of several kinds side by side, as training laid it."""

from __future__ import annotations

import numpy as np

from metarec_core.data.dataset import Float32Array
from metarec_core.models.content import ContentPart, of_length_one
from metarec_core.models.metarec import MODES, SEQUENCE, MetaRec


def fused_content(
    model: MetaRec, text: Float32Array | None, graph: Float32Array | None, modes: Float32Array | None = None
) -> Float32Array | None:
    """The content of some items as the sequence part has it.

    Args:
        model: Whose.
        text: float32 [B, D], their text vectors; None where the model reads no text.
        graph: float32 [B, D], where they lie on the graph's axes, of any length; None without a graph.
        modes: float32 [B, D], their vectors of other modes; zeros when not given.

    Returns:
        float32 [B, C]; None where the sequence part reads no content, or other content than this.
    """
    items = getattr(getattr(model.parts.get(SEQUENCE), "encoder", None), "items", None)
    given = text if text is not None else graph
    if items is None or items.adapter is None or given is None:
        return None
    content = [] if text is None else [text]
    if isinstance(known := model.parts.get(MODES), ContentPart):
        nothing = np.zeros((len(given), known.vectors.shape[1]), dtype=np.float32)
        content.append(nothing if modes is None else modes)
    left = int(items.content.shape[1]) - sum(part.shape[1] for part in content)
    if graph is not None and 0 < left <= graph.shape[1]:
        content.append(of_length_one(graph[:, :left]))
        left = 0
    return np.concatenate(content, axis=1) if left == 0 else None


def read_content(model: MetaRec, content: Float32Array) -> Float32Array:
    """Vectors and biases that the sequence part makes of content alone, float32 [B, D + 1]."""
    items = model.parts[SEQUENCE].encoder.items  # type: ignore[attr-defined]
    adapter, bias = (layer.weight.detach().cpu().numpy() for layer in (items.adapter, items.content_bias))
    return np.column_stack([content @ adapter.T, content @ bias[0]]).astype(np.float32)
