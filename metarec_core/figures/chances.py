"""What the chance of being next means, and how often what a run called likely came: as a curve, a table, and in words."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from metarec_core import metrics
from metarec_core.figures.palette import BLUE, GREY
from metarec_core.figures.text import count, percent
from metarec_core.language import later, say
from metarec_core.metrics import Reliability

CHANCE: Final = later("Chance of being next")
CHANCE_HELP: Final = later(
    "How likely this item is to be the user's very next choice. Fitted on validation events: of many "
    "items with such a score, about this share were chosen next."
)

FLOOR: Final = 0.0005
"""Lowest share on the axes, which are logarithmic and have no place for nothing."""

FEWEST: Final = 20
"""Items of about one chance below which the share that came says nothing, and no point is drawn."""


def curve(reliability: Reliability) -> go.Figure:
    """The share that came at each chance, with its 95% interval; on the dotted line chances come true."""
    points = [point for point in reliability.curve() if point[-1] >= FEWEST]
    chances, shares, lows, highs, _ = np.array(points).reshape(-1, 5).T
    drawn = np.maximum(shares, FLOOR)
    figure = go.Figure()
    figure.add_scatter(
        x=[FLOOR, 1], y=[FLOOR, 1], mode="lines", line={"dash": "dot", "width": 1, "color": GREY}, hoverinfo="skip"
    )
    figure.add_scatter(
        x=np.maximum(chances, FLOOR),
        y=drawn,
        error_y={
            "type": "data",
            "symmetric": False,
            "array": highs - drawn,
            "arrayminus": drawn - np.maximum(lows, FLOOR),
            "thickness": 2,
            "width": 6,
        },
        mode="markers",
        marker={"size": 9, "color": BLUE},
        text=[
            say(
                "{items} at {chance}: {share} came true ({low} to {high})",
                items=count(n, "item"),
                chance=percent(chance),
                share=percent(share),
                low=percent(low),
                high=percent(high),
            )
            for chance, share, low, high, n in points
        ],
        hovertemplate="%{text}<extra></extra>",
    )
    axis = {
        "type": "log",
        "range": [np.log10(0.8 * FLOOR), np.log10(1.3)],
        "tickvals": [0.001, 0.01, 0.1, 1],
        "ticktext": ["0.1%", "1%", "10%", "100%"],
        "fixedrange": True,
    }
    figure.update_layout(
        height=340,
        margin={"l": 8, "r": 16, "t": 8, "b": 8},
        showlegend=False,
        xaxis={"title": say("Predicted chance"), **axis},
        yaxis={"title": say("Share that came true"), **axis},
    )
    return figure


def table(reliability: Reliability) -> pd.DataFrame:
    """The curve in figures, as text: a row for each range of chances that was given."""
    rows = [
        (percent(chance), percent(share), say("{low} to {high}", low=percent(low), high=percent(high)), f"{n:,}")
        for chance, share, low, high, n in reliability.curve()
    ]
    return pd.DataFrame(rows, columns=[later("Chance"), later("Came true"), later("95% interval"), later("Items")])


def words(reliability: Reliability) -> str:
    """How far chances are from what came, in one sentence."""
    n = sum(reliability.counts)
    return say(
        "The top {k} items of each list had a predicted chance of {expected} on average, and {came} of "
        "them were chosen next. Over ranges of chances the two differ by {error:.2f} percentage points "
        "on average (expected calibration error).",
        k=metrics.JUDGED_SLOTS,
        expected=percent(sum(reliability.expected) / n),
        came=percent(sum(reliability.hits) / n),
        error=100 * reliability.error,
    )
