"""Models side by side on the same queries: means, intervals and paired differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from metarec_core import metrics
from metarec_core.data.split import Split
from metarec_core.evaluation.bootstrap import Interval, bootstrap
from metarec_core.evaluation.evaluate import Measured
from metarec_core.metrics import Reliability

RUN_NAME: Final = "metarec"
"""The name of the trained model among the baselines."""

HEADLINE: Final = "ndcg@10"
"""The measure by which models are ordered and compared."""


@dataclass(frozen=True)
class Evaluation:
    """What was measured on one split.

    Attributes:
        split: Which of its queries: "test".
        n_queries: How many questions were asked.
        n_users: How many users they are about.
        n_items: Size of the ranked catalogue.
        models: For each model, each measure (``ndcg@10`` …) with its interval; coverage has no interval.
        differences: For each baseline, the trained model minus it, each measure paired over queries.
        n_without_history: Events left out of the questions because their user had nothing before them.
        ties_are_sets: Whether events of one user at one time were no hint at each other.
        validation_from: Second since 1970 UTC from which on events chose settings; None where each user has a last event.
        test_from: Second from which on events were asked about, or None.
        reliability: How often what the trained model called likely came; None where it gave no chances.
    """

    split: str
    n_queries: int
    n_users: int
    n_items: int
    models: Mapping[str, Mapping[str, Interval]]
    differences: Mapping[str, Mapping[str, Interval]]
    n_without_history: int = 0
    ties_are_sets: bool = False
    validation_from: int | None = None
    test_from: int | None = None
    reliability: Reliability | None = None

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
        """The evaluation that ``to_dict`` wrote, in this version or an earlier one, which asked every user once."""

        def intervals(tree: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Interval]]:
            return {name: {label: Interval(**i) for label, i in row.items()} for name, row in tree.items()}

        known = {name: value for name, value in values.items() if name in cls.__dataclass_fields__}
        trees = {name: intervals(values[name]) for name in ("models", "differences")}
        bins = values.get("reliability")
        reliability = Reliability(**{name: tuple(sums) for name, sums in bins.items()}) if bins else None
        return cls(**{"n_users": values["n_queries"], **known, **trees, "reliability": reliability})


def leaderboard(measured: Mapping[str, Measured], split: Split, draws: int, seed: int = 0) -> Evaluation:
    """Put measured models side by side.

    Args:
        measured: Answers of each model to the split's test queries; the trained model under ``RUN_NAME``.
        split: Whose test queries they are.
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
    intervals = iter(bootstrap(np.concatenate(columns, axis=1), draws, seed, split.test.user_numbers))
    models = {model: {name: next(intervals) for name in names} for model in values}
    differences = {model: {name: next(intervals) for name in names} for model in baselines}
    for model, answers in measured.items():
        models[model] |= {f"coverage@{k}": Interval(share, None, None) for k, share in answers.coverage.items()}
    return Evaluation(
        split="test",
        n_queries=len(split.test),
        n_users=split.test.n_users,
        n_items=split.dataset.n_items,
        models=models,
        differences=differences,
        n_without_history=split.test.n_without_history,
        ties_are_sets=split.dataset.events.ties_are_sets,
        validation_from=split.validation_from,
        test_from=split.test_from,
        reliability=measured[RUN_NAME].reliability if RUN_NAME in measured else None,
    )
