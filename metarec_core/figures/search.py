"""A search for better settings: what its trials reached, and which settings mattered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Protocol

import pandas as pd
import plotly.graph_objects as go

from metarec_core.figures.palette import AMBER, BLUE
from metarec_core.figures.text import listed, percent, sentences
from metarec_core.language import later, say, several

SHARE = later("Share explained")


class Trial(Protocol):
    """One trial (``jobs.search.Trial``)."""

    @property
    def number(self) -> int: ...
    @property
    def state(self) -> str: ...
    @property
    def value(self) -> float | None: ...


def words(trials: Sequence[Trial]) -> str:
    """How many trials ended how, and the best: ``12 trials, 4 of them pruned. Best so far: trial 7, NDCG@10 0.2513.``"""
    pruned = sum(trial.state == "pruned" for trial in trials)
    best = ""
    if found := complete(trials):
        number, value = max(found, key=lambda point: point[1])
        best = say("Best so far: trial {number}, NDCG@10 {value:.4f}.", number=number, value=value)
    return sentences(
        several(
            len(trials), "{n:,} trial, {pruned:,} pruned.", "{n:,} trials, {pruned:,} of them pruned.", pruned=pruned
        ),
        best,
    )


def complete(trials: Sequence[Trial]) -> list[tuple[int, float]]:
    """Number and value of each trial that came to its end."""
    return [(one.number, one.value) for one in trials if one.state == "complete" and one.value is not None]


def history(trials: Sequence[Trial]) -> go.Figure:
    """Validation NDCG@10 of each finished trial, and the best so far as a line."""
    points = complete(trials)
    numbers, values = [number for number, _ in points], [value for _, value in points]
    figure = go.Figure()
    figure.add_scatter(
        x=numbers,
        y=values,
        mode="markers",
        marker={"size": 8, "color": BLUE},
        hovertemplate=say("trial %{x}: %{y:.4f}") + "<extra></extra>",
    )
    figure.add_scatter(
        x=numbers,
        y=list(accumulate(values, max)),
        mode="lines",
        line={"color": AMBER, "width": 2, "shape": "hv"},
        hovertemplate=say("best until trial %{x}: %{y:.4f}") + "<extra></extra>",
    )
    return _laid_out(figure, say("Validation NDCG@10 by trial"), say("Trial"))


def history_words(trials: Sequence[Trial]) -> str:
    """The chart of trials in a sentence; there is one that came to its end."""
    points = complete(trials)
    number, best = max(points, key=lambda point: point[1])
    return say(
        "Validation NDCG@10 of each trial: {least:.4f} to {best:.4f}, the best in trial {number}.",
        least=min(value for _, value in points),
        best=best,
        number=number,
    )


def trials_table(trials: Sequence[Trial]) -> pd.DataFrame:
    """The chart of trials in numbers: Trial, Validation NDCG@10, Best so far."""
    points = complete(trials)
    values = [value for _, value in points]
    return pd.DataFrame(
        {
            later("Trial"): [number for number, _ in points],
            later("Validation NDCG@10"): values,
            later("Best so far"): list(accumulate(values, max)),
        }
    )


def importance_words(shares: Mapping[str, float]) -> str:
    """Each setting with its share, largest first."""
    return say("Which settings mattered: {values}", values=listed(f"{n} {percent(s)}" for n, s in shares.items()))


def importance_table(shares: Mapping[str, float]) -> pd.DataFrame:
    """The shares in numbers: Setting, Share explained."""
    return pd.DataFrame({later("Setting"): list(shares), SHARE: list(shares.values())})


def importance(shares: Mapping[str, float]) -> go.Figure:
    """How much of the differences between trials each setting explains, largest on top."""
    names = list(shares)[::-1]
    figure = go.Figure()
    figure.add_bar(
        x=[shares[name] for name in names],
        y=names,
        orientation="h",
        marker={"color": BLUE},
        hovertemplate="%{y}: %{x:.0%}<extra></extra>",
    )
    figure.update_xaxes(tickformat=".0%")
    return _laid_out(figure, say("What explains the differences"), say(SHARE))


def _laid_out(figure: go.Figure, title: str, x_title: str) -> go.Figure:
    figure.update_layout(
        title={"text": title, "font": {"size": 14}},
        height=280,
        margin={"l": 8, "r": 8, "t": 44, "b": 8},
        showlegend=False,
        xaxis={"title": x_title, "fixedrange": True},
        yaxis={"fixedrange": True, "automargin": True},
    )
    return figure
