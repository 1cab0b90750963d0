"""Models side by side on the same queries: means, intervals and paired differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from metarec_core import metrics
from metarec_core.evaluation.bootstrap import Interval, bootstrap
from metarec_core.evaluation.evaluate import Measured

RUN_NAME: Final = "metarec"
"""The name of the trained model among the baselines."""

HEADLINE: Final = "ndcg@10"
"""The measure by which models are ordered and compared."""


@dataclass(frozen=True)
class Evaluation:
    """What was measured on one split.

    Attributes:
        split: "test" or "validation".
        n_queries: How many users were asked about.
        n_items: Size of the ranked catalogue.
        models: For each model, each measure (``ndcg@10`` …) with its interval; coverage has no interval.
        differences: For each baseline, the trained model minus it, each measure paired over users.
    """

    split: str
    n_queries: int
    n_items: int
    models: Mapping[str, Mapping[str, Interval]]
    differences: Mapping[str, Mapping[str, Interval]]

    @property
    def best_baseline(self) -> str | None:
        """The baseline with the highest headline measure."""
        baselines = [name for name in self.models if name != RUN_NAME]
        return max(baselines, key=lambda name: self.models[name][HEADLINE].mean, default=None)

    @property
    def frame(self) -> pd.DataFrame:
        """One row a model, best first: model; each measure, its low and high; difference to the trained model's headline."""
        rows = []
        for name, measured in self.models.items():
            row: dict[str, Any] = {"model": name}
            for label, interval in measured.items():
                row[label] = interval.mean
                row[f"{label}_low"], row[f"{label}_high"] = interval.low, interval.high
            gain = self.differences.get(name, {}).get(HEADLINE)
            row["metarec_minus_model"] = gain.mean if gain else None
            row["metarec_minus_model_low"] = gain.low if gain else None
            row["metarec_minus_model_high"] = gain.high if gain else None
            rows.append(row)
        return pd.DataFrame(rows).sort_values(HEADLINE, ascending=False, kind="stable", ignore_index=True)

    def among(self, baselines: Sequence[str]) -> Evaluation:
        """The same evaluation with only these baselines."""
        models = {name: row for name, row in self.models.items() if name == RUN_NAME or name in baselines}
        return replace(self, models=models, differences={name: self.differences[name] for name in baselines})

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; ``from_dict`` gives the same evaluation back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Evaluation:
        """The evaluation that ``to_dict`` wrote."""

        def intervals(tree: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Interval]]:
            return {name: {label: Interval(**i) for label, i in row.items()} for name, row in tree.items()}

        return cls(
            split=values["split"],
            n_queries=values["n_queries"],
            n_items=values["n_items"],
            models=intervals(values["models"]),
            differences=intervals(values["differences"]),
        )


def leaderboard(measured: Mapping[str, Measured], split: str, n_items: int, draws: int, seed: int = 0) -> Evaluation:
    """Put measured models side by side.

    Args:
        measured: Answers of each model to the same queries; the trained model under ``RUN_NAME``.
        split: Which queries they were.
        n_items: Size of the ranked catalogue.
        draws: Resamplings behind each interval.
        seed: Seed of the resamplings.
    """
    labels = [(measure, k) for measure in metrics.MEASURES for k in metrics.CUTOFFS]
    names = [f"{measure}@{k}" for measure, k in labels]
    values = {
        model: np.stack([answers.values(measure, k) for measure, k in labels], axis=1)
        for model, answers in measured.items()
    }
    baselines = [model for model in values if model != RUN_NAME] if RUN_NAME in values else []
    columns = list(values.values()) + [values[RUN_NAME] - values[model] for model in baselines]
    intervals = iter(bootstrap(np.concatenate(columns, axis=1), draws, seed))
    models = {model: {name: next(intervals) for name in names} for model in values}
    differences = {model: {name: next(intervals) for name in names} for model in baselines}
    for model, answers in measured.items():
        models[model] |= {f"coverage@{k}": Interval(share, None, None) for k, share in answers.coverage.items()}
    n_queries = len(next(iter(measured.values())).ranks)
    return Evaluation(split, n_queries, n_items, models, differences)
