"""One stored data set: what it can support, sizes, shape over time, what cleaning did, first rows, and its end."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import streamlit as st

from metarec_core import api
from metarec_core.figures import data as figures
from metarec_core.figures import profile as shape
from metarec_core.language import later, say
from pages._ui import cache, export, forms, session
from pages._ui.access import may, offered
from pages._ui.chart import chart
from pages._ui.errors import shown
from pages._ui.folded import folded
from pages._ui.table import MISSING, column_labels, still, table
from pages._ui.text import plain
from pages._ui.twin import Numbers, twin

TABS: Final = {
    "profile": later("Profile"),
    "cleaned": later("What was cleaned"),
    "rows": later("First rows"),
    "privacy": later("Privacy"),
}


def tables_view(fingerprint: str) -> None:
    """Everything about one data set.

    Raises:
        RunError: The tables are gone or damaged.
    """
    tables, profile = cache.tables(fingerprint), cache.profile(fingerprint)
    with st.grid(5, min_column_width=130):
        for label, value, tip in figures.headline_numbers(profile):
            st.metric(label, value, border=True, help=tip)
    for words in figures.meeting_words(tables.report, profile):
        st.warning(plain(words), icon=":material/link_off:")
    draw = {
        "profile": lambda: _shape(fingerprint, profile),
        "cleaned": lambda: _cleaning(fingerprint, tables),
        "rows": lambda: _heads(fingerprint, tables),
        "privacy": lambda: _privacy(fingerprint, tables),
    }
    for name, tab in session.tabbed("tab", TABS).items():
        if tab.open:
            with tab, shown():
                draw[name]()


def _heads(fingerprint: str, tables: api.Tables) -> None:
    st.markdown(say("**Behaviour**"))
    _first_rows(figures.events_head(tables), say("First events"), f"metarec-{fingerprint}-first-events.csv")
    st.markdown(say("**Items**"))
    _first_rows(figures.items_head(tables), say("First items"), f"metarec-{fingerprint}-first-items.csv")


def _first_rows(frame: Any, alt: str, file: str) -> None:
    """Rows as they are stored: no number is rounded."""
    st.dataframe(frame, hide_index=True, height=250, alt=alt, placeholder=MISSING)
    if may("export"):
        export.csv_button(say("CSV"), lambda: [frame], file, type="tertiary", key=f"table.{file}")


def _shape(fingerprint: str, profile: api.Profile) -> None:
    verdict = api.verdict(profile)
    st.markdown(f"#### {plain(verdict.headline)}")
    left, right = st.columns(2, gap="large")
    for place, supports in ((left, verdict.ladder), (right, verdict.others)):
        with place:
            for support in supports:
                icon = ":green[:material/check_circle:]" if support.enough else ":orange[:material/warning:]"
                st.markdown(f"{icon} {figures.support_title(support)}", help=figures.support_words(support))
                if support.bring:
                    st.caption(plain(support.bring))
    left, right = st.columns(2, gap="large")
    chart(figures.activity(profile), key="activity", alt=shape.activity_words(profile), place=left)
    chart(figures.long_tail(profile), key="tail", alt=shape.tail_words(profile), place=right)
    chart(figures.history_lengths(profile), key="lengths", alt=shape.lengths_words(profile), place=left)
    if profile.coverage:
        chart(figures.coverage(profile), key="coverage", alt=shape.coverage_words(profile), place=right)
    twin(*_numbers(fingerprint, profile))
    still(
        figures.profile_facts(profile),
        say("Long tail, repeats, ties, sessions, cold shares and text, in numbers"),
        hide_index=True,
        width="content",
        file=f"metarec-{fingerprint}-profile.csv",
    )


def _numbers(fingerprint: str, profile: api.Profile) -> list[Numbers]:
    """What the four charts are drawn from."""
    made = [
        (say("Events over time"), shape.activity_table, "activity"),
        (say("Share of events by share of the catalogue"), shape.tail_table, "tail"),
        (say("Users by number of events"), shape.lengths_table, "lengths"),
    ]
    if profile.coverage:
        made.append((say("Share of rows with a value, by attribute"), shape.coverage_table, "coverage"))
    return [
        Numbers(words, partial(make, profile), f"metarec-{fingerprint}-{name}.csv", shape.SHARES)
        for words, make, name in made
    ]


def _cleaning(fingerprint: str, tables: api.Tables) -> None:
    report = tables.report
    st.markdown(plain(figures.cleaning_words(report)))
    stem = f"metarec-{fingerprint}"
    table(figures.cleaning_summary(report), say("Rows read and kept of each file"), file=f"{stem}-rows.csv")
    steps = figures.cleaning_steps(report)
    if len(steps):
        table(steps, say("What each cleaning rule did, and why"), file=f"{stem}-cleaning.csv")
    rules = figures.rules_with_rows(report)
    if rules:
        rule = st.selectbox(
            say("Rows that a rule affected"), list(rules), format_func=rules.__getitem__, key=f"rule.{fingerprint}"
        )
        table(
            figures.rows_of_rule(report, rule),
            say("First rows that the rule affected, with their lines in the file"),
            height=180,
            foreign=True,
        )
        if may("export"):
            export.csv_button(
                say("Download all affected rows"),
                lambda: [figures.affected_rows(report)],
                f"{stem}-affected-rows.csv",
                help=say("Every row that was dropped or changed: file, line, rule, reason and original text."),
            )
    with st.expander(say("Columns"), icon=":material/view_column:"):
        matched = figures.matched_columns(report)
        st.dataframe(
            matched,
            placeholder=MISSING,
            hide_index=True,
            column_config=column_labels(matched),
            alt=say("How each column of the files was used"),
        )
        export.csv_button(say("CSV"), lambda: [matched], f"{stem}-columns.csv", type="tertiary", key="table.columns")
    if may("import"):
        with shown():
            _clean_again(fingerprint, report)


def _clean_again(fingerprint: str, report: api.CleaningReport) -> None:
    """Other rules for the same files, where they were kept; the result is a data set of its own."""
    rules = api.original_rules(session.workspace(), fingerprint)
    if rules is None:
        why = api.why_not_kept(report) or say("The files were not kept with this data.")
        again = say("To clean them with different rules, import them again; this creates a second data set.")
        st.caption(say("{why} {again}", why=why, again=again))
        return

    def other_rules() -> None:
        values = forms.settings(rules, f"again.{fingerprint}")
        st.caption(say("The files were kept. The result is a second data set; existing runs keep theirs."))
        if not st.button(say("Clean again"), icon=":material/refresh:", key=f"again.{fingerprint}"):
            return
        with st.spinner(say("Reading and cleaning")):
            chosen = api.CleaningConfig.from_dict(values)
            made = api.clean_again(session.workspace(), fingerprint, chosen)
            if made != fingerprint:
                session.open_page("data", data=made)
            st.info(say("These rules affect the same rows: nothing changed."), icon=":material/info:")

    folded(
        say("Clean again with different rules"),
        other_rules,
        key="again.rules",
        icon=":material/cleaning_services:",
        steers=True,
    )


def _privacy(fingerprint: str, tables: api.Tables) -> None:
    for words in figures.privacy_words(tables.report):
        st.markdown(plain(words))
    if figures.has_pseudonyms(tables.report):
        st.markdown(say("**Key**"))
        st.markdown(say(figures.KEY_WORDS))
        if offered("key"):
            export.file_button(
                say("Download the key"),
                lambda: f"{api.pseudonym_key(session.workspace())}\n".encode(),
                api.KEY_FILE,
                "text/plain",
            )
    found = api.made_from(session.workspace(), fingerprint)
    st.markdown(say("**Delete this data**"))
    st.markdown(figures.deletion_words(found))
    if not offered("delete"):
        return
    sure = st.checkbox(
        say("I understand what will be deleted"), key=f"sure.{fingerprint}", disabled=bool(found.in_progress)
    )
    if st.button(say("Delete"), icon=":material/delete:", disabled=not sure, key=f"delete.{fingerprint}"):
        api.delete_with_runs(session.workspace(), fingerprint)
        session.choose("data", None)
        st.rerun()
