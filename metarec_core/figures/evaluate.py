"""The Evaluate page: the verdict in words, the leaderboard, and how far apart the models are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

import pandas as pd
import plotly.graph_objects as go

from metarec_core.evaluation.bootstrap import Interval
from metarec_core.evaluation.leaderboard import HEADLINE, RUN_NAME, Evaluation
from metarec_core.figures.palette import BLUE, GREY
from metarec_core.figures.text import count, when

MODEL_TITLES: Final = {
    RUN_NAME: "This run",
    "popular": "Popular",
    "recent_popular": "Recently popular",
    "item_knn": "Item-kNN",
    "ease": "EASE",
    "ease_decayed": "EASE, recent first",
    "transition": "Transitions",
    "ials": "iALS",
    "tri_tower": "Three towers",
    "sasrec": "SASRec",
}
MEASURE_TITLES: Final = {
    "ndcg": "NDCG",
    "hr": "Hit rate",
    "recall": "Recall",
    "mrr": "MRR",
    "map": "MAP",
    "coverage": "Coverage",
}
MEASURE_HELP: Final = {
    "ndcg": "How high in the list the right item stands: 1 at the top, less further down, 0 when it is not listed.",
    "hr": "Share of questions whose right item is in the list.",
    "recall": "Share of the right items that are in the list; with one right item a question it is the hit rate.",
    "mrr": "Mean of 1 / rank of the right item.",
    "map": "Mean average precision; with one right item a question it is the MRR.",
    "coverage": "Share of the catalogue that is in anybody's list.",
}
INTERVAL_MEASURES: Final = tuple(name for name in MEASURE_TITLES if name != "coverage")
"""Measures of single questions, which have intervals and paired differences."""

VERDICT_ICONS: Final = {
    "better": ":material/check_circle:",
    "worse": ":material/cancel:",
    "level": ":material/balance:",
    "alone": ":material/info:",
}


def model_title(name: str) -> str:
    """A model's name for people."""
    return MODEL_TITLES.get(name, name.replace("_", " ").capitalize())


@dataclass(frozen=True)
class Verdict:
    """Whether to believe in a run, in plain words.

    Attributes:
        kind: "better", "worse" or "level" with the best baseline; "alone" without one.
        headline: One short sentence.
        details: What was measured, with the interval.
    """

    kind: Literal["better", "worse", "level", "alone"]
    headline: str
    details: str


def verdict(evaluation: Evaluation, measure: str = HEADLINE) -> Verdict:
    """Compare the run with the best baseline: better or worse only where the whole interval of the difference says so."""
    title = measure_title(measure)
    ours = evaluation.models[RUN_NAME][measure]
    users = count(evaluation.n_users, "user")
    questions = users if evaluation.test_from is None else f"{count(evaluation.n_queries, 'event')} of {users}"
    asked = f"{questions}, each with the whole catalogue of {evaluation.n_items:,} items to choose from"
    best = evaluation.best_baseline
    if best is None:
        return Verdict(
            "alone", "Nothing to compare with.", f"{title} is {ours.mean:.3f} over {asked}; no baseline was fitted."
        )
    theirs, gain = evaluation.models[best][measure], evaluation.differences[best][measure]
    details = (
        f"{title} is {ours.mean:.3f} against {theirs.mean:.3f}: {gain.mean:+.3f}{_relative(gain.mean, theirs.mean)}"
        f"{_interval_words(gain)}. Measured on {asked}."
    )
    name = model_title(best)
    if gain.low is not None and gain.low > 0:
        return Verdict("better", f"Better than the best simple model ({name}).", details)
    if gain.high is not None and gain.high < 0:
        return Verdict("worse", f"Worse than the best simple model ({name}). Use that instead.", details)
    return Verdict(
        "level", f"No clear difference from the best simple model ({name}).", f"{details} The interval includes 0."
    )


def measure_title(measure: str) -> str:
    """``ndcg@10`` for people: ``NDCG@10``."""
    name, _, k = measure.partition("@")
    return f"{MEASURE_TITLES.get(name, name)}@{k}"


def leaderboard_table(evaluation: Evaluation, k: int) -> pd.DataFrame:
    """Models at one list length, best first: measures with three digits, and the paired difference to the run in words.

    Columns: Model, one a measure (float), then the interval of NDCG and the difference as text.
    """
    headline = f"ndcg@{k}"
    rows = []
    for name, measured in evaluation.models.items():
        row: dict[str, object] = {"Model": model_title(name)}
        row |= {title: measured[f"{m}@{k}"].mean for m, title in MEASURE_TITLES.items() if f"{m}@{k}" in measured}
        row["95 % interval"] = _range(measured[headline])
        gain = evaluation.differences.get(name, {}).get(headline)
        row["Run minus it"] = "" if gain is None else f"{gain.mean:+.3f} ({_range(gain, sign=True)})"
        rows.append(row)
    table = pd.DataFrame(rows).sort_values("NDCG", ascending=False, kind="stable", ignore_index=True)
    numbers = table.select_dtypes("number").columns
    return table.assign(**{column: table[column].round(3) for column in numbers})


