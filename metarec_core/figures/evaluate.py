"""The Evaluate page: the verdict in words, the leaderboard, and how far apart the models are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

import pandas as pd
import plotly.graph_objects as go

from metarec_core.evaluation.bootstrap import Interval
from metarec_core.evaluation.leaderboard import HEADLINE, RUN_NAME, Evaluation
from metarec_core.evaluation.learning_curve import Point
from metarec_core.evaluation.significance import p_words, signed
from metarec_core.figures.label_places import label_places
from metarec_core.figures.palette import BLUE, GREY
from metarec_core.figures.text import count, listed, percent, sentences, span, when
from metarec_core.language import later, say

MODEL_TITLES: Final = {
    RUN_NAME: later("This run"),
    "popular": later("Popular"),
    "recent_popular": later("Recently popular"),
    "item_knn": later("Item-kNN"),
    "ease": later("EASE"),
    "ease_decayed": later("EASE, recent first"),
    "transition": later("Transitions"),
    "ials": later("iALS"),
    "tri_tower": later("Three towers"),
    "sasrec": later("SASRec"),
}
MEASURE_TITLES: Final = {
    "ndcg": later("NDCG"),
    "hr": later("Hit rate"),
    "precision": later("Precision"),
    "recall": later("Recall"),
    "mrr": later("MRR"),
    "map": later("MAP"),
    "auc": later("AUC"),
    "coverage": later("Coverage"),
    "novelty": later("Novelty"),
    "attribute_diversity": later("Variety (attributes)"),
    "text_diversity": later("Variety (text)"),
    "serendipity": later("Serendipity"),
    "popularity": later("Popularity"),
    "popularity_lift": later("Popularity lift"),
    "head": later("Top-100 share"),
    "gini": later("Gini"),
    "entropy": later("Entropy"),
    "early": later("Too early"),
}
MEASURE_HELP: Final = {
    "ndcg": later("How high in the list the right item is: 1 at the top, less further down, 0 if it is not listed."),
    "hr": later("Share of questions whose right item is in the list."),
    "recall": later(
        "Share of the right items that are in the list; with one right item per question, this is the hit rate."
    ),
    "mrr": later("Mean of 1 / rank of the right item."),
    "map": later("Mean average precision; with one right item per question, this is the MRR."),
    "precision": later(
        "Share of list positions that hold the right item; with one right item per question, the hit rate divided by k."
    ),
    "auc": later("Share of all other items that the right item ranks above, whatever the list length."),
    "coverage": later("Share of the catalogue that is in anyone's list."),
    "novelty": later("How rare the listed items are, in bits: one more when half as many users had an item."),
    "attribute_diversity": later(
        "How different the items of a list are in their attributes and facts: 0 identical, 1 nothing in common."
    ),
    "text_diversity": later(
        "How different the items of a list are in what their texts are about: 0 identical, 1 nothing in common."
    ),
    "serendipity": later(
        "Share of questions whose right item is in the list, and would not be in a list of popular items."
    ),
    "popularity": later("Mean share of users who had a listed item."),
    "popularity_lift": later(
        "How much more popular listed items are than those the same users had: 0.5 is half as much again."
    ),
    "head": later("Share of list positions that go to the 100 most popular items."),
    "gini": later("How unequally lists cover the catalogue: 0 all items alike, 1 one item everywhere."),
    "entropy": later("How many bits it takes to say which item is in a position: more bits, more variety."),
    "early": later("Share of list positions that go to items that nobody had chosen at that time."),
}
INTERVAL_MEASURES: Final = ("ndcg", "hr", "precision", "recall", "mrr", "map")
"""Measures of single answers, which have intervals and paired differences."""

ACCURACY: Final = (*INTERVAL_MEASURES, "auc")
BESIDE: Final = tuple(name for name in MEASURE_TITLES if name not in ACCURACY)
"""Measures of what lists are beside right."""
_FAVOURED: Final = ("popularity", "popularity_lift", "head", "gini", "entropy", "early")
VARIED: Final = tuple(name for name in BESIDE if name not in _FAVOURED)
POPULAR: Final = tuple(name for name in BESIDE if name not in VARIED)
"""The same as two tables, each narrow enough for a laptop: what is in lists, and whom they favour."""

VERDICT_ICONS: Final = {
    "better": ":material/check_circle:",
    "worse": ":material/cancel:",
    "level": ":material/balance:",
    "alone": ":material/info:",
}


def model_title(name: str) -> str:
    """A model's name for people."""
    return say(model_column(name))


