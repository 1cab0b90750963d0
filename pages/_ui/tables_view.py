"""One stored data set: sizes, shape over time, what cleaning did, first rows."""

from __future__ import annotations

import streamlit as st

from metarec_core.figures import data as figures
from pages._ui import cache, export
from pages._ui.table import table
from pages._ui.text import plain


def tables_view(fingerprint: str) -> None:
    """Everything about one data set.

    Raises:
        RunError: The tables are gone or damaged.
    """
    tables, profile = cache.tables(fingerprint), cache.profile(fingerprint)
    with st.grid(5, min_column_width=130):
        for label, value, tip in figures.headline_numbers(profile):
            st.metric(label, value, border=True, help=tip)
    shape, cleaning, rows = st.tabs(["Profile", "What was cleaned", "First rows"])
    with shape:
        left, right = st.columns(2, gap="large")
        left.plotly_chart(figures.activity(profile), key="activity", alt="Events over time")
        right.plotly_chart(figures.long_tail(profile), key="tail", alt="Share of events by share of the catalogue")
        left.plotly_chart(figures.history_lengths(profile), key="lengths", alt="Users by number of events")
        with right:
            st.markdown("**What this data can carry**")
            for enough, words in figures.support(profile):
                st.markdown(f"{':material/check_circle:' if enough else ':material/warning:'} {plain(words)}")
    with cleaning:
        report = tables.report
        st.markdown(plain(figures.cleaning_words(report)))
        table(figures.cleaning_summary(report), "Rows read and kept of each file")
        steps = figures.cleaning_steps(report)
        if len(steps):
            table(steps, "What each cleaning rule did, and why")
        if len(report.affected):
            export.csv_button(
                "Download the rows concerned",
                lambda: [report.affected],
                f"metarec-{fingerprint}-affected-rows.csv",
                help="Rows that were dropped or changed, with their line in the file and the rule; at most 1,000 a rule.",
            )
        with st.expander("Columns", icon=":material/view_column:"):
            st.dataframe(
                figures.matched_columns(report), hide_index=True, alt="What each column of the files was used as"
            )
    with rows:
        st.markdown("**Behaviour**")
        st.dataframe(figures.events_head(tables), hide_index=True, height=250, alt="First events")
        st.markdown("**Items**")
        st.dataframe(figures.items_head(tables), hide_index=True, height=250, alt="First items")
