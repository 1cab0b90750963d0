"""Two models before the same user, side by side."""

from __future__ import annotations

from typing import Final

import streamlit as st

from metarec_core import api
from metarec_core.figures import comparison as figures
from metarec_core.language import say
from pages._ui import cache, session
from pages._ui.errors import shown
from pages._ui.table import table

MOST_SEEDS: Final = 2
"""Runs of other seeds that are opened beside this one."""

USERS: Final = 200
"""Users whose lists are compared."""


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
        "other",
        say("Compare with"),
        [*runs, *simple],
        figures.model_title,
        placeholder=say("Choose a run or a simple model"),
    )
    if other is None:
        return
    with shown():
        second = cache.recommender(other) if other in runs else cache.baseline(run.run_id, other)
        found = api.compare(recommender, second, user_id, k)
        st.subheader(say("{common} of {k} items in common", common=found.common, k=k))
        st.caption(say("Main difference: the part most responsible for an item being in only one list."))
        table(
            figures.comparison_table(found, recommender.title),
            say("Both lists, with the ranks of every item in either"),
            file=f"metarec-{run.run_id}-compared.csv",
        )
    _stability(run, recommender, k)


def _stability(run: api.Run, recommender: api.Recommender, k: int) -> None:
    """How far lists and reasons hold where only the seed is another."""
    st.subheader(say("Do the reasons hold?"), help=say(figures.STABILITY_HELP))
    with shown():
        seeds = api.other_seeds(run)
        if not seeds:
            st.caption(say(figures.NO_SEEDS))
            return
        st.caption(figures.seeds_words(run.config.seed, [other.seed for other in seeds[:MOST_SEEDS]]))
        if st.button(say("Compare lists and reasons"), icon=":material/balance:", key="stability"):
            with st.spinner(say("Comparing lists and reasons")):
                at_work = [recommender, *(cache.recommender(other.run_id) for other in seeds[:MOST_SEEDS])]
                found = api.stability(at_work, recommender.user_ids[:USERS], k)
            st.markdown(figures.stability_words(found))
            names = [run.config.seed, *(other.seed for other in seeds[:MOST_SEEDS])]
            table(
                figures.stability_table(found, names),
                say("How far each pair of runs agrees"),
                percentages=figures.OVERLAPS,
                file=f"metarec-{run.run_id}-stability.csv",
            )
