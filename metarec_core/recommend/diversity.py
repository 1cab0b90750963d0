"""Lists of items that are not all alike, and what that costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from metarec_core import metrics
from metarec_core.data.dataset import Float32Array, Int32Array
from metarec_core.data.split import Queries
from metarec_core.graph.embed import FUSED_AXES, graph_vectors
from metarec_core.models import ranking
from metarec_core.models.batch import query_batches
from metarec_core.models.content import ContentPart, of_length_one, side_by_side
from metarec_core.models.graph import GraphPart
from metarec_core.models.metarec import MetaRec
from metarec_core.models.scorer import Scorer

if TYPE_CHECKING:
    from metarec_core.recommend.recommender import Recommender

CANDIDATES: Final = 100
"""Items, the best by score, among which a varied list is sought."""

LEVELS: Final = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

MOST_QUESTIONS: Final = 1_000
"""Test questions, evenly spaced, on which the cost is measured."""

_BLOCK: Final = 32  # rows whose candidates' content lies in memory at once


def content_of(scorer: Scorer) -> Float32Array:
    """What a model's items are like: text, vectors that came with them and knowledge, each with equal say; float32 [N + 1, D],
    of length 1, or zeros; D = 0 for models that know items by their events only."""
    parts = scorer.parts if isinstance(scorer, MetaRec) else {}
    known = [part.vectors for part in parts.values() if isinstance(part, ContentPart)]
    known += [graph_vectors(part.vectors, FUSED_AXES) for part in parts.values() if isinstance(part, GraphPart)]
    return of_length_one(side_by_side(scorer.n_items, known))


def varied(scores: Float32Array, content: Float32Array, k: int, diversity: float) -> Int32Array:
    """Lists by maximal marginal relevance: each place goes to the item with the most of (1 - d) · relevance - d · similarity.

    Relevance is the score, from 0 for the last candidate of a row to 1 for its best; similarity the largest cosine with an item
    already listed, 0 where that is negative.

    Args:
        scores: float32 [B, N + 1], minus infinity where an item may not be listed.
        content: float32 [N + 1, D], of length 1 or zeros.
        k: Length of a list.
        diversity: d, from 0 (``ranking.top_items``) to 1.

    Returns:
        int32 [B, k], 0 where fewer can be listed.

    Source: Carbonell and Goldstein 1998, "The Use of MMR, Diversity-Based Reranking …", section 2.
    """
    if not diversity:
        return ranking.top_items(scores, k)
    candidates = ranking.top_items(scores, max(CANDIDATES, k))
    values = np.where(candidates > 0, np.take_along_axis(scores, candidates, axis=1), np.nan)
    lists = np.zeros((len(scores), min(k, candidates.shape[1])), dtype=np.int32)
    for start in range(0, len(scores), _BLOCK):
        block = slice(start, start + _BLOCK)
        lists[block] = _varied(candidates[block], values[block], content, lists.shape[1], np.float32(diversity))
    return lists


def _varied(
    candidates: Int32Array, values: Float32Array, content: Float32Array, k: int, diversity: np.float32
) -> Int32Array:
    rows, vectors, free = np.arange(len(candidates)), content[candidates], candidates > 0
    # candidates come best first, and row 0 of an empty list has no best: it stays empty
    last = np.where(free, values, np.inf).min(axis=1, keepdims=True)
    spread = np.where(free[:, :1], values[:, :1] - last, 1)
    relevance = np.where(free, (values - last) / np.where(spread > 0, spread, 1), 0).astype(np.float32)
    alike = np.zeros_like(relevance)
    chosen = np.zeros((len(candidates), k), dtype=np.int32)
    for place in range(k):
        worth = np.where(free, (1 - diversity) * relevance - diversity * alike, -np.inf)
        best = worth.argmax(axis=1)
        chosen[:, place] = np.where(free[rows, best], candidates[rows, best], 0)
        free[rows, best] = False
        alike = np.maximum(alike, (vectors @ vectors[rows, best][:, :, None])[:, :, 0])
    return chosen


def cost_of_diversity(
    recommender: Recommender, queries: Queries, levels: Sequence[float] = LEVELS, k: int = 10
) -> pd.DataFrame:
    """What varied lists would have cost on a sample of test questions.

    Args:
        recommender: A run at work.
        queries: Its test questions.
        levels: Diversities to measure.
        k: Length of a list.

    Returns:
        A row a level: diversity, ndcg (NDCG@k), alike (mean cosine of two items of a list) and questions.
    """
    data, content = recommender.dataset, recommender.content
    step = max(-(-len(queries) // MOST_QUESTIONS), 1)
    asked = queries.some(np.arange(0, len(queries), step))
    gains, alike = np.zeros(len(levels)), np.zeros(len(levels))
    size = ranking.rows_per_block(data.n_items, len(recommender.part_names))
    for block, batch in query_batches(data, asked, recommender.max_history, size):
        some = asked.some(block)
        total = recommender.scorer.score(batch).total
        ranking.hide_seen(total, data, data.events.offsets[some.user_numbers], some.history_ends)
        answers = data.events.item_numbers[some.events]
        for row, level in enumerate(levels):
            lists = varied(total, content, k, level)
            hits = lists == answers[:, None]
            places = np.where(hits.any(axis=1), hits.argmax(axis=1) + 1.0, np.inf)
            gains[row] += metrics.ndcg(places, k).sum()
            alike[row] += _alike_within(content[lists], lists > 0).sum()
    n = max(len(asked), 1)
    return pd.DataFrame({"diversity": list(levels), "ndcg": gains / n, "alike": alike / n, "questions": len(asked)})


def _alike_within(vectors: Float32Array, listed: np.ndarray) -> np.ndarray:
    """Mean cosine of two items of each list, float64 [B]: |Σ v|² = Σ |v|² + Σ over pairs."""
    together = (vectors.sum(axis=1, dtype=np.float64) ** 2).sum(axis=-1)
    alone = (vectors.astype(np.float64) ** 2).sum(axis=(1, 2))
    n = listed.sum(axis=1)
    found: np.ndarray = (together - alone) / np.maximum(n * (n - 1), 1)
    return found
