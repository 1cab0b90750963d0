"""Measure a model: full-catalogue ranks of every query, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from metarec_core import metrics
from metarec_core.data.split import Queries, Split
from metarec_core.evaluation.lists import Yardstick
from metarec_core.models.scorer import Scorer
from metarec_core.training.questioning import Ask, ask

Float64Array = npt.NDArray[np.float64]

LISTS_AT_ONCE = 1_024
"""Lists that are judged in one go."""


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
    scorer: Scorer,
    split: Split,
    queries: Queries,
    max_history: int,
    yardstick: Yardstick | None = None,
    asking: Ask = ask,
) -> Measured:
    """Rank the whole catalogue for each query; all ranks and lists come from one pass, and every measure from those.

    A query whose answer was seen before counts 0 for every model alike (``training.questioning.ask``).

    Args:
        scorer: The model.
        split: Whose queries they are.
        queries: Test or validation.
        max_history: Longest history that the model looks at.
        yardstick: Of these queries: what lists are judged by beside the answers.
        asking: How they are asked: by this process, or by several.
    """
    dataset = split.dataset
    answered = asking(scorer, dataset, queries, max_history)
    top, ranks = answered.top, answered.ranks
    shown = {
        k: np.bincount(top[:, :k].ravel(), minlength=dataset.n_items + 1).astype(np.int64)[1:] for k in metrics.CUTOFFS
    }
    best = top[:, : answered.chances.shape[1]]
    hits = best == dataset.events.item_numbers[queries.events][:, None]
    reliability = metrics.reliability(answered.chances[best > 0], hits[best > 0])
    per_list: dict[str, Float64Array] = {}
    if yardstick is not None and len(queries):
        blocks = [slice(start, start + LISTS_AT_ONCE) for start in range(0, len(queries), LISTS_AT_ONCE)]
        found = [yardstick.per_list(top[block], ranks[block], block) for block in blocks]
        per_list = {label: np.concatenate([part[label] for part in found]) for label in found[0]}
        per_list["auc"] = metrics.auc(ranks, answered.candidates)
    return Measured(
        ranks,
        {k: metrics.coverage(exposure) for k, exposure in shown.items()},
        reliability if any(reliability.counts) else None,
        per_list,
        yardstick.overall(per_list, shown) if yardstick is not None and len(queries) else {},
    )
