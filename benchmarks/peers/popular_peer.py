"""Items by count: no peer, but MetaRec measures it too, so it shows that both are measured alike."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from benchmarks.peers.ranking import Fitted, Score, validation_ndcg
from benchmarks.peers.split import PeerSplit


def fit_popular(split: PeerSplit, seed: int, seconds: float) -> Fitted:
    """Count how many users met each item."""
    del seed, seconds

    def fit(pairs: sparse.csr_matrix) -> Score:
        counts = np.asarray(pairs.sum(axis=0), dtype=np.float32)
        return lambda history, users: np.repeat(counts, len(users), axis=0)

    validation = validation_ndcg(split, fit(split.matrix(split.train)))
    return Fitted(fit(split.matrix(split.known)), {}, validation, "")
