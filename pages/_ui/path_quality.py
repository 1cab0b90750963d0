"""What the paths of a run are like, when somebody asks for it."""

from __future__ import annotations

import streamlit as st

from metarec_core import api
from metarec_core.figures import path_quality as figures
from metarec_core.language import say
from pages._ui import cache, export
from pages._ui.access import offered
from pages._ui.table import table


def path_quality(run: api.Run) -> None:
    """A button, and once it was pressed the table.

    Raises:
        RunError: The run or its tables are gone or damaged.
    """
    st.subheader(say("Paths"), help=say(figures.HELP), anchor="paths")
    found = cache.path_quality(run.run_id)
    if found is None:
        st.caption(
            say(
                "How many recommendations have a path in the knowledge graph, and do the source rows confirm "
                "every path?"
            )
        )
        if not offered("measure") or not st.button(say("Check the paths of 50 users"), icon=":material/fact_check:"):
            return
        with st.spinner(say("Checking")):
            found = api.path_quality(run, cache.recommender(run.run_id))
    st.caption(figures.words(found))
    shown = figures.table(found)
    table(shown, say("Quality of the run's paths"))
    export.csv_button(say("Download the check"), lambda: [figures.table(found)], f"metarec-{run.run_id}-paths.csv")
