"""What varied lists cost, as a curve, a table and in words."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from metarec_core.figures.palette import BLUE, GREY


def cost_words(cost: pd.DataFrame, diversity: float) -> str:
    """What a diversity costs, in a sentence."""
    plain, chosen = _row(cost, 0.0), _row(cost, diversity)
    questions = f"{int(plain['questions']):,} test questions"
    if not diversity:
        return f"NDCG@10 is {plain['ndcg']:.4f} on {questions}; two items of a list are {plain['alike']:.2f} alike."
    change = f" ({chosen['ndcg'] / plain['ndcg'] - 1:+.1%})" if plain["ndcg"] > 0 else ""
    return (
        f"NDCG@10 is {chosen['ndcg']:.4f} instead of {plain['ndcg']:.4f}{change} on {questions}; two items of a list are "
        f"{chosen['alike']:.2f} alike instead of {plain['alike']:.2f}."
    )


def cost_curve(cost: pd.DataFrame, diversity: float) -> go.Figure:
    """NDCG@10 against diversity, the chosen one marked."""
    chosen = _row(cost, diversity)
    figure = go.Figure()
    figure.add_scatter(
        x=cost["diversity"],
        y=cost["ndcg"],
        mode="lines+markers",
        line={"color": BLUE},
        customdata=cost["alike"],
        hovertemplate="Diversity %{x:.1f}: NDCG@10 %{y:.4f}, items %{customdata:.2f} alike<extra></extra>",
    )
    figure.add_scatter(
        x=[chosen["diversity"]],
        y=[chosen["ndcg"]],
        mode="markers",
        marker={"size": 16, "color": "rgba(0, 0, 0, 0)", "line": {"width": 2, "color": GREY}},
        hoverinfo="skip",
    )
    figure.update_layout(
        height=220,
        showlegend=False,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={"title": "Diversity", "fixedrange": True},
        yaxis={"title": "NDCG@10", "rangemode": "tozero", "fixedrange": True},
    )
    return figure


def cost_table(cost: pd.DataFrame) -> pd.DataFrame:
    """The numbers of the curve."""
    named = {"diversity": "Diversity", "ndcg": "NDCG@10", "alike": "Items alike (cosine)", "questions": "Questions"}
    return cost.rename(columns=named)[list(named.values())]


def _row(cost: pd.DataFrame, diversity: float) -> pd.Series:
    return cost.iloc[(cost["diversity"] - diversity).abs().argmin()]
