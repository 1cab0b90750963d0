"""The Data page: what an upload became, what went and why, and what the data looks like."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from metarec_core.data.profile import Profile
from metarec_core.data.tables import CleaningReport
from metarec_core.figures.palette import BLUE, BLUE_SHADE
from metarec_core.figures.text import count

MOST_TAIL_POINTS = 300
TABLE_TITLES = {"events": "Behaviour", "items": "Items", "facts": "Facts"}
ACTION_TITLES = {"dropped": "Dropped", "coerced": "Changed", "kept": "Noticed"}


def activity(profile: Profile) -> go.Figure:
    """Events over time as bars."""
    figure = go.Figure()
    figure.add_bar(
        x=profile.activity["start"],
        y=profile.activity["events"],
        marker={"color": BLUE, "line": {"width": 0}},
        hovertemplate="%{x}: %{y:,} events<extra></extra>",
    )
    title = "Events in file order" if profile.period == "events" else f"Events a {profile.period}"
    return _plain(figure, title, "" if profile.period != "events" else "position", "")


def long_tail(profile: Profile) -> go.Figure:
    """Share of all events (y) that falls on the most popular share of the catalogue (x): the higher, the longer the tail."""
    n = len(profile.item_events)
    total = max(profile.n_events, 1)
    places = np.unique(np.linspace(0, n, min(n, MOST_TAIL_POINTS) + 1).round().astype(int))
    shares = np.concatenate([[0], np.cumsum(profile.item_events)])[places] / total
    figure = go.Figure()
    figure.add_scatter(
        x=places / max(n, 1),
        y=shares,
        mode="lines",
        line={"color": BLUE, "width": 2},
        fill="tozeroy",
        fillcolor=BLUE_SHADE,
        hovertemplate="the top %{x:.0%} of items have %{y:.0%} of the events<extra></extra>",
    )
    figure = _plain(figure, "Long tail", "most popular share of the catalogue", "share of events")
    return figure.update_layout(xaxis_tickformat=".0%", yaxis_tickformat=".0%", yaxis_range=[0, 1.03])


def history_lengths(profile: Profile) -> go.Figure:
    """How many users have how many events, in bins that double: a few heavy users do not flatten the rest."""
    edges = 2 ** np.arange(0, int(np.log2(max(int(profile.user_events.max(initial=1)), 1))) + 2)
    counts, _ = np.histogram(profile.user_events, bins=edges)
    names = [f"{low}" if high - low == 1 else f"{low}–{high - 1}" for low, high in pairwise(edges)]
    figure = go.Figure()
    figure.add_bar(
        x=names,
        y=counts,
        marker={"color": BLUE, "line": {"width": 0}},
        hovertemplate="%{x} events: %{y:,} users<extra></extra>",
    )
    return _plain(figure, "History lengths", "events of a user", "users").update_xaxes(type="category")


def support(profile: Profile) -> list[tuple[bool, str]]:
    """What the data can carry, as (enough?, sentence)."""
    median = float(np.median(profile.user_events)) if len(profile.user_events) else 0.0
    share = profile.evaluable_users / max(profile.n_users, 1)
    return [
        (
            profile.evaluable_users >= 200,
            f"{count(profile.evaluable_users, 'user')} ({share:.0%}) with three events or more can be measured on; "
            f"intervals become narrow from about 200.",
        ),
        (
            median >= 5,
            f"The middle user has {count(median, 'event')}; a model of sequences has something to learn from about 5.",
        ),
        (
            profile.n_events >= 5 * profile.n_items,
            f"{profile.n_events / max(profile.n_items, 1):.1f} events an item on average; below 5 many items are known too "
            f"little, and descriptions and facts matter more.",
        ),
        (
            profile.first is not None,
            "Events have real times."
            if profile.first is not None
            else "Events have only an order, no real times: fine for training, but no activity by date.",
        ),
    ]


def cleaning_summary(report: CleaningReport) -> pd.DataFrame:
    """Rows read and kept of each file: File, Rows read, Rows kept, Dropped, Kept share."""
    rows = [
        {
            "Table": TABLE_TITLES.get(table, table),
            "Rows read": read,
            "Rows kept": report.rows_kept[table],
            "Dropped": read - report.rows_kept[table],
        }
        for table, read in report.rows_read.items()
        if table in report.rows_kept
    ]
    return pd.DataFrame(rows, columns=["Table", "Rows read", "Rows kept", "Dropped"])


def cleaning_steps(report: CleaningReport) -> pd.DataFrame:
    """What each rule did: Table, What happened, Rows, Why. Rules that touched nothing are left out."""
    rows = [
        {
            "Table": TABLE_TITLES.get(step.table, step.table),
            "What happened": ACTION_TITLES.get(step.action, step.action),
            "Rows": step.rows,
            "Why": step.reason,
        }
        for step in report.steps
        if step.rows
    ]
    return pd.DataFrame(rows, columns=["Table", "What happened", "Rows", "Why"])


def matched_columns(report: CleaningReport) -> pd.DataFrame:
    """Which column of the files became what: Table, Column of the file, Used as. Ignored columns last."""
    rows = [
        {"Table": TABLE_TITLES.get(table, table), "Column of the file": theirs, "Used as": ours}
        for table, matches in report.matched.items()
        for ours, theirs in matches.items()
    ]
    rows += [
        {"Table": TABLE_TITLES.get(table, table), "Column of the file": name, "Used as": "not used"}
        for table, names in report.ignored.items()
        for name in names
    ]
    return pd.DataFrame(rows, columns=["Table", "Column of the file", "Used as"])


def _plain(figure: go.Figure, title: str, x: str, y: str) -> go.Figure:
    return figure.update_layout(
        title={"text": title, "font": {"size": 14}},
        height=260,
        margin={"l": 8, "r": 8, "t": 44, "b": 8},
        showlegend=False,
        bargap=0.15,
        xaxis={"title": x or None, "fixedrange": True, "automargin": True},
        yaxis={"title": y or None, "fixedrange": True, "automargin": True, "nticks": 5},
    )
