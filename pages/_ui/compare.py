"""Two models before the same user, side by side."""

from __future__ import annotations

import streamlit as st

from metarec_core import api
from metarec_core.figures import comparison as figures
from pages._ui import cache, session
from pages._ui.errors import shown
from pages._ui.table import table


def compare(run: api.Run, recommender: api.Recommender, user_id: str, k: int) -> None:
    """The list of this run beside that of another, or of a simple model."""
    runs = [
        other.run_id
        for other in api.list_runs(session.workspace())
        if other.run_id != run.run_id and other.tables_fingerprint == run.manifest.tables_fingerprint
    ]
    simple = list(api.baselines_to_compare())
    session.chosen_or("other", "ease" if "ease" in simple else simple[0])
    other = session.pick(
        "other", "Beside", [*runs, *simple], figures.model_title, placeholder="Choose a run or a simple model"
    )
    if other is None:
        return
    with shown():
        second = cache.recommender(other) if other in runs else cache.baseline(run.run_id, other)
        found = api.compare(recommender, second, user_id, k)
        st.subheader(f"{found.common} of {k} items in common")
        st.caption(
            "Sets apart: the part, here or there, that most brings an item into one list and keeps it out of the other."
        )
        table(figures.comparison_table(found, recommender.title), "Both lists with the ranks of every item in either")
    if runs:
        chosen = st.multiselect("Other seeds of this run", runs, max_selections=2, placeholder="How stable is it?")
        if chosen:
            with shown(), st.spinner("Comparing lists and reasons"):
                runs_at_work = [recommender, *(cache.recommender(run_id) for run_id in chosen)]
                steady = api.stability(runs_at_work, recommender.user_ids[:200], k)
                st.markdown(figures.stability_words(steady))
