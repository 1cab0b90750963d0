"""Peers of the package implicit: iALS and BM25 item-kNN, settings chosen on validation, then refitted with it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import BM25Recommender
from scipy import sparse

from benchmarks.peers.clock import cpu_seconds
from benchmarks.peers.ranking import Fitted, Float32Array, Model, Score, validation_ndcg
from benchmarks.peers.split import Events, Int64Array, PeerSplit

Settings = Mapping[str, float]

THREADS = 2
IALS_GRID: Final = {"alpha": (1.0, 4.0, 16.0), "factors": (32, 64, 128), "regularization": (0.1, 1.0, 10.0)}
BM25_GRID: Final = {"K": (20, 50, 100, 300), "K1": (1.2, 10.0, 100.0), "B": (0.0, 0.25, 0.75)}


def fit_popular(split: PeerSplit, seed: int, seconds: float) -> Fitted:
    """Items by count: no peer, but figures of it are known, so it checks the evaluation."""
    del seed, seconds

    def popular(events: Events) -> Model:
        counts = np.bincount(events.items, minlength=split.shape[1]).astype(np.float32)
        return lambda history: lambda users: np.tile(counts, (len(users), 1))

    return Fitted(popular(split.known), {}, validation_ndcg(split, popular(split.train)), "")


def fit_ials(split: PeerSplit, seed: int, seconds: float) -> Fitted:
    """Implicit alternating least squares; a user's factors are solved from the history at hand.

    Source: Hu, Koren and Volinsky 2008; grid after Rendle et al. 2022 (regularisation and weight matter most).
    """

    def fit(pairs: sparse.csr_matrix, settings: Settings) -> Model:
        als = AlternatingLeastSquares(**settings, iterations=15, random_state=seed, num_threads=THREADS)
        als.fit(pairs, show_progress=False)

        def model(history: Events) -> Score:
            matrix = split.matrix(history)
            return lambda users: als.recalculate_user(users, matrix[users]) @ als.item_factors.T

        return model

    return _best(split, fit, IALS_GRID, seconds)


def fit_bm25(split: PeerSplit, seed: int, seconds: float) -> Fitted:
    """Item-kNN on BM25-weighted counts."""
    del seed

    def fit(pairs: sparse.csr_matrix, settings: Settings) -> Model:
        knn = BM25Recommender(**settings, num_threads=THREADS)
        knn.fit(pairs, show_progress=False)
        similarity = knn.similarity.astype(np.float32)

        def model(history: Events) -> Score:
            matrix = split.matrix(history)

            def score(users: Int64Array) -> Float32Array:
                return (matrix[users] @ similarity).toarray()

            return score

        return model

    return _best(split, fit, BM25_GRID, seconds)


def _best(
    split: PeerSplit,
    fit: Callable[[sparse.csr_matrix, Settings], Model],
    grid: Mapping[str, Iterable[float]],
    seconds: float,
) -> Fitted:
    """The grid's best on validation, refitted on training and validation events; stops where the budget ends."""
    candidates = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
    train, results = split.matrix(split.train), []
    for settings in candidates:
        results.append((validation_ndcg(split, fit(train, settings)), settings))
        if cpu_seconds() > seconds:
            break
    value, settings = max(results, key=lambda result: result[0])
    note = f"best of {len(results)} settings" + (
        f", cut from {len(candidates)}" if len(results) < len(candidates) else ""
    )
    return Fitted(fit(split.matrix(split.known), settings), settings, value, note)