def model_column(name: str) -> str:
    """The same in English, as columns are called that a table says."""
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
    questions = users
    if evaluation.test_from is not None:
        questions = say("{events} from {users}", events=count(evaluation.n_queries, "event"), users=users)
    asked = say(
        "{questions}, each ranking the whole catalogue of {n:,} items",
        questions=questions,
        n=evaluation.n_items,
    )
    best = evaluation.best_baseline
    if best is None:
        details = say(
            "{measure} is {ours:.3f} over {asked}; no baseline was fitted.", measure=title, ours=ours.mean, asked=asked
        )
        return Verdict("alone", say("Nothing to compare with."), details)
    theirs, gain = evaluation.models[best][measure], evaluation.differences[best][measure]
    details = say(
        "{measure} is {ours:.3f} against {theirs:.3f}: {gain}{relative}{interval}. Measured on {asked}.",
        measure=title,
        ours=ours.mean,
        theirs=theirs.mean,
        gain=signed(gain.mean),
        relative=_relative(gain.mean, theirs.mean),
        interval=_interval_words(gain),
        asked=asked,
    )
    name = model_title(best)
    if gain.low is not None and gain.low > 0:
        return Verdict("better", say("Better than the best simple model ({name}).", name=name), details)
    if gain.high is not None and gain.high < 0:
        return Verdict("worse", say("Worse than the best simple model ({name}). Use that instead.", name=name), details)
    return Verdict(
        "level",
        say("No clear difference from the best simple model ({name}).", name=name),
        sentences(details, say("The interval includes 0.")),
    )


def measure_title(measure: str) -> str:
    """``ndcg@10`` for people: ``NDCG@10``."""
    name, _, k = measure.partition("@")
    return f"{say(MEASURE_TITLES.get(name, name))}@{k}"


def leaderboard_table(evaluation: Evaluation, k: int) -> pd.DataFrame:
    """Models at one list length, best first: NDCG, its interval, and the paired difference to the run in words.

    Columns: Model, NDCG (float), 95% interval, Run minus model, p-value (of the difference in NDCG@10).
    """
    headline = f"ndcg@{k}"
    rows = []
    for name in _best_first(evaluation, headline):
        gain, p = evaluation.differences.get(name, {}).get(headline), evaluation.p_values.get(name)
        rows.append(
            {
                later("Model"): model_title(name),
                later("NDCG"): round(evaluation.models[name][headline].mean, 3),
                later("95% interval"): _range(evaluation.models[name][headline]),
                later("Run minus model"): "" if gain is None else f"{signed(gain.mean)} ({_range(gain, sign=True)})",
                later("p-value"): "" if p is None else p_words(p.holm),
            }
        )
    return pd.DataFrame(rows)


LUCK_HELP: Final = later(
    "How often pure chance would give a difference in NDCG@10 at least this large (random signs per "
    "user), corrected for the number of models compared (Holm). Below 0.05, chance is an unlikely "
    "explanation."
)


def measures_table(evaluation: Evaluation, k: int, measures: tuple[str, ...]) -> pd.DataFrame:
    """Some measures of each model at one list length, best NDCG first; columns Model and a title a measure (float)."""
    rows = []
    for name in _best_first(evaluation, f"ndcg@{k}"):
        measured = evaluation.models[name]
        found = ((MEASURE_TITLES[m], measured.get(f"{m}@{k}", measured.get(m))) for m in measures)
        rows.append(
            {later("Model"): model_title(name)} | {title: round(i.mean, 3) for title, i in found if i is not None}
        )
    return pd.DataFrame(rows)


def scatter(evaluation: Evaluation, across: str, up: str, k: int) -> go.Figure:
    """One measure against another, a point a model, with 95% intervals where there are any; the run is the filled diamond."""
    figure = go.Figure()
    found = {
        name: tuple(measured.get(f"{m}@{k}", measured.get(m)) for m in (across, up))
        for name, measured in evaluation.models.items()
    }
    drawn = {name: (x, y) for name, (x, y) in found.items() if x is not None and y is not None}
    places = label_places(
        [(x.mean, y.mean, model_title(name)) for name, (x, y) in drawn.items()],
        [(x.mean, *_ends(y)) for x, y in drawn.values()],
    )
    placed = [(name, x, y, place) for (name, (x, y)), place in zip(drawn.items(), places, strict=True)]
    for is_run in (False, True):  # the run on top
        alike = [one for one in placed if (one[0] == RUN_NAME) == is_run]
        if not alike:
            continue
        figure.add_scatter(
            x=[x.mean for _, x, _, _ in alike],
            y=[y.mean for _, _, y, _ in alike],
            error_x=_bars([x for _, x, _, _ in alike]) | {"thickness": 1, "width": 4},
            error_y=_bars([y for _, _, y, _ in alike]) | {"thickness": 1, "width": 4},
            mode="markers+text",
            text=[model_title(name) for name, *_ in alike],
            textposition=[place for *_, place in alike],
            marker=_point(is_run),
            hovertemplate="%{text}: %{x:.3f}, %{y:.3f}<extra></extra>",
            showlegend=False,
        )
    figure.update_layout(
        height=420,
        margin={"l": 96, "r": 96, "t": 24, "b": 8},
        xaxis={"title": _title_at(across, k), "fixedrange": True, "zeroline": False},
        yaxis={"title": _title_at(up, k), "fixedrange": True, "zeroline": False},
    )
    figure.update_traces(cliponaxis=False)
    return figure


