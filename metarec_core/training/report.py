"""What training says while it works, and what it needs to go on after a stop."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from metarec_core.models.metarec import MetaRec

STAGES: Final = ("memories", "sequence", "weights", "refit")
"""In the order in which they come; "sequence" only where the model has that part."""


@dataclass(frozen=True)
class Checkpoint:
    """All that is needed to go on as if training had never stopped.

    Attributes:
        arrays: Weights and optimiser state.
        numbers: Everything else, ready for JSON.
    """

    arrays: Mapping[str, np.ndarray]
    numbers: Mapping[str, Any]


@dataclass(frozen=True)
class TrainingReport:
    """How far training is.

    Attributes:
        stage: One of ``STAGES``.
        epoch: Finished passes over the data in this stage, of ``epochs`` at most; both 0 in stages without passes.
        step: Finished steps of the present pass, of ``steps``.
        loss: Mean loss since the pass began.
        validation: NDCG and hit rate at 10 on validation; at the end of a pass, and of the stage "weights" for the whole model.
        examples_per_s: Events learned from in a second; in the last report, over all passes of the sequence part.
        elapsed_s: Seconds of training; of earlier sittings what their last checkpoint kept.
        remaining_s: Estimated seconds to go, None where it cannot be told yet.
        checkpoint: At the end of a pass, every minute within one, and whenever something was chosen or weighed.
        model: The finished model, in the last report only.
        variants: The model with less (one part, or meta-knowledge, left out), by what it is, in the last report only.
        device: Where it ran.
        timings_s: Seconds each stage took, over all sittings, in the last report only.
        learned: What was chosen and learned beside the weights, ready for JSON, in the last report only.
    """

    stage: str
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    loss: float | None = None
    validation: Mapping[str, float] | None = None
    examples_per_s: float | None = None
    elapsed_s: float = 0.0
    remaining_s: float | None = None
    checkpoint: Checkpoint | None = field(default=None, repr=False)
    model: MetaRec | None = field(default=None, repr=False)
    variants: Mapping[str, MetaRec] = field(default_factory=dict, repr=False)
    device: str = ""
    timings_s: Mapping[str, float] = field(default_factory=dict)
    learned: Mapping[str, Any] = field(default_factory=dict)


class Stopwatch:
    """Time of each stage, earlier sittings of a training included.

    Args:
        earlier: Seconds of each stage until the checkpoint that is gone on from.
    """

    def __init__(self, earlier: Mapping[str, float] | None = None) -> None:
        self._stage_began = time.monotonic()
        self.stages: dict[str, float] = dict(earlier or {})

    @property
    def elapsed_s(self) -> float:
        """Of all stages, and of the one that goes on."""
        return sum(self.stages.values()) + time.monotonic() - self._stage_began

    def so_far(self, stage: str) -> dict[str, float]:
        """Seconds of each stage until now, in the midst of one."""
        return {**self.stages, stage: self.stages.get(stage, 0.0) + time.monotonic() - self._stage_began}

    def end_stage(self, name: str) -> None:
        """Count the time since the last stage ended for this one."""
        self.stages = self.so_far(name)
        self._stage_began = time.monotonic()
