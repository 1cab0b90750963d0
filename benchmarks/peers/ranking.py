"""What every peer gives, and the rank of one item a user in it: full catalogue, items of the history removed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.peers.split import Events, Int64Array, PeerSplit
from metarec_core.metrics import ndcg
from metarec_core.models.ranking import ranks_of

Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]

Score = Callable[[Events, Int64Array], Float32Array]
"""Histories of some users, and who they are, ascending [B], to scores [B, N + 1]; minus infinity: cannot be listed."""

USERS_PER_BLOCK = 512
VALIDATION_USERS = 5_000
"""Users that choose settings; more would cost a peer time that it can train in."""


@dataclass(frozen=True)
class Fitted:
    """A trained peer.

    Attributes:
        score: What it says of every item.
        settings: What it was trained with, for the report.
        validation: NDCG@10 of those settings on validation.
        note: What a reader should know: how many settings or epochs were tried, whether the budget cut it.
        chosen_s: CPU seconds until the settings were chosen, where training with them follows; else None.
    """

    score: Score
    settings: Mapping[str, object]
    validation: float
    note: str
    chosen_s: float | None = None


def rank_targets(split: PeerSplit, score: Score, history: Events, targets: Events) -> Float64Array:
    """Rank of each target among the items that its user's history does not have; float64 [Q], ties share their mean rank."""
    ranks = np.empty(len(targets))
    for start in range(0, len(targets), USERS_PER_BLOCK):
        block = slice(start, start + USERS_PER_BLOCK)
        users = targets.users[block]
        known = history.of(users)
        scores = score(known, users)
        scores[split.matrix(known)[users].nonzero()] = -np.inf
        scores[:, 0] = -np.inf
        ranks[block] = ranks_of(scores, targets.items[block].astype(np.int32))
    return ranks


def validation_ndcg(split: PeerSplit, score: Score) -> float:
    """Mean NDCG@10 of the validation events of evenly spaced users."""
    n = len(split.validation)
    chosen = np.unique(np.linspace(0, n - 1, min(n, VALIDATION_USERS)).astype(np.int64))
    targets = Events(split.validation.users[chosen], split.validation.items[chosen])
    return float(ndcg(rank_targets(split, score, split.train, targets), 10).mean())
