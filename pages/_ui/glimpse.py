"""What a run does, at a glance: one user's latest events beside what is recommended next, straight from the model."""

from __future__ import annotations

import streamlit as st

from metarec_core.figures import recommendations as figures
from metarec_core.figures.chances import CHANCE
from metarec_core.language import say
from pages._ui import cache, session
from pages._ui.bars import bars
from pages._ui.table import table
from pages._ui.twin import Numbers, twin

LATEST = 5
"""Events and recommended items that are shown."""
PICKED = "glimpse"


def glimpse(run_id: str) -> None:
    """A user's latest events, the top of the list with its parts, and a way to the rest of it.

    Raises:
        RunError: The run is gone, unfinished or damaged.
    """
    recommender = cache.recommender(run_id)
    user_id = recommender.example_user
    history = recommender.history(user_id).head(LATEST)
    listed = recommender.recommend([user_id], LATEST)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(say("Example: one user's next five"), width="stretch")
        if st.button(say("Open this user"), icon=":material/arrow_forward:", type="tertiary", key="glimpse"):
            session.open_page("recommendations", run=run_id, user=user_id)
    if session.flag(PICKED):
        session.open_page("recommendations", run=run_id, user=user_id, item=session.chosen("item") or "")
    left, right = st.columns([5, 6], gap="large")
    with left:
        st.caption(say("Latest events"))
        latest = figures.history_table(history).iloc[:, :2]  # title and time
        table(
            latest,
            say("A user's latest events, newest first"),
            widths={"Title": 236},
            file=f"metarec-{run_id}-latest.csv",
        )
    with right:
        st.caption(figures.list_words(listed.frame), help=figures.list_help(listed.frame))
        bars(
            figures.score_bars(listed.frame, recommender.title),
            key="glimpse_scores",
            alt=figures.score_words(listed.frame, recommender.title),
            on_pick=_picked,
        )
        twin(
            Numbers(
                say("The first recommended items with their parts"),
                lambda: figures.score_table(listed.frame, recommender.title),
                f"metarec-{run_id}-next.csv",
                (CHANCE,),
            )
        )


def _picked(item_id: str) -> None:
    session.choose("item", item_id)
    session.raise_flag(PICKED)
