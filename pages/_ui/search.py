"""A search for better settings: start it, watch it, stop it, go on with it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from metarec_core.config import RunConfig
from metarec_core.figures import search as figures
from metarec_core.figures.train import STATE_STYLES
from metarec_core.jobs import search
from metarec_core.jobs.status import JobState
from metarec_core.language import later, say, several
from pages._ui import session
from pages._ui.access import may
from pages._ui.chart import chart
from pages._ui.errors import shown
from pages._ui.text import plain
from pages._ui.twin import Numbers, twin

POLL_S = 2.0
HELP = later(
    "Tries settings one after another, learns from each trial where better ones are, and stops poor "
    "trials early. Only validation data is used; the best trial becomes a training job."
)


def start(fingerprint: str, config: RunConfig, device: str) -> None:
    """A budget, and the button that starts a search from these settings."""
    with st.expander(say("Search for better settings"), icon=":material/manage_search:"):
        st.caption(say(HELP))
        with st.grid(3, min_column_width=160):
            trials = st.number_input(
                say("Trials"), 0, 10_000, 20, key="search.trials", help=say("0: as many as time allows.")
            )
            minutes = st.number_input(
                say("Minutes"), 0.0, 10_000.0, 30.0, key="search.minutes", help=say("0: no limit.")
            )
            processes = st.number_input(
                say("In parallel"), 1, 64, 1, key="search.processes", help=say("Trials that run at the same time.")
            )
        if st.button(say("Search"), icon=":material/manage_search:"):
            with shown():
                budget = search.Budget(trials, minutes)
                search.submit_search(session.workspace(), fingerprint, config, budget, device, processes)


def watch() -> None:
    """The newest search of the workspace, live while it lives; nothing where there is none."""
    folders = search.search_folders(session.workspace())
    if not folders:
        return
    search_id = folders[0].run_id
    live = search.search_status(session.workspace(), search_id).is_live

    @st.fragment(run_every=POLL_S if live else None)
    def panel() -> None:
        with shown():
            if live and not _search(search_id):
                st.rerun()  # once at the end, so that the list of trainings shows the best trial's

    with st.container(border=True, key="search"):
        if live:
            panel()
        else:
            with shown():
                _search(search_id)


def _search(search_id: str) -> bool:
    """Draw a search; says whether it is still alive."""
    store = session.workspace()
    now, trials = search.search_status(store, search_id), search.trials(store, search_id)
    title, icon, colour = STATE_STYLES[now.state.value]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(say("Search for better settings"), width="content")
        st.badge(say(title), icon=icon, color=colour)
    if now.message:
        (st.error if now.state is JobState.FAILED else st.info)(plain(now.said))
    if now.is_live and now.epochs:
        st.progress(
            min(now.epoch / now.epochs, 1.0),
            text=several(now.epochs, "{done} of {n} trial", "{done} of {n} trials", done=now.epoch),
        )
    st.caption(figures.words(trials))
    if figures.complete(trials):
        left, right = st.columns(2, gap="large")
        chart(figures.history(trials), key="search.history", alt=figures.history_words(trials), place=left)
        stem, reached = f"metarec-{search_id}", partial(figures.trials_table, trials)
        numbers = [Numbers(say("Validation NDCG@10 of each trial"), reached, f"{stem}-trials.csv")]
        if shares := search.importance(store, search_id):
            chart(
                figures.importance(shares), key="search.importance", alt=figures.importance_words(shares), place=right
            )
            mattered = partial(figures.importance_table, shares)
            numbers.append(
                Numbers(say("Which settings mattered"), mattered, f"{stem}-importance.csv", (figures.SHARE,))
            )
        else:
            right.caption(say("After five finished trials, this shows which settings mattered."))
        twin(*numbers)
    _actions(search_id, now.is_live, now.can_resume)
    return now.is_live


def _actions(search_id: str, live: bool, can_resume: bool) -> None:
    store = session.workspace()
    with st.container(horizontal=True):
        if (
            live
            and may("cancel")
            and st.button(say("Stop the search"), icon=":material/stop:", help=say("Finished trials are kept."))
        ):
            with shown():
                search.cancel_search(store, search_id)
        if can_resume and may("train") and st.button(say("Continue the search"), icon=":material/resume:"):
            with shown():
                search.resume_search(store, search_id)
                st.rerun()
        best = search.best_run(store, search_id)
        if best is not None and st.button(say("Open the best trial's training job"), icon=":material/open_in_new:"):
            session.open_page("train", job=best)