def scatter_words(evaluation: Evaluation, across: str, up: str, k: int) -> str:
    """The scatter in one sentence."""
    found = []
    for name, measured in evaluation.models.items():
        x, y = (measured.get(f"{m}@{k}", measured.get(m)) for m in (across, up))
        if x is not None and y is not None:
            found.append(say("{model} {x:.3f} and {y:.3f}", model=model_title(name), x=x.mean, y=y.mean))
    return say("{across} and {up}: {values}", across=_title_at(across, k), up=_title_at(up, k), values=listed(found))


def scatter_table(evaluation: Evaluation, across: str, up: str, k: int) -> pd.DataFrame:
    """The scatter in numbers: Model, and each measure with the ends of its 95% interval, where it has one."""
    rows = []
    for name, measured in evaluation.models.items():
        row: dict[str, object] = {later("Model"): model_title(name)}
        for measure in dict.fromkeys((across, up)):
            interval, title = measured.get(f"{measure}@{k}", measured.get(measure)), _title_at(measure, k)
            if interval is not None:
                row[title] = interval.mean
                row[say("{measure}, from", measure=title)] = interval.low
                row[say("{measure}, to", measure=title)] = interval.high
        rows.append(row)
    return pd.DataFrame(rows).dropna(axis="columns", how="all")


def scatter_measures(evaluation: Evaluation, k: int) -> list[str]:
    """Measures that the models of an evaluation have at a list length, in the order of titles."""
    measured = evaluation.models[RUN_NAME]
    return [name for name in MEASURE_TITLES if f"{name}@{k}" in measured or name in measured]


def _title_at(measure: str, k: int) -> str:
    return say(MEASURE_TITLES[measure]) if measure == "auc" else measure_title(f"{measure}@{k}")


def _best_first(evaluation: Evaluation, measure: str) -> list[str]:
    return sorted(evaluation.models, key=lambda name: -evaluation.models[name][measure].mean)


def leaderboard_export(evaluation: Evaluation) -> pd.DataFrame:
    """Everything measured, unrounded, one row a model and measure: for other programs.

    The p-values are of the difference in the headline measure, and in its rows.
    """
    rows = []
    for name, measured in evaluation.models.items():
        for measure, interval in measured.items():
            gain = evaluation.differences.get(name, {}).get(measure)
            p = evaluation.p_values.get(name) if measure == HEADLINE else None
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
                    "p": p.plain if p else None,
                    "p_holm": p.holm if p else None,
                }
            )
    return pd.DataFrame(rows)


def forest(evaluation: Evaluation, measure: str) -> go.Figure:
    """Each model's mean as a point with its 95% interval as a line, best on top; the run is the filled diamond."""
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
        [
            (say("minus {model}", model=model_title(name)), evaluation.differences[name][measure], True)
            for name in baselines
        ],
        say("Difference in {measure}", measure=measure_title(measure)),
        "+.3f",
    )
    figure.add_vline(x=0, line={"dash": "dot", "width": 1, "color": GREY})
    return figure


def forest_words(evaluation: Evaluation, measure: str) -> str:
    """The forest chart as one sentence, for those who cannot see it."""
    models = sorted(evaluation.models, key=lambda name: -evaluation.models[name][measure].mean)
    values = [f"{model_title(name)} {evaluation.models[name][measure].mean:.3f}" for name in models]
    return say("{measure}, best first: {values}", measure=measure_title(measure), values=listed(values))


def difference_words(evaluation: Evaluation, measure: str) -> str:
    """The difference chart as one sentence."""
    gains = [f"{model_title(name)} {signed(row[measure].mean)}" for name, row in evaluation.differences.items()]
    return say(
        "This run minus each baseline, {measure}: {values}", measure=measure_title(measure), values=listed(gains)
    )


