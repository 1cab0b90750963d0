"""What varied lists cost, as a curve, a table and in words."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from metarec_core.figures.palette import BLUE, GREY
from metarec_core.language import later, say


def cost_words(cost: pd.DataFrame, diversity: float) -> str:
    """What a diversity costs, in a sentence."""
    plain, chosen = _row(cost, 0.0), _row(cost, diversity)
    n = int(plain["questions"])
    if not diversity:
        return say(
            "NDCG@10 is {ndcg:.4f} on {n:,} test questions; the similarity of two items in a list is "
            "{alike:.2f} on average.",
            ndcg=plain["ndcg"],
            n=n,
            alike=plain["alike"],
        )
    change = say(" ({share:+.1%})", share=chosen["ndcg"] / plain["ndcg"] - 1) if plain["ndcg"] > 0 else ""
    return say(
        "NDCG@10 is {ndcg:.4f} instead of {plain:.4f}{change} on {n:,} test questions; the similarity of "
        "two items in a list is {alike:.2f} on average instead of {plain_alike:.2f}.",
        ndcg=chosen["ndcg"],
        plain=plain["ndcg"],
        change=change,
        n=n,
        alike=chosen["alike"],
        plain_alike=plain["alike"],
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
        hovertemplate=say("Diversity %{x:.1f}: NDCG@10 %{y:.4f}, similarity %{customdata:.2f}") + "<extra></extra>",
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
        xaxis={"title": say("Diversity"), "fixedrange": True},
        yaxis={"title": "NDCG@10", "rangemode": "tozero", "fixedrange": True},
    )
    return figure


def cost_table(cost: pd.DataFrame) -> pd.DataFrame:
    """The numbers of the curve."""
    named = {
        "diversity": later("Diversity"),
        "ndcg": later("NDCG@10"),
        "alike": later("Similarity of items (cosine)"),
        "questions": later("Questions"),
    }
    return cost.rename(columns=named)[list(named.values())]


def _row(cost: pd.DataFrame, diversity: float) -> pd.Series:
    return cost.iloc[(cost["diversity"] - diversity).abs().argmin()]
