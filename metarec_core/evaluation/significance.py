"""Whether a difference could be luck: sign flips over users, and Holm's correction for asking more than once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from metarec_core.evaluation.bootstrap import by_user

Float64Array = npt.NDArray[np.float64]

FLIPS: Final = 9_999
"""Random flips behind a p-value, whose smallest is then one in ten thousand."""

_SIGNS_AT_ONCE: Final = 8_000_000


@dataclass(frozen=True)
class PValue:
    """How often luck alone would make two models differ so much.

    Attributes:
        plain: For this comparison alone.
        holm: With regard to how many comparisons are made at once.
    """

    plain: float
    holm: float


def signed(difference: float, digits: int = 3) -> str:
    """A difference as people write it: ``+0.005``; with a digit more where it would look like none: ``+0.0004``."""
    looks_like_none = difference != 0 and abs(difference) < 0.5 * 10**-digits
    return f"{difference:+.{digits + looks_like_none}f}"


def sign_flip(
    differences: Float64Array, users: npt.NDArray[np.int32], flips: int = FLIPS, seed: int = 0
) -> Float64Array:
    """Two-sided p-values of "the two models are alike", float64 [M].

    If they are, a user's differences could as well have had the other sign, all of that user's together. The p-value is the
    share of random signs, the given ones among them, under which the sum is at least as far from 0.

    Args:
        differences: float64 [Q, M], one row a query, one column a pair of models.
        users: int32 [Q], whose query each row is.
        flips: How many random signs.
        seed: Their seed.

    Source: Fisher 1935; Smucker, Allan and Carterette 2007; with whole users as in Davison and Hinkley 1997, section 3.8.
    """
    totals, _ = by_user(differences, users)
    rng = np.random.default_rng(seed)
    given = np.abs(totals.sum(axis=0))
    further = np.ones(totals.shape[1])
    size = max(_SIGNS_AT_ONCE // max(len(totals), 1), 1)
    for start in range(0, flips, size):
        signs = rng.integers(0, 2, size=(min(size, flips - start), len(totals)), dtype=np.int8) * np.float32(2) - 1
        sums = np.abs(signs @ totals)
        further += (sums >= given - 1e-9 * (1 + given)).sum(axis=0)
    return further / (flips + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values, made larger so that the chance of any false alarm among all of them stays what one alone would have.

    Source: Holm 1979.
    """
    order = np.argsort(p_values, kind="stable")
    steps = np.array(p_values)[order] * (len(order) - np.arange(len(order)))
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(p) for p in adjusted]


def p_words(p: float) -> str:
    """A p-value as people write it: ``p = 0.012``, and ``p < 0.001`` below that."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