def protocol_words(evaluation: Evaluation) -> str:
    """Which events were asked about, in one sentence."""
    users = count(evaluation.n_users, "user")
    questions = count(evaluation.n_queries, "question")
    in_turn = evaluation.targets == "successive"
    if evaluation.protocol == "users":
        asked = say(
            "Unseen users: {questions}, every event after the first of {users} that training never saw"
            if in_turn
            else "Unseen users: {questions}, the last event of {users} that training never saw",
            questions=questions,
            users=users,
        )
    elif evaluation.test_from is None or evaluation.validation_from is None:
        asked = say("Leave-one-out: {questions}, the last event of each of {users}", questions=questions, users=users)
    else:
        asked = say(
            "Split by time: {questions}, every event of {users} from {test} on; settings were chosen on "
            "events from {validation} on"
            if in_turn
            else "Split by time: {questions}, the last event of {users} from {test} on; settings were chosen "
            "on events from {validation} on",
            questions=questions,
            users=users,
            test=_moment(evaluation.test_from),
            validation=_moment(evaluation.validation_from),
        )
    told = [asked]
    if evaluation.n_without_history:
        left_out = count(evaluation.n_without_history, "event")
        told.append(say("left out: {events} without an earlier event of the same user", events=left_out))
    if evaluation.n_not_drawn:
        n = evaluation.n_queries + evaluation.n_not_drawn
        told.append(say("drawn at random from {n:,} such questions", n=n))
    if evaluation.ties_are_sets:
        told.append(say("events of a user within one second do not count as history for each other"))
    if evaluation.repeats:
        told.append(say("items that a user already had may come again"))
    return say("{words}.", words=say("; ").join(told))


def method_words(evaluation: Evaluation) -> str:
    """How the figures came about, in plain words."""
    how = say(
        "Each such event was hidden, and the model ranked the whole catalogue of {n:,} items{seen} from "
        "what the user had done before it. Equal scores share the mean of their ranks. The baselines "
        "learned from the same events and answered the same questions. An interval covers 95% of the "
        "results when users are drawn again at random, each with all their questions; a difference is "
        "taken question by question, so chance that affects both models cancels out.",
        n=evaluation.n_items,
        seen="" if evaluation.repeats else say(", without those the user already had"),
    )
    return sentences(protocol_words(evaluation), how)


def learning_curve(curve: Sequence[Point]) -> go.Figure:
    """NDCG@10 against the share of the users learned from, with 95% intervals."""
    figure = go.Figure()
    figure.add_scatter(
        x=[point.share for point in curve],
        y=[point.ndcg.mean for point in curve],
        error_y=_bars([point.ndcg for point in curve]),
        mode="lines+markers",
        line={"width": 1, "color": BLUE},
        marker={"size": 9, "color": BLUE},
        text=[say("{n:,} users, {events:,} events", n=point.n_users, events=point.n_events) for point in curve],
        hovertemplate="%{text}: %{y:.3f}<extra></extra>",
        showlegend=False,
    )
    figure.update_layout(
        height=340,
        margin={"l": 8, "r": 16, "t": 8, "b": 8},
        xaxis={
            "title": say("Share of users trained on"),
            "tickformat": ".0%",
            "rangemode": "tozero",
            "fixedrange": True,
        },
        yaxis={"title": say("NDCG@10 without the network"), "fixedrange": True},
    )
    return figure


def learning_table(curve: Sequence[Point]) -> pd.DataFrame:
    """The learning curve in figures: columns Share, Users, Events, NDCG@10, 95% interval."""
    rows = [
        (percent(point.share), point.n_users, point.n_events, round(point.ndcg.mean, 4), _range(point.ndcg))
        for point in curve
    ]
    names = [later("Share"), later("Users"), later("Events"), later("NDCG@10"), later("95% interval")]
    return pd.DataFrame(rows, columns=names)


def learning_words(curve: Sequence[Point]) -> str:
    """Whether more data helped, in one sentence."""
    first, last = curve[0], curve[-1]
    return say(
        "From {few:.0%} of the users to {all:.0%}, NDCG@10 without the network goes from {low:.3f} to "
        "{high:.3f}; the last step added {gain}.",
        few=first.share,
        all=last.share,
        low=first.ndcg.mean,
        high=last.ndcg.mean,
        gain=signed(last.ndcg.mean - curve[-2].ndcg.mean),
    )


