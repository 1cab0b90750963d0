"""Measure a model: full-catalogue ranks of every query, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metarec_core import metrics
from metarec_core.data.split import Queries, Split
from metarec_core.models import ranking
from metarec_core.models.batch import query_batches
from metarec_core.models.calibration import calibration_of
from metarec_core.models.scorer import Scorer

Float64Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """One model's answers to all queries.

    Attributes:
        ranks: float64 [Q], rank of each query's answer in the whole catalogue without the items seen before.
        coverage: Share of the catalogue in any list, by cutoff.
        reliability: How often what the model called likely came, over the ten best items of each list; None where it gave no
            chances.
    """

    ranks: Float64Array
    coverage: Mapping[int, float]
    reliability: metrics.Reliability | None = None

    def values(self, measure: str, k: int) -> Float64Array:
        """One measure of each query, float64 [Q]."""
        return metrics.MEASURES[measure](self.ranks, k)


def measure(scorer: Scorer, split: Split, queries: Queries, max_history: int) -> Measured:
    """Rank the whole catalogue for each query.

    Items the user has seen before the query are left out, all of them, however long the history that the model looks at.
    A query whose answer was seen before therefore counts 0 for every model alike. Where ties are sets, what came earlier in
    the answer's own set is left out too: no model knows of it, and none may be blamed for naming another right answer first.
    """
    dataset = split.dataset
    deepest = max(metrics.CUTOFFS)
    ranks = np.empty(len(queries), dtype=np.float64)
    listed = np.zeros((len(metrics.CUTOFFS), dataset.n_items + 1), dtype=bool)
    calibration = calibration_of(scorer)
    chances, hits = [np.zeros(0, np.float32)], [np.zeros(0, bool)]
    size = ranking.rows_per_block(dataset.n_items, len(scorer.part_names))
    for block, batch in query_batches(dataset, queries, max_history, size):
        scores = scorer.score(batch).total
        ends = queries.events[block]
        ranking.hide_seen(scores, dataset, dataset.events.offsets[queries.user_numbers[block]], ends)
        ranks[block] = ranking.ranks_of(scores, dataset.events.item_numbers[ends])
        top = ranking.top_items(scores, deepest)
        for row, k in enumerate(metrics.CUTOFFS):
            listed[row, top[:, :k]] = True
        if calibration is not None:
            best = top[:, : metrics.JUDGED_SLOTS]
            chances.append(calibration.probabilities(scores, best)[best > 0])
            hits.append((best == dataset.events.item_numbers[ends][:, None])[best > 0])
    shares = listed[:, 1:].mean(axis=1)
    reliability = metrics.reliability(np.concatenate(chances), np.concatenate(hits))
    return Measured(
        ranks,
        {k: float(share) for k, share in zip(metrics.CUTOFFS, shares, strict=True)},
        reliability if any(reliability.counts) else None,
    )
