"""Models side by side on the same queries: means, intervals and paired differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from metarec_core import metrics
from metarec_core.data.split import Split
from metarec_core.evaluation.bootstrap import Interval, bootstrap
from metarec_core.evaluation.evaluate import Measured
from metarec_core.evaluation.leakage import Leakage, leakage
from metarec_core.evaluation.lists import Yardstick
from metarec_core.evaluation.significance import PValue, holm, sign_flip
from metarec_core.metrics import Reliability

RUN_NAME: Final = "metarec"
"""The name of the trained model among the baselines."""

HEADLINE: Final = "ndcg@10"
"""The measure by which models are ordered and compared."""


DIFFERENT: Final = ("hr", "ndcg", "mrr")
"""Measures that are resampled: with one relevant item the others follow from them."""

_EQUAL: Final = {"recall": "hr", "precision": "hr", "map": "mrr"}


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
        n_not_drawn: Questions left out at random because there were more than enough.
        ties_are_sets: Whether events of one user at one time were no hint at each other.
        validation_from: Second since 1970 UTC from which on events chose settings; None where each user has a last event.
        test_from: Second from which on events were asked about, or None.
        reliability: How often what the trained model called likely came; None where it gave no chances.
        p_values: For each baseline, whether the difference of the headline measure could be luck.
        protocol: How test events were held out: "leave_one_out", "time" or "users".
        targets: Which of them are questions: "successive" or "last".
        repeats: Whether a user may get an item again.
        leakage: What of the answers could have been known; None where nobody looked.
        answered_head: Share of the answers that are among the 100 most popular items; None where nobody looked.
    """

    split: str
    n_queries: int
    n_users: int
    n_items: int
    models: Mapping[str, Mapping[str, Interval]]
    differences: Mapping[str, Mapping[str, Interval]]
    n_without_history: int = 0
    n_not_drawn: int = 0
    ties_are_sets: bool = False
    validation_from: int | None = None
    test_from: int | None = None
    reliability: Reliability | None = None
    p_values: Mapping[str, PValue] = field(default_factory=dict)
    protocol: str = "leave_one_out"
    targets: str = "last"
    repeats: bool = False
    leakage: Leakage | None = None
    answered_head: float | None = None

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
            p = self.p_values.get(name)
            row["p"], row["p_holm"] = (p.plain, p.holm) if p else (None, None)
            rows.append(row)
        return pd.DataFrame(rows).sort_values(HEADLINE, ascending=False, kind="stable", ignore_index=True)

    def among(self, baselines: Sequence[str]) -> Evaluation:
        """The same evaluation with only these baselines; so fewer comparisons, and smaller corrected p-values."""
        models = {name: row for name, row in self.models.items() if name == RUN_NAME or name in baselines}
        plain = {name: self.p_values[name].plain for name in baselines if name in self.p_values}
        differences = {name: self.differences[name] for name in baselines}
        return replace(self, models=models, differences=differences, p_values=_corrected(plain))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; ``from_dict`` gives the same evaluation back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Evaluation:
        """The evaluation that ``to_dict`` wrote, in this version or an earlier one, which asked every user once.

        What an earlier version did not measure is not there: measures are looked up by name, and p-values are missing.
        """

        def intervals(tree: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Interval]]:
            return {name: {label: Interval(**i) for label, i in row.items()} for name, row in tree.items()}

        known = {name: value for name, value in values.items() if name in cls.__dataclass_fields__}
        trees = {name: intervals(values[name]) for name in ("models", "differences")}
        bins = values.get("reliability")
        reliability = Reliability(**{name: tuple(sums) for name, sums in bins.items()}) if bins else None
        p_values = {name: PValue(**p) for name, p in values.get("p_values", {}).items()}
        leaks = values.get("leakage")
        derived: dict[str, Any] = {
            "reliability": reliability,
            "p_values": p_values,
            "leakage": Leakage(**leaks) if leaks else None,
        }
        if "protocol" not in values and values.get("test_from") is not None:
            derived |= {"protocol": "time", "targets": "successive"}
        return cls(**{"n_users": values["n_queries"], **known, **trees, **derived})


def leaderboard(
    measured: Mapping[str, Measured], split: Split, draws: int, seed: int = 0, yardstick: Yardstick | None = None
) -> Evaluation:
    """Put measured models side by side.

    Args:
        measured: Answers of each model to the split's test queries; the trained model under ``RUN_NAME``.
        split: Whose test queries they are.
        draws: Resamplings behind each interval.
        seed: Seed of the resamplings.
        yardstick: What lists were judged by, if they were.
    """
    labels = [(measure, k) for measure in DIFFERENT for k in metrics.CUTOFFS]
    names = [f"{measure}@{k}" for measure, k in labels]
    values = {
        model: np.stack([answers.values(measure, k) for measure, k in labels], axis=1)
        for model, answers in measured.items()
    }
    baselines = [model for model in values if model != RUN_NAME] if RUN_NAME in values else []
    gains = [values[RUN_NAME] - values[model] for model in baselines]
    beside = [values for answers in measured.values() for values in answers.per_list.values()]
    columns = [*values.values(), *gains, *(column[:, None] for column in beside)]
    users = split.test.user_numbers
    intervals = iter(bootstrap(np.concatenate(columns, axis=1), draws, seed, users))
    models = {model: _with_equals({name: next(intervals) for name in names}) for model in values}
    differences = {model: _with_equals({name: next(intervals) for name in names}) for model in baselines}
    for model, answers in measured.items():
        models[model] |= {f"coverage@{k}": Interval(share, None, None) for k, share in answers.coverage.items()}
        models[model] |= {label: next(intervals) for label in answers.per_list}
        models[model] |= {label: Interval(value, None, None) for label, value in answers.overall.items()}
    p_values: list[float] = []
    if baselines:
        headline = names.index(HEADLINE)
        p_values = sign_flip(np.stack([gain[:, headline] for gain in gains], axis=1), users, seed=seed).tolist()
    return Evaluation(
        split="test",
        n_queries=len(split.test),
        n_users=split.test.n_users,
        n_items=split.dataset.n_items,
        models=models,
        differences=differences,
        n_without_history=split.test.n_without_history,
        n_not_drawn=split.test.n_not_drawn,
        ties_are_sets=split.dataset.events.ties_are_sets,
        validation_from=split.validation_from,
        test_from=split.test_from,
        reliability=measured[RUN_NAME].reliability if RUN_NAME in measured else None,
        p_values=_corrected(dict(zip(baselines, p_values, strict=True))),
        protocol=split.protocol,
        targets=split.targets,
        repeats=split.dataset.repeats,
        leakage=leakage(split),
        answered_head=None if yardstick is None else yardstick.answered_head,
    )


def _with_equals(row: Mapping[str, Interval]) -> dict[str, Interval]:
    """Measures in the order of reports: with one relevant item some are others by another name, or at another scale."""
    full: dict[str, Interval] = {}
    for measure in metrics.MEASURES:
        for k in metrics.CUTOFFS:
            interval = row[f"{_EQUAL.get(measure, measure)}@{k}"]
            full[f"{measure}@{k}"] = _scaled(interval, 1 / k) if measure == "precision" else interval
    return full


def _scaled(interval: Interval, by: float) -> Interval:
    bounds = (None if bound is None else bound * by for bound in (interval.low, interval.high))
    return Interval(interval.mean * by, *bounds)


def _corrected(plain: Mapping[str, float]) -> dict[str, PValue]:
    corrected = holm(list(plain.values()))
    return {name: PValue(p, q) for (name, p), q in zip(plain.items(), corrected, strict=True)}
