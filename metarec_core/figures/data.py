"""The Data page: what an upload became, what went and why, and what the data looks like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from metarec_core.data import columns, decode
from metarec_core.data.mapping import Guess
from metarec_core.data.preview import Preview
from metarec_core.data.privacy import LEFT_OUT_RULE
from metarec_core.data.profile import Profile
from metarec_core.data.pseudonyms import PSEUDONYM_RULE
from metarec_core.data.reasons import reason_said
from metarec_core.data.tables import CleaningReport, Tables
from metarec_core.data.verdict import Support
from metarec_core.figures.palette import BLUE, BLUE_SHADE
from metarec_core.figures.profile import (
    ACTIVITY_TITLES,
    MOST_ATTRIBUTES,
    attribute_title,
    length_edges,
    lengths_table,
    tail_table,
)
from metarec_core.figures.text import count, listed, percent, sentences
from metarec_core.language import later, say
from metarec_core.runs.deletion import MadeFrom

MOST_SHOWN_ROWS = 100
TABLE_TITLES = {"events": later("Behaviour"), "items": later("Items"), "facts": later("Facts"), "users": later("Users")}
SPLIT_TITLES = {"time": later("split by time"), "leave_one_out": later("last event held out")}
ACTION_TITLES = {
    "dropped": later("Dropped"),
    "coerced": later("Changed"),
    "kept": later("Noted"),
    "added": later("Added"),
}
FIELD_HELP = {
    columns.TIME: later("When it happened; without it, the order of the rows is the order of events."),
    columns.WEIGHT: later("How much an event counts."),
    columns.LABEL: later("1 if it happened, 0 if it was only offered; offers are left out."),
}
FIELD_TITLES = {
    columns.USER_ID: later("User"),
    columns.ITEM_ID: later("Item"),
    columns.TIME: later("Time"),
    columns.RATING: later("Rating"),
    columns.WEIGHT: later("Weight"),
    columns.LABEL: later("Label"),
    columns.TITLE: later("Title"),
    columns.DESCRIPTION: later("Description"),
    columns.RELATION: later("Relation"),
    columns.ENTITY: later("Entity"),
}


def activity(profile: Profile) -> go.Figure:
    """Events over time as bars."""
    figure = go.Figure()
    figure.add_bar(
        x=profile.activity["start"],
        y=profile.activity["events"],
        marker={"color": BLUE, "line": {"width": 0}},
        hovertemplate=say("%{x}: %{y:,} events<extra></extra>"),
    )
    title = say(ACTIVITY_TITLES[profile.period])
    return _plain(figure, title, "" if profile.period != "events" else say("position"), "")


def long_tail(profile: Profile) -> go.Figure:
    """Share of all events (y) that falls on the most popular share of the catalogue (x): the higher, the longer the tail."""
    points = tail_table(profile)
    figure = go.Figure()
    figure.add_scatter(
        x=points["Share of the catalogue"],
        y=points["Share of events"],
        mode="lines",
        line={"color": BLUE, "width": 2},
        fill="tozeroy",
        fillcolor=BLUE_SHADE,
        hovertemplate=say("the top %{x:.0%} of items have %{y:.0%} of the events<extra></extra>"),
    )
    title = say("Long tail: the top 10% have {share:.0%}", share=profile.share_of_top(0.1))
    figure = _plain(figure, title, say("most popular share of the catalogue"), say("share of events"))
    return figure.update_layout(xaxis_tickformat=".0%", xaxis_dtick=0.25, yaxis_tickformat=".0%", yaxis_range=[0, 1.03])


def history_lengths(profile: Profile) -> go.Figure:
    """How many users have how many events, in bins that double: a few heavy users do not flatten the rest."""
    bins = lengths_table(profile)
    figure = go.Figure()
    figure.add_bar(
        x=[str(low) for low in length_edges(profile)[:-1]],
        y=bins["Users"],
        marker={"color": BLUE, "line": {"width": 0}},
        customdata=bins["Events of a user"],
        hovertemplate=say("%{customdata} events: %{y:,} users<extra></extra>"),
    )
    return _plain(figure, say("History lengths"), say("events per user, from … on"), say("users")).update_xaxes(
        type="category", tickangle=0
    )


def coverage(profile: Profile) -> go.Figure:
    """How far attributes are filled, as bars; those of users are marked."""
    shown = profile.coverage[:MOST_ATTRIBUTES][::-1]
    figure = go.Figure()
    figure.add_bar(
        x=[c.share for c in shown],
        y=[attribute_title(c) for c in shown],
        orientation="h",
        marker={"color": BLUE, "line": {"width": 0}},
        customdata=[c.n_values for c in shown],
        hovertemplate=say("%{y}: %{x:.0%} filled, %{customdata:,} values<extra></extra>"),
    )
    figure = _plain(figure, say("Attributes: share filled"), "", "")
    figure.update_layout(xaxis_tickformat=".0%", xaxis_range=[0, 1.03], yaxis={"nticks": None, "type": "category"})
    return figure


def support_title(support: Support) -> str:
    """What, and whether there is enough for it."""
    return support.what[0].upper() + support.what[1:]


def meeting_words(report: CleaningReport, profile: Profile) -> list[str]:
    """Where most ids of two files do not meet, so that one of them is probably not about the other: a sentence each."""
    rows = {(step.table, step.rule): step.rows for step in report.steps}
    looks = (
        (
            "items",
            rows.get(("items", "unlisted_item"), 0),
            profile.n_items - profile.cold_items,
            later(
                "{part:,} of {whole:,} items with events are not in the item file: check that both files "
                "write IDs the same way."
            ),
        ),
        (
            "facts",
            rows.get(("facts", "unknown_item"), 0),
            report.rows_kept.get("facts", 0),
            later(
                "{part:,} of {whole:,} facts are about IDs that are not items. Facts about other "
                "entities are fine, but these are most of them: check that both files write IDs the same "
                "way."
            ),
        ),
        (
            "users",
            rows.get(("users", "unlisted_user"), 0),
            profile.n_users,
            later(
                "{part:,} of {whole:,} users with events are not in the user file: check that both files "
                "write IDs the same way."
            ),
        ),
    )
    return [
        say(what, part=part, whole=whole)
        for table, part, whole, what in looks
        if table in report.files and 2 * part > whole
    ]


REPLACED_TITLES = {"none": later("no"), "users": later("of users"), "all": later("of users and items")}
"""Whose ids become pseudonyms, with words for people."""


@dataclass(frozen=True)
class PersonalColumns:
    """What was found in the heads of files.

    Attributes:
        columns: Columns that can be left out, each once.
        warnings: What is found in each file, a sentence each.
    """

    columns: tuple[str, ...]
    warnings: tuple[str, ...]


def personal_columns(previews: Sequence[tuple[columns.TableName, Preview]]) -> PersonalColumns:
    """Columns that tell who somebody is, or are free text, and what will become of them."""
    found: dict[str, None] = {}
    warnings = []
    for table, preview in previews:
        meanings = {source: column for column, source in preview.mapping.items()}
        for personal in preview.personal:
            meaning = meanings.get(personal.column)
            if meaning in columns.REQUIRED[table] and personal.kind != "text":
                warnings.append(
                    say(
                        "{table}: {words}. IDs cannot be left out; they can be replaced by keyed hashes.",
                        table=say(TABLE_TITLES[table]),
                        words=personal.words,
                    )
                )
            elif meaning not in (*columns.REQUIRED[table], columns.TITLE):
                found[personal.column] = None
                if personal.kind != "text":
                    warnings.append(say("{table}: {words}.", table=say(TABLE_TITLES[table]), words=personal.words))
    return PersonalColumns(tuple(found), tuple(warnings))


KEY_WORDS = later(
    "The IDs in this data are keyed hashes. The key re-identifies people: anyone with the key and the "
    "original file can tell which hash is whose (`python -m metarec_core reidentify`). Keep a copy apart "
    "from the data; without it, a new file about the same users cannot be matched to them."
)


def has_pseudonyms(report: CleaningReport) -> bool:
    """Whether ids were replaced by keyed hashes."""
    return any(step.rule == PSEUDONYM_RULE for step in report.steps)


def privacy_words(report: CleaningReport) -> list[str]:
    """What was held back or replaced before anything was stored, a sentence each."""
    rules = (LEFT_OUT_RULE, "personal_column", "personal_id", PSEUDONYM_RULE)
    words = [
        say("{table}: {reason}", table=_table(step.table), reason=reason_said(step))
        for step in report.steps
        if step.rule in rules
    ]
    return words or [say("No column looked like e-mail addresses, phone numbers, card numbers or names of people.")]


def deletion_words(found: MadeFrom) -> str:
    """What goes when tables are deleted."""
    if found.in_progress:
        return say(
            "Run {id} of this data is in progress: cancel it, or wait for it to finish.", id=found.in_progress[0]
        )
    if not found.run_ids:
        return say("The data will be deleted permanently. No run was trained on it.")
    shown = listed(found.run_ids[:5])
    if len(found.run_ids) > 5:
        shown = say("{names} and {n:,} more", names=shown, n=len(found.run_ids) - 5)
    return say(
        "The data will be deleted permanently, and with it {runs}: {shown}.",
        runs=count(len(found.run_ids), "run"),
        shown=shown,
    )


def support_words(support: Support) -> str:
    """Why, and what to bring."""
    return sentences(support.reason, support.bring).rstrip()


def profile_facts(profile: Profile) -> pd.DataFrame:
    """Numbers without a chart: Measure, Value, Meaning."""
    rows = [
        (
            say("Top 1% of items"),
            _of_events(profile.share_of_top(0.01)),
            say("How strongly a few items dominate the log."),
        ),
        (say("Top 10% of items"), _of_events(profile.share_of_top(0.1)), say("The same for a wider group.")),
        (
            say("Top 10% of users"),
            _of_events(_top_users(profile, 0.1)),
            say("How strongly a few users dominate the log."),
        ),
        (
            say("Repeats"),
            say("{share:.1%} of events", share=profile.repeat_rate),
            say("Events whose user already had the item."),
        ),
        (
            say("Ties"),
            say("{share:.1%} of events", share=profile.ties),
            say("Events at the same time as the user's previous one: their order is unknown."),
        ),
    ]
    if len(profile.session_events):
        rows.append(
            (
                say("Sessions"),
                say(
                    "{n:,}, with a median of {middle:g} events",
                    n=len(profile.session_events),
                    middle=np.median(profile.session_events),
                ),
                say("Events of a user without a pause of more than half an hour."),
            )
        )
    for protocol, cold in profile.cold.items():
        name = say("Cold, {split}", split=say(SPLIT_TITLES[protocol]))
        if isinstance(cold, str):
            rows.append((name, say("not possible"), cold))
            continue
        rows.append(
            (
                name,
                say("{items:.1%} new items, {users:.1%} new users", items=cold.items, users=cold.users),
                say(
                    "Of {questions}, those about items, or from users, that training never saw.",
                    questions=count(cold.n_questions, "test question"),
                ),
            )
        )
    scripts = listed(f"{script} {percent(share)}" for script, share in list(profile.text.scripts.items())[:3])
    rows.append(
        (
            say("Text"),
            say(
                "{share:.0%} of items, {characters:.0f} characters",
                share=profile.text.share,
                characters=profile.text.median_characters,
            )
            if scripts
            else say("none"),
            say("Titles and descriptions. Scripts: {scripts}.", scripts=scripts)
            if scripts
            else say("Items have no text except their IDs."),
        )
    )
    rows += [
        (
            say("Vectors: {mode}", mode=mode),
            say("{share:.0%} of items", share=share),
            say("Items with numbers computed elsewhere."),
        )
        for mode, share in profile.modes.items()
    ]
    return pd.DataFrame(rows, columns=[later("Measure"), later("Value"), later("Meaning")])


def _of_events(share: float) -> str:
    return say("{share:.0%} of events", share=share)


def _table(name: str) -> str:
    return say(TABLE_TITLES.get(name, name))


def _top_users(profile: Profile, share: float) -> float:
    top = max(1, round(profile.n_users * share))
    return float(profile.user_events[:top].sum() / max(profile.n_events, 1))


def cleaning_summary(report: CleaningReport) -> pd.DataFrame:
    """What came in and what stayed of each file: Table, Rows read, Dropped, Added, Rows kept."""
    rows = [
        {
            later("Table"): _table(table),
            later("Rows read"): report.rows_read.get(table, 0),
            later("Dropped"): _rows(report, table, "dropped"),
            later("Added"): _rows(report, table, "added"),
            later("Rows kept"): kept,
        }
        for table, kept in report.rows_kept.items()
    ]
    return pd.DataFrame(rows, columns=["Table", "Rows read", "Dropped", "Added", "Rows kept"])


def cleaning_words(report: CleaningReport) -> str:
    """The import in a sentence."""
    read, dropped = report.rows_read.get("events", 0), _rows(report, "events", "dropped")
    if not dropped:
        return say("All {rows} of the behaviour file were kept.", rows=count(read, "row"))
    return say(
        "{kept:,} of {rows} of the behaviour file were kept, {dropped:,} dropped.",
        kept=report.rows_kept["events"],
        rows=count(read, "row"),
        dropped=dropped,
    )


def cleaning_steps(report: CleaningReport) -> pd.DataFrame:
    """What each rule did: Table, What happened, Rows, Why. Rules that touched nothing are left out."""
    rows = [
        {
            "Table": _table(step.table),
            later("What happened"): say(ACTION_TITLES.get(step.action, step.action)),
            later("Rows"): step.rows,
            later("Why"): reason_said(step),
        }
        for step in report.steps
        if step.rows
    ]
    return pd.DataFrame(rows, columns=["Table", "What happened", "Rows", "Why"])


def rules_with_rows(report: CleaningReport) -> dict[str, str]:
    """Rules whose rows can be looked at, in their order: ``table.rule`` → title."""
    titles = {}
    for step in report.steps:
        if step.rows and step.action in ("dropped", "coerced"):
            table = _table(step.table)
            titles[f"{step.table}.{step.rule}"] = say(
                "{table}: {reason} ({n:,})", table=table, reason=reason_said(step).rstrip(".。"), n=step.rows
            )
    return titles


def rows_of_rule(report: CleaningReport, rule: str) -> pd.DataFrame:
    """The first rows that a rule took: Line, Text."""
    table, _, name = rule.rpartition(".")
    rows = report.affected
    rows = rows[(rows["table"] == table) & (rows["rule"] == name)].head(MOST_SHOWN_ROWS)
    return pd.DataFrame({later("Line"): rows["row"], later("Text"): rows["text"]})


def affected_rows(report: CleaningReport) -> pd.DataFrame:
    """Every row that was dropped or changed: file, line, rule, reason, text (as read)."""
    rows = report.affected
    reasons = {(step.table, step.rule): step.reason for step in report.steps}
    keys = rows[["table", "rule"]].drop_duplicates()
    keys["reason"] = [reasons.get(key, "") for key in keys.itertuples(index=False, name=None)]
    told = rows.merge(keys, on=["table", "rule"], how="left")
    files = told["table"].map(dict(report.files)).fillna(told["table"])
    return pd.DataFrame(
        {"file": files, "line": told["row"], "rule": told["rule"], "reason": told["reason"], "text": told["text"]}
    )


def matched_columns(report: CleaningReport) -> pd.DataFrame:
    """Which column of the files became what: Table, Column in the file, Used as. Ignored columns last."""
    rows = [
        {"Table": _table(table), later("Column in the file"): theirs, later("Used as"): ours}
        for table, matches in report.matched.items()
        for ours, theirs in matches.items()
    ]
    rows += [
        {"Table": _table(table), "Column in the file": name, "Used as": say("not used")}
        for table, names in report.ignored.items()
        for name in names
    ]
    return pd.DataFrame(rows, columns=["Table", "Column in the file", "Used as"])


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


TIME = columns.TIME
ENCODINGS = {"": later("detected"), **{name: name for name in decode.ENCODINGS}}
SEPARATORS = {
    "": later("detected"),
    ",": later("comma"),
    ";": later("semicolon"),
    "\t": later("tab"),
    "|": later("vertical bar"),
    "::": later("two colons"),
}
"""What may be chosen where a file was read wrongly, with words for people."""


def column_guesses(preview: Preview, remembered: tuple[Mapping[str, str], str] | None) -> dict[str, Guess]:
    """What to offer for each column: as it was when a file with these columns was last imported, or what it seems to be."""
    if remembered is None:
        return dict(preview.guesses)
    mapping, name = remembered
    reason = say("Same as in {name!r}, imported earlier with these columns.", name=name)
    return {column: Guess(source, 1.0, reason) for column, source in mapping.items()}


def found_words(preview: Preview) -> str:
    """What a file was recognised as, in words."""
    if not preview.separator:
        return say("Read as {encoding}.", encoding=preview.encoding)
    separator = say(SEPARATORS.get(preview.separator, repr(preview.separator)))
    return say("Read as {encoding}, separated by {separator}.", encoding=preview.encoding, separator=separator)


def carried_words(preview: Preview, table: columns.TableName) -> str:
    """Which further columns of a file are carried along, and which are not used, in words."""
    own = set(columns.SYNONYMS[table])
    carried = [theirs for ours, theirs in preview.mapping.items() if ours not in own]
    words = []
    if carried:
        names = listed(carried)
        words.append(say("As context: {names}." if table == "events" else "As attributes: {names}.", names=names))
    proposed = {guess.source for guess in preview.guesses.values()}
    unused = [name for name in preview.ignored if name not in proposed]
    if unused:
        words.append(say("Not used: {names}.", names=listed(unused)))
    return sentences(*words)


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
        (say("Users"), f"{profile.n_users:,}", say("Users with at least one event.")),
        (
            say("Items"),
            f"{profile.n_items:,}",
            say("Items in the catalogue, {cold:,} of them without any event.", cold=profile.cold_items),
        ),
        (
            say("Events"),
            f"{profile.n_events:,}",
            say("{repeats:,} of them repeat an item that the user already had.", repeats=profile.repeats),
        ),
        (say("Density"), f"{profile.density:.2%}", say("Share of all user-item pairs that occurred.")),
        (
            say("Time span"),
            say("order only") if days is None else count(days, "day"),
            say("From the first event to the last."),
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
