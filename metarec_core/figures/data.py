"""The Data page: what an upload became, what went and why, and what the data looks like."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from metarec_core.data import columns
from metarec_core.data.preview import Preview
from metarec_core.data.profile import Profile
from metarec_core.data.tables import CleaningReport, Tables
from metarec_core.figures.palette import BLUE, BLUE_SHADE
from metarec_core.figures.text import count

MOST_TAIL_POINTS = 300
TABLE_TITLES = {"events": "Behaviour", "items": "Items", "facts": "Facts", "users": "Users"}
ACTION_TITLES = {"dropped": "Dropped", "coerced": "Changed", "kept": "Noticed", "added": "Added"}
FIELD_HELP = {
    columns.TIME: "When it happened; without it the order of the rows is the order of events.",
    columns.WEIGHT: "How much an event counts.",
    columns.LABEL: "1 where it happened, 0 where it was only offered; offers are left out.",
}
FIELD_TITLES = {
    columns.USER_ID: "User",
    columns.ITEM_ID: "Item",
    columns.TIME: "Time",
    columns.RATING: "Rating",
    columns.WEIGHT: "Weight",
    columns.LABEL: "Label",
    columns.TITLE: "Title",
    columns.DESCRIPTION: "Description",
    columns.RELATION: "Relation",
    columns.ENTITY: "Entity",
}


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
    title = f"Long tail: top 10% of items, {profile.share_of_top(0.1):.0%} of events"
    figure = _plain(figure, title, "most popular share of the catalogue", "share of events")
    return figure.update_layout(xaxis_tickformat=".0%", xaxis_dtick=0.25, yaxis_tickformat=".0%", yaxis_range=[0, 1.03])


def history_lengths(profile: Profile) -> go.Figure:
    """How many users have how many events, in bins that double: a few heavy users do not flatten the rest."""
    edges = 2 ** np.arange(0, int(np.log2(max(int(profile.user_events.max(initial=1)), 1))) + 2)
    counts, _ = np.histogram(profile.user_events, bins=edges)
    spans = [f"{low}" if high - low == 1 else f"{low} to {high - 1}" for low, high in pairwise(edges)]
    figure = go.Figure()
    figure.add_bar(
        x=[str(low) for low in edges[:-1]],
        y=counts,
        marker={"color": BLUE, "line": {"width": 0}},
        customdata=spans,
        hovertemplate="%{customdata} events: %{y:,} users<extra></extra>",
    )
    return _plain(figure, "History lengths", "events of a user, from … on", "users").update_xaxes(
        type="category", tickangle=0
    )


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
    """What came in and what stayed of each file: Table, Rows read, Dropped, Added, Rows kept."""
    rows = [
        {
            "Table": TABLE_TITLES.get(table, table),
            "Rows read": report.rows_read.get(table, 0),
            "Dropped": _rows(report, table, "dropped"),
            "Added": _rows(report, table, "added"),
            "Rows kept": kept,
        }
        for table, kept in report.rows_kept.items()
    ]
    return pd.DataFrame(rows, columns=["Table", "Rows read", "Dropped", "Added", "Rows kept"])


def cleaning_words(report: CleaningReport) -> str:
    """The import in a sentence."""
    read, dropped = report.rows_read.get("events", 0), _rows(report, "events", "dropped")
    if not dropped:
        return f"All {count(read, 'row')} of the behaviour file were kept."
    return (
        f"{report.rows_kept['events']:,} of {count(read, 'row')} of the behaviour file were kept, {dropped:,} dropped."
    )


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


@dataclass(frozen=True)
class MappingField:
    """One column that a file may bring, for someone to say which it is.

    Attributes:
        key: Its key in the ``mapping`` of ``api.read_tables``.
        column: Its name inside MetaRec.
        title: Its name for people.
        required: Whether the file is of no use without it.
        help: What it is, where the title does not say it.
    """

    key: str
    column: str
    title: str
    required: bool
    help: str | None


def mapping_fields(table: columns.TableName) -> list[MappingField]:
    """The columns of a table that can be matched by hand."""
    prefix = "" if table == "events" else f"{table}."
    return [
        MappingField(
            prefix + column, column, FIELD_TITLES[column], column in columns.REQUIRED[table], FIELD_HELP.get(column)
        )
        for column in columns.SYNONYMS[table]
    ]


def carried_words(preview: Preview, table: columns.TableName) -> str:
    """Which further columns of a file are carried along, and which are not used, in words."""
    own = set(columns.SYNONYMS[table])
    carried = [theirs for ours, theirs in preview.mapping.items() if ours not in own]
    words = []
    if carried:
        words.append(f"{'As context' if table == 'events' else 'As attributes'}: {', '.join(carried)}.")
    if preview.ignored:
        words.append(f"Not used: {', '.join(preview.ignored)}.")
    return " ".join(words)


def events_head(tables: Tables, rows: int = 200) -> pd.DataFrame:
    """The first events with their items' titles."""
    head = tables.events.head(rows)
    titles = tables.items.set_index(columns.ITEM_ID)[columns.TITLE]
    shown = head.drop(columns=[columns.ROW])
    shown.insert(2, columns.TITLE, titles.reindex(head[columns.ITEM_ID]).to_numpy())
    return shown


def items_head(tables: Tables, rows: int = 200) -> pd.DataFrame:
    """The first items."""
    return tables.items.head(rows).drop(columns=[columns.ROW], errors="ignore")


def headline_numbers(profile: Profile) -> list[tuple[str, str, str]]:
    """Sizes to read at a glance: label, value, help."""
    days = None if profile.first is None or profile.last is None else (profile.last - profile.first).days + 1
    return [
        ("Users", f"{profile.n_users:,}", "Users with at least one event."),
        ("Items", f"{profile.n_items:,}", f"Items of the catalogue, {profile.cold_items:,} of them without any event."),
        ("Events", f"{profile.n_events:,}", f"{profile.repeats:,} of them repeat an item that the user had before."),
        ("Density", f"{profile.density:.2%}", "Share of all user-item pairs that happened."),
        (
            "Time span",
            "order only" if days is None else count(days, "day"),
            "From the first event to the last.",
        ),
    ]


def _rows(report: CleaningReport, table: str, action: str) -> int:
    return sum(step.rows for step in report.steps if step.table == table and step.action == action)


def _plain(figure: go.Figure, title: str, x: str, y: str) -> go.Figure:
    return figure.update_layout(
        title={"text": title, "font": {"size": 14}},
        height=260,
        margin={"l": 8, "r": 8, "t": 44, "b": 8},
        showlegend=False,
        bargap=0.15,
        xaxis={"title": x or None, "fixedrange": True, "automargin": True},
        yaxis={"title": y or None, "fixedrange": True, "automargin": True, "nticks": 5, "tickformat": ","},
    )
