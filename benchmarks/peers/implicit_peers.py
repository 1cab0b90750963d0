"""Peers of the package implicit: iALS and BM25 item-kNN, settings chosen on validation, then refitted with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import BM25Recommender
from scipy import sparse

from benchmarks.peers.clock import cpu_seconds
from benchmarks.peers.ranking import Fitted, Float32Array, Score, validation_ndcg
from benchmarks.peers.search import Ladders, Settings, climb
from benchmarks.peers.split import Events, Int64Array, PeerSplit

IALS: Final = {
    "factors": (16, 32, 64, 128, 256),
    "regularization": (0.01, 0.1, 1.0, 10.0, 100.0),
    "alpha": (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0),
    "iterations": (5, 15, 30),
}
IALS_START: Final = {"factors": 64, "regularization": 1.0, "alpha": 1.0, "iterations": 15}
BM25: Final = {
    "K": (5, 10, 20, 50, 100, 200, 500, 1_000),
    "K1": (0.1, 0.4, 1.2, 4.0, 12.0, 40.0, 120.0),
    "B": (0.0, 0.25, 0.5, 0.75, 1.0),
}
BM25_START: Final = {"K": 20, "K1": 1.2, "B": 0.75}
"""The library's defaults."""


def fit_ials(split: PeerSplit, seed: int, seconds: float) -> Fitted:
    """Implicit alternating least squares; a user's factors are solved from the history at hand.

    Source: Hu, Koren and Volinsky 2008; what to tune after Rendle et al. 2022.
    """

    def fit(pairs: sparse.csr_matrix, settings: Settings) -> Score:
        als = AlternatingLeastSquares(**settings, random_state=seed, num_threads=1)
        als.fit(pairs, show_progress=False)

        def score(history: Events, users: Int64Array) -> Float32Array:
            return als.recalculate_user(users, split.matrix(history)[users]) @ als.item_factors.T

        return score

    return _best(split, fit, IALS, IALS_START, seconds)


def fit_bm25(split: PeerSplit, seed: int, seconds: float) -> Fitted:
    """Item-kNN on BM25-weighted counts."""
    del seed

    def fit(pairs: sparse.csr_matrix, settings: Settings) -> Score:
        knn = BM25Recommender(**settings, num_threads=1)
        knn.fit(pairs, show_progress=False)
        similarity = knn.similarity.astype(np.float32)

        def score(history: Events, users: Int64Array) -> Float32Array:
            return (split.matrix(history)[users] @ similarity).toarray()

        return score

    return _best(split, fit, BM25, BM25_START, seconds)


def _best(
    split: PeerSplit,
    fit: Callable[[sparse.csr_matrix, Settings], Score],
    ladders: Ladders,
    start: Settings,
    seconds: float,
) -> Fitted:
    train = split.matrix(split.train)

    def value(settings: Settings) -> float:
        reached = validation_ndcg(split, fit(train, settings))
        print(f"{settings}: validation ndcg@10 {reached:.4f}, {cpu_seconds():.0f} CPU s", flush=True)
        return reached

    settings, reached, note = climb(value, ladders, start, seconds)
    chosen_s = cpu_seconds()
    return Fitted(fit(split.matrix(split.known), settings), settings, reached, note, chosen_s)
