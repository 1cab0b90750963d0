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

Score = Callable[[Int64Array], Float32Array]
"""User numbers [B] to scores [B, N + 1]; column 0 is padding, minus infinity an item that cannot be listed."""

Model = Callable[[Events], Score]
"""The histories to look at to the scores that follow from them."""

USERS_PER_BLOCK = 512
VALIDATION_USERS = 5_000
"""Users that choose settings; more would cost a peer time that it can train in."""


@dataclass(frozen=True)
class Fitted:
    """A trained peer.

    Attributes:
        model: Ready for the histories at test.
        settings: What was chosen, for the report.
        validation: NDCG@10 of the chosen settings on validation.
        note: What a reader should know: how many settings were tried, whether training was cut.
    """

    model: Model
    settings: Mapping[str, object]
    validation: float
    note: str


def rank_targets(split: PeerSplit, model: Model, history: Events, targets: Events) -> Float64Array:
    """Rank of each target among the items that its user's history does not have; float64 [Q], ties share their mean rank."""
    score, seen = model(history), split.matrix(history)
    ranks = np.empty(len(targets))
    for start in range(0, len(targets), USERS_PER_BLOCK):
        block = slice(start, start + USERS_PER_BLOCK)
        users = targets.users[block]
        scores = score(users)
        scores[seen[users].nonzero()] = -np.inf
        scores[:, 0] = -np.inf
        ranks[block] = ranks_of(scores, targets.items[block])
    return ranks


def validation_ndcg(split: PeerSplit, model: Model) -> float:
    """Mean NDCG@10 of the validation events of evenly spaced users."""
    n = len(split.validation)
    chosen = np.unique(np.linspace(0, n - 1, min(n, VALIDATION_USERS)).astype(np.int64))
    targets = Events(split.validation.users[chosen], split.validation.items[chosen])
    return float(ndcg(rank_targets(split, model, split.train, targets), 10).mean())