def leaderboard_export(evaluation: Evaluation) -> pd.DataFrame:
    """Everything measured, unrounded, one row a model and measure: for other programs."""
    rows = []
    for name, measured in evaluation.models.items():
        for measure, interval in measured.items():
            gain = evaluation.differences.get(name, {}).get(measure)
            rows.append(
                {
                    "model": name,
                    "measure": measure,
                    "mean": interval.mean,
                    "low": interval.low,
                    "high": interval.high,
                    "run_minus_model": gain.mean if gain else None,
                    "run_minus_model_low": gain.low if gain else None,
                    "run_minus_model_high": gain.high if gain else None,
                }
            )
    return pd.DataFrame(rows)


def forest(evaluation: Evaluation, measure: str) -> go.Figure:
    """Each model's mean as a point with its 95 % interval as a line, best on top; the run is the filled diamond."""
    models = sorted(evaluation.models, key=lambda name: -evaluation.models[name][measure].mean)
    return points(
        [(model_title(name), evaluation.models[name][measure], name == RUN_NAME) for name in models],
        measure_title(measure),
        ".3f",
    )


def difference_forest(evaluation: Evaluation, measure: str) -> go.Figure:
    """The run minus each baseline, paired over questions: right of the line at 0 the run is better."""
    baselines = sorted(evaluation.differences, key=lambda name: evaluation.differences[name][measure].mean)
    figure = points(
        [(f"minus {model_title(name)}", evaluation.differences[name][measure], True) for name in baselines],
        f"Difference in {measure_title(measure)}",
        "+.3f",
    )
    figure.add_vline(x=0, line={"dash": "dot", "width": 1, "color": GREY})
    return figure


def forest_words(evaluation: Evaluation, measure: str) -> str:
    """The forest chart as one sentence, for those who cannot see it."""
    models = sorted(evaluation.models, key=lambda name: -evaluation.models[name][measure].mean)
    values = [f"{model_title(name)} {evaluation.models[name][measure].mean:.3f}" for name in models]
    return f"{measure_title(measure)}, best first: {', '.join(values)}"


def difference_words(evaluation: Evaluation, measure: str) -> str:
    """The difference chart as one sentence."""
    gains = [f"{model_title(name)} {row[measure].mean:+.3f}" for name, row in evaluation.differences.items()]
    return f"This run minus each baseline, {measure_title(measure)}: {', '.join(gains)}"


def protocol_words(evaluation: Evaluation) -> str:
    """Which events were asked about, in one sentence."""
    users = count(evaluation.n_users, "user")
    if evaluation.test_from is None or evaluation.validation_from is None:
        asked = f"Leave-one-out: {count(evaluation.n_queries, 'question')}, the last event of each of {users}"
    else:
        asked = (
            f"Split by time: {count(evaluation.n_queries, 'question')}, every event of {users} from "
            f"{_moment(evaluation.test_from)} on, after settings were chosen on events from "
            f"{_moment(evaluation.validation_from)} on"
        )
    if evaluation.n_without_history:
        asked += f"; {count(evaluation.n_without_history, 'event')} with nothing of the user before it left out"
    if evaluation.ties_are_sets:
        asked += "; events of a user within one second are no hint at each other"
    return f"{asked}."


def method_words(evaluation: Evaluation) -> str:
    """How the figures came about, in plain words."""
    return (
        f"{protocol_words(evaluation)} Each such event was hidden, and from what its user had done before it the model ranked "
        f"the whole catalogue of {evaluation.n_items:,} items, without those the user had before. The baselines learned from "
        "the same events and answered the same questions. An interval covers 95 % of the results when users are drawn again "
        "at random, each with all questions; a difference is taken question by question, so luck that both models share "
        "cancels out."
    )


def points(rows: list[tuple[str, Interval, bool]], axis: str, digits: str) -> go.Figure:
    """A point a row with its interval as a line, first row on top.

    Args:
        rows: Title, value, and whether it is one that the reader looks for.
        axis: Title of the axis.
        digits: Format of values, as in ``.3f``.
    """
    figure = go.Figure()
    for title, interval, is_run in rows:
        low = interval.mean if interval.low is None else interval.low
        high = interval.mean if interval.high is None else interval.high
        figure.add_scatter(
            x=[interval.mean],
            y=[title],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [high - interval.mean],
                "arrayminus": [interval.mean - low],
                "thickness": 2,
                "width": 6,
            },
            mode="markers",
            marker={
                "size": 12,
                "symbol": "diamond" if is_run else "circle-open",
                "color": BLUE if is_run else GREY,
                "line": {"width": 2},
            },
            hovertemplate=f"%{{y}}: %{{x:{digits}}} ({low:{digits}} to {high:{digits}})<extra></extra>",
            showlegend=False,
        )
    figure.update_layout(
        height=44 * max(len(rows), 2) + 80,
        margin={"l": 8, "r": 16, "t": 8, "b": 8},
        xaxis={"title": axis, "fixedrange": True, "zeroline": False},
        yaxis={"autorange": "reversed", "fixedrange": True, "automargin": True},
    )
    return figure


def _range(interval: Interval, sign: bool = False) -> str:
    if interval.low is None or interval.high is None:
        return "–"
    form = "+.3f" if sign else ".3f"
    return f"{interval.low:{form}} to {interval.high:{form}}"


def _interval_words(gain: Interval) -> str:
    return (
        "" if gain.low is None or gain.high is None else f" (95 % interval of the difference {_range(gain, sign=True)})"
    )


def _moment(seconds: int) -> str:
    return f"{when(datetime.fromtimestamp(seconds, UTC))} UTC"


def _relative(gain: float, base: float) -> str:
    return f", or {gain / base:+.0%}" if base > 0 else ""
