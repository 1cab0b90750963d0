"""Intervals by resampling users, so that "better" can be told from luck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Float64Array = npt.NDArray[np.float64]

DRAWS_PER_BLOCK = 100
"""Resamplings held in memory at once."""


@dataclass(frozen=True)
class Interval:
    """A mean with its 95% interval; the bounds are None where no interval applies."""

    mean: float
    low: float | None
    high: float | None


def bootstrap(
    values: Float64Array, draws: int, seed: int = 0, users: npt.NDArray[np.int32] | None = None
) -> list[Interval]:
    """The mean of each column over all rows, with its 95% percentile interval over resampled users.

    A user is drawn with all rows, since the queries of one user are good or bad together: drawn one by one they would make
    the interval too narrow. The same seed resamples the same users, so intervals of differences are paired.

    Args:
        values: float64 [Q, M], one row a query, one column a measure or a difference of two models' measures.
        draws: How many resamplings.
        seed: Seed of the resamplings.
        users: int32 [Q], whose query each row is; without them each row is a user.

    Source: Efron 1979; Davison and Hinkley 1997, section 3.8 (clusters, drawn whole).
    """
    rng = np.random.default_rng(seed)
    totals, sizes = by_user(values, np.arange(len(values)) if users is None else users)
    n = len(sizes)
    means = np.empty((draws, values.shape[1]))
    for start in range(0, draws, DRAWS_PER_BLOCK):
        block = means[start : start + DRAWS_PER_BLOCK]
        counts = np.stack([np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(len(block))])
        block[:] = counts @ totals / (counts @ sizes)[:, None]
    low, high = np.quantile(means, [0.025, 0.975], axis=0)
    return [Interval(*map(float, row)) for row in zip(values.mean(axis=0), low, high, strict=True)]


def by_user(values: Float64Array, users: npt.NDArray[np.integer[Any]]) -> tuple[Float64Array, npt.NDArray[np.int64]]:
    """The sum of each user's rows, float64 [U, M], and how many they are, int64 [U]."""
    order = np.argsort(users, kind="stable")
    _, firsts, sizes = np.unique(users[order], return_index=True, return_counts=True)
    return np.add.reduceat(values[order], firsts, axis=0), sizes
