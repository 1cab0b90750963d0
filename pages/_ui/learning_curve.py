"""Would more data help? Learned beside the page when somebody asks, and drawn point by point."""

from __future__ import annotations

import streamlit as st

from metarec_core.figures import evaluate as figures
from metarec_core.jobs import curve as curves
from metarec_core.language import say
from pages._ui import cache, export, session
from pages._ui.access import offered
from pages._ui.chart import chart
from pages._ui.errors import shown
from pages._ui.table import table
from pages._ui.text import plain

POLL_S = 2.0


def learning_curve(run_id: str) -> None:
    """The curve as far as it is learned, live while it is, and a button where nobody learns it.

    Raises:
        RunError: The run is gone or damaged.
    """
    st.subheader(say("Would more data help?"), anchor="learning-curve")
    learning = curves.curve_state(session.workspace(), run_id) == "learning"

    @st.fragment(run_every=POLL_S if learning else None)
    def panel() -> None:
        with shown():
            still = _curve(run_id) == "learning"
            if learning and not still:
                st.rerun()  # once at the end: stops the timer

    panel()


def _curve(run_id: str) -> str:
    store = session.workspace()
    state, curve = curves.curve_state(store, run_id), cache.learned_curve(run_id)
    if state in ("none", "stopped"):
        if state == "stopped":
            st.warning(
                plain(curves.said(store, run_id)) or say("The learning curve was stopped before it was complete.")
            )
        st.caption(
            say(
                "Trains again on 10, 20, 40, 70 and 100% of the users, without the network, in a "
                "separate process: seconds to a few minutes. You can close this page."
            )
        )
        if offered("measure") and st.button(say("Compute the curve"), icon=":material/show_chart:"):
            with shown():
                curves.learn_curve(store, run_id)
                st.rerun()
    if state == "learning":
        st.progress(
            len(curve) / curves.N_POINTS, text=say("{n} of {all} shares done", n=len(curve), all=curves.N_POINTS)
        )
    if len(curve) > 1:
        words = figures.learning_words(curve)
        st.caption(words)
        chart(figures.learning_curve(curve), alt=words, key="learning")
        learned = figures.learning_table(curve)
        table(learned, say("Quality by share of users trained on"))
        export.csv_button(
            say("Download the learning curve"),
            lambda: [figures.learning_table(curve)],
            f"metarec-{run_id}-learning-curve.csv",
        )
    return state
