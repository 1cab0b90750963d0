"""Measure a model: full-catalogue ranks of every query, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from metarec_core import metrics
from metarec_core.data.split import Queries, Split
from metarec_core.evaluation.lists import Yardstick
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
        per_list: What lists are beside right, float64 [Q] by label (``novelty@10``, ``auc`` …); empty without a yardstick.
        overall: What all lists are together, by label (``gini@10`` …); empty without a yardstick.
    """

    ranks: Float64Array
    coverage: Mapping[int, float]
    reliability: metrics.Reliability | None = None
    per_list: Mapping[str, Float64Array] = field(default_factory=dict)
    overall: Mapping[str, float] = field(default_factory=dict)

    def values(self, measure: str, k: int) -> Float64Array:
        """One measure of each query, float64 [Q]."""
        return metrics.MEASURES[measure](self.ranks, k)


def measure(
    scorer: Scorer, split: Split, queries: Queries, max_history: int, yardstick: Yardstick | None = None
) -> Measured:
    """Rank the whole catalogue for each query.

    All ranks and lists come from one pass over the scores, and every measure from those.

    Items the user has seen before the query are left out, all of them, however long the history that the model looks at.
    A query whose answer was seen before therefore counts 0 for every model alike. Where ties are sets, what came earlier in
    the answer's own set is left out too: no model knows of it, and none may be blamed for naming another right answer first.

    Args:
        scorer: The model.
        split: Whose queries they are.
        queries: Test or validation.
        max_history: Longest history that the model looks at.
        yardstick: Of these queries: what lists are judged by beside the answers.
    """
    dataset = split.dataset
    deepest = max(metrics.CUTOFFS)
    ranks = np.empty(len(queries), dtype=np.float64)
    exposures = np.zeros((len(metrics.CUTOFFS), dataset.n_items + 1), dtype=np.int64)
    candidates = np.empty(len(queries), dtype=np.float64)
    found: list[dict[str, Float64Array]] = []
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
            exposures[row] += np.bincount(top[:, :k].ravel(), minlength=dataset.n_items + 1)
        if yardstick is not None:
            candidates[block] = (scores > -np.inf).sum(axis=1)
            found.append(yardstick.per_list(top, ranks[block], block))
        if calibration is not None:
            best = top[:, : metrics.JUDGED_SLOTS]
            chances.append(calibration.probabilities(scores, best)[best > 0])
            hits.append((best == dataset.events.item_numbers[ends][:, None])[best > 0])
    reliability = metrics.reliability(np.concatenate(chances), np.concatenate(hits))
    shown = {k: row[1:] for k, row in zip(metrics.CUTOFFS, exposures, strict=True)}
    per_list: dict[str, Float64Array] = {}
    if yardstick is not None and found:
        per_list = {label: np.concatenate([part[label] for part in found]) for label in found[0]}
        per_list["auc"] = metrics.auc(ranks, candidates)
    return Measured(
        ranks,
        {k: metrics.coverage(exposure) for k, exposure in shown.items()},
        reliability if any(reliability.counts) else None,
        per_list,
        yardstick.overall(per_list, shown) if yardstick is not None and found else {},
    )