def protocol_table(evaluation: Evaluation) -> pd.DataFrame:
    """Counts and dates of the split as text: columns What, Value."""
    names = {"leave_one_out": later("Leave one out"), "time": later("By time"), "users": later("Unseen users")}
    in_turn = evaluation.targets == "successive"
    rows = [
        (say("Split"), say(names.get(evaluation.protocol, evaluation.protocol))),
        (say("Questions"), say("{n:,}, each in turn" if in_turn else "{n:,}, one per user", n=evaluation.n_queries)),
        (say("Not asked, because there were enough"), f"{evaluation.n_not_drawn:,}"),
        (say("Users tested"), f"{evaluation.n_users:,}"),
        (say("Left out, with no earlier event"), f"{evaluation.n_without_history:,}"),
        (say("Items ranked"), say("{n:,}, the whole catalogue", n=evaluation.n_items)),
        (say("Items already had"), say("may come again" if evaluation.repeats else "left out")),
    ]
    if evaluation.validation_from is not None and evaluation.test_from is not None:
        rows.insert(1, (say("Settings chosen from"), _moment(evaluation.validation_from)))
        rows.insert(2, (say("Questions from"), _moment(evaluation.test_from)))
    leaks = evaluation.leakage
    if leaks is not None:
        rows += [
            (say("Answers among the training events"), f"{leaks.learned_answers:,}"),
            (say("Answers at the same time as the previous event"), f"{leaks.tied_answers:,}"),
        ]
        if leaks.later_events is not None and leaks.unborn_answers is not None:
            rows += [
                (say("Training events after the question, on average"), percent(leaks.later_events)),
                (say("Answers that nobody had chosen by then"), f"{leaks.unborn_answers:,}"),
            ]
    return pd.DataFrame(rows, columns=[later("What"), later("Value")])


def points(rows: list[tuple[str, Interval, bool]], axis: str, digits: str) -> go.Figure:
    """A point a row with its interval as a line, first row on top.

    Args:
        rows: Title, value, and whether it is one that the reader looks for.
        axis: Title of the axis.
        digits: Format of values, as in ``.3f``.
    """
    figure = go.Figure()
    for is_run in (True, False):
        alike = [(title, interval) for title, interval, looked_for in rows if looked_for == is_run]
        if not alike:
            continue
        figure.add_scatter(
            x=[interval.mean for _, interval in alike],
            y=[title for title, _ in alike],
            error_x=_bars([interval for _, interval in alike]),
            mode="markers",
            marker=_point(is_run),
            text=[span(*_ends(interval), digits) for _, interval in alike],
            hovertemplate=f"%{{y}}: %{{x:{digits}}} (%{{text}})<extra></extra>",
            showlegend=False,
        )
    figure.update_layout(
        height=44 * max(len(rows), 2) + 80,
        margin={"l": 8, "r": 16, "t": 8, "b": 8},
        xaxis={"title": axis, "fixedrange": True, "zeroline": False},
        yaxis={
            "autorange": "reversed",
            "fixedrange": True,
            "automargin": True,
            "categoryorder": "array",
            "categoryarray": [title for title, _, _ in rows],
        },
    )
    return figure


def _ends(interval: Interval) -> tuple[float, float]:
    """Where its line begins and ends: at the mean where it has none."""
    return (
        interval.mean if interval.low is None else interval.low,
        interval.mean if interval.high is None else interval.high,
    )


def _bars(intervals: Sequence[Interval]) -> dict[str, object]:
    """Their lines, for a trace of points; none where there is no interval."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [None if one.high is None else one.high - one.mean for one in intervals],
        "arrayminus": [None if one.low is None else one.mean - one.low for one in intervals],
        "thickness": 2,
        "width": 6,
    }


def _point(is_run: bool) -> dict[str, object]:
    """How the run's points look, and those of others."""
    return {
        "size": 12,
        "symbol": "diamond" if is_run else "circle-open",
        "color": BLUE if is_run else GREY,
        "line": {"width": 2},
    }


def _range(interval: Interval, sign: bool = False) -> str:
    if interval.low is None or interval.high is None:
        return "–"
    form = "+.3f" if sign else ".3f"
    return span(interval.low, interval.high, form)


def _interval_words(gain: Interval) -> str:
    if gain.low is None or gain.high is None:
        return ""
    return say(" (95% interval of the difference {interval})", interval=_range(gain, sign=True))


def _moment(seconds: int) -> str:
    return say("{time} UTC", time=when(datetime.fromtimestamp(seconds, UTC)))


def _relative(gain: float, base: float) -> str:
    return say(", or {share:+.0%}", share=gain / base) if base > 0 else ""
