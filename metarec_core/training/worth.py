"""What a change is worth on validation, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Worth:
    """What something adds, in NDCG@10 on validation.

    Attributes:
        gain: Mean over questions.
        low: Lower end of its 95% interval, over users.
    """

    gain: float
    low: float


def worth_of(gain: npt.NDArray[np.float64], users: npt.NDArray[np.integer]) -> Worth:
    """The mean of what was gained, and how much it is at least.

    Args:
        gain: float64 [Q].
        users: int [Q], whose answers they are.
    """
    return Worth(float(gain.mean()), surely(gain, users))


def surely(gain: npt.NDArray[np.float64], users: npt.NDArray[np.integer]) -> float:
    """Lower end of a mean gain's 95% interval; one user's answers are good or bad together, so users are what is counted.

    Args:
        gain: float64 [Q].
        users: int [Q], whose answers they are.

    Source: Liang and Zeger 1986, eq. 4, for a mean (cluster-robust variance).
    """
    by_user = np.bincount(users, weights=gain - gain.mean())
    return float(gain.mean() - 1.96 * np.sqrt(np.square(by_user).sum()) / len(gain))
