"""What the stage "weights" has found so far, and how a checkpoint keeps it: how far parts are trusted, never the parts."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from metarec_core.models.metarec import MetaRec
from metarec_core.training.report import Checkpoint

SERVES: Final = "serves"
"""The model that serves, beside the variants' names."""


@dataclass
class Weighed:
    """What is known once parts are combined, and grows from there: a step that is named in ``learned`` is done.

    Attributes:
        model: What serves.
        variants: The model with less, by what it is.
        learned: What was found on the way, ready for JSON.
    """

    model: MetaRec
    variants: dict[str, MetaRec]
    learned: dict[str, Any]

    @property
    def borrowing(self) -> float:
        """What new items get of their lenders' mean, where there were any to measure it by."""
        return float(self.learned.get("new_items", {}).get("strength", 0.0))

    def numbers(self) -> dict[str, Any]:
        """The rest of it, ready for JSON."""
        return {"variants": list(self.variants), "learned": copy.deepcopy(self.learned)}

    def arrays(self) -> dict[str, np.ndarray]:
        """All trust, as named arrays; ``restored`` takes them back."""
        models = {SERVES: self.model, **self.variants}
        return {
            f"weighed.{name}.{key}": value for name, model in models.items() for key, value in model.trust().items()
        }


def restored(checkpoint: Checkpoint | None, bare: MetaRec) -> Weighed | None:
    """What an earlier sitting found; None where it had not combined the parts yet.

    Args:
        checkpoint: Of that sitting.
        bare: A model of all parts, fitted on training events.
    """
    if checkpoint is None or "weighed" not in checkpoint.numbers:
        return None
    states: dict[str, dict[str, np.ndarray]] = {}
    for key, value in checkpoint.arrays.items():
        if key.startswith("weighed."):
            _, name, own = key.split(".", 2)
            states.setdefault(name, {})[own] = value

    def model(name: str) -> MetaRec:
        parts = {part: block for part, block in bare.parts.items() if f"{part}.k" in states[name]}
        return MetaRec.trusting(bare.n_items, parts, states[name])

    kept = checkpoint.numbers["weighed"]
    return Weighed(model(SERVES), {name: model(name) for name in kept["variants"]}, dict(kept["learned"]))
