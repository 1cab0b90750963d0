"""SASRec as a baseline: the Transformer of the sequence part, learned items and nothing else."""

from __future__ import annotations

from typing import Final

import numpy as np

from metarec_core.config import ModelConfig, RunConfig
from metarec_core.data.dataset import Interactions
from metarec_core.models.sequence import SequencePart
from metarec_core.training.learner import Learner

MODEL: Final = ModelConfig(encoder="transformer", fused=False, time_gaps=False)

PASSES: Final = 20
"""A baseline has no validation to stop by; more passes stopped paying on the logs it was tried on."""


def fit_sasrec(interactions: Interactions, seed: int) -> SequencePart:
    """Learn what comes next from the order of items alone.

    Args:
        interactions: What to learn from.
        seed: Of everything random.

    Source: Kang and McAuley 2018, "Self-Attentive Sequential Recommendation", with softmax over the catalogue in place of one
    negative (Klenitskiy and Vasilev 2023).
    """
    config = RunConfig(seed=seed, model=MODEL)
    learner = Learner(
        interactions,
        config,
        "cpu",
        use="sasrec",
        passes=PASSES,
        rate=config.train.rate,
        content=np.zeros((interactions.n_items + 1, 0), dtype=np.float32),
        has_clock_times=False,
    )
    for _ in range(PASSES):
        for _ in learner.run_pass():
            pass
    return learner.part()
