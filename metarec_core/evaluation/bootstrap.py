"""Intervals by resampling users, so that "better" can be told from luck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64Array = npt.NDArray[np.float64]

DRAWS_PER_BLOCK = 100
"""Resamplings held in memory at once."""


@dataclass(frozen=True)
class Interval:
    """A mean with its 95 % interval; the bounds are None where no interval applies."""

    mean: float
    low: float | None
    high: float | None


def bootstrap(values: Float64Array, draws: int, seed: int = 0) -> list[Interval]:
    """The mean of each column with its 95 % percentile interval over resampled rows.

    The same seed resamples the same rows, so intervals of differences are paired.

    Args:
        values: float64 [Q, M], one row a query (a user), one column a measure or a difference of two models' measures.
        draws: How many resamplings.
        seed: Seed of the resamplings.

    Source: Efron 1979.
    """
    rng = np.random.default_rng(seed)
    n = len(values)
    means = np.empty((draws, values.shape[1]))
    for start in range(0, draws, DRAWS_PER_BLOCK):
        block = means[start : start + DRAWS_PER_BLOCK]
        counts = np.stack([np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(len(block))])
        block[:] = counts @ values / n
    low, high = np.quantile(means, [0.025, 0.975], axis=0)
    return [Interval(*map(float, row)) for row in zip(values.mean(axis=0), low, high, strict=True)]
