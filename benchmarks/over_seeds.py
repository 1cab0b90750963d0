"""Runs of several seeds as one: a question's value is its mean over them, so that an interval belongs to the mean beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from metarec_core import metrics
from metarec_core.evaluation.answers import Answers

Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]

MEASURES: Final = {"ndcg@10": metrics.ndcg, "hr@10": metrics.hit_rate, "mrr@10": metrics.mrr}


def values(ranks: Float32Array) -> Float64Array:
    """Each of ``MEASURES`` of each question; float64 [Q, 3]."""
    return np.stack([measure(ranks.astype(np.float64), 10) for measure in MEASURES.values()], axis=1)


def models(runs: Sequence[Answers]) -> dict[str, Float64Array]:
    """Values of each model, float64 [Q, 3]: those that all runs have measured."""
    return _means([answers.ranks for answers in runs])


def variants(runs: Sequence[Answers]) -> dict[str, Float64Array]:
    """NDCG@10 of each variant, float64 [Q]: those that all runs have measured."""
    return {name: of_all[:, 0] for name, of_all in _means([answers.variants for answers in runs]).items()}


def _means(runs: Sequence[Mapping[str, Float32Array]]) -> dict[str, Float64Array]:
    first, *others = runs
    return {
        name: np.mean([values(ranks[name]) for ranks in runs], axis=0)
        for name in first
        if all(name in ranks for ranks in others)
    }
