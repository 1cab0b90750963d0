"""The Train page: loss and validation while a run is being made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from metarec_core.figures.palette import AMBER, BLUE


def training_curves(history: Sequence[Mapping[str, Any]], measure: str = "ndcg@10") -> tuple[go.Figure, go.Figure]:
    """Loss by epoch, and the validation measure by epoch with its best point marked.

    Args:
        history: One entry a finished epoch: epoch, loss, validation (measures by name). Entries without the value are left out.
        measure: Which validation measure to draw.
    """
    losses = [(entry["epoch"], entry["loss"]) for entry in history if entry.get("loss") is not None]
    scores = [
        (entry["epoch"], entry["validation"][measure])
        for entry in history
        if entry.get("validation") and measure in entry["validation"]
    ]
    loss = _curve(losses, "Training loss", BLUE, ".3f")
    validation = _curve(scores, f"Validation {measure.replace('ndcg', 'NDCG')}", AMBER, ".4f")
    if scores:
        epoch, best = max(scores, key=lambda point: point[1])
        validation.add_scatter(
            x=[epoch],
            y=[best],
            mode="markers+text",
            marker={"size": 11, "symbol": "diamond", "color": AMBER},
            text=[f"best {best:.4f}"],
            textposition="top center",
            cliponaxis=False,
            hoverinfo="skip",
        )
    return loss, validation


def _curve(points: Sequence[tuple[int, float]], title: str, colour: str, digits: str) -> go.Figure:
    figure = go.Figure()
    figure.add_scatter(
        x=[epoch for epoch, _ in points],
        y=[value for _, value in points],
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"size": 6},
        hovertemplate="epoch %{x}: %{y:" + digits + "}<extra></extra>",
    )
    figure.update_layout(
        title={"text": title, "font": {"size": 14}},
        height=260,
        margin={"l": 8, "r": 8, "t": 44, "b": 8},
        showlegend=False,
        xaxis={"title": "Epoch", "fixedrange": True, "tickformat": "d", "rangemode": "tozero"},
        yaxis={"fixedrange": True, "automargin": True, "nticks": 5},
    )
    if len(points) < 12:
        figure.update_xaxes(dtick=1)
    return figure
