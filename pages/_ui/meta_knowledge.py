"""Measurements of meta-knowledge: made when asked for, with progress, and kept."""

from __future__ import annotations

from functools import partial

import streamlit as st

from metarec_core import api
from metarec_core.figures import meta_knowledge as figures
from metarec_core.language import later, say
from pages._ui import cache, export, session
from pages._ui.access import offered
from pages._ui.chart import chart
from pages._ui.errors import shown
from pages._ui.run_picker import run_titles
from pages._ui.table import MISSING, column_labels, table
from pages._ui.twin import Numbers, twin


def look(run: api.Run) -> api.Look | None:
    """What was measured of a run's meta-knowledge; without it, a button that measures it now, and None."""
    found = api.kept_meta_knowledge(run)
    if found is not None:
        return found
    st.markdown(
        say(
            "Measures k by how much is known, quality with few events, and whose lists changed. It takes "
            "seconds to a few minutes; the result is saved."
        )
    )
    if offered("measure") and st.button(say("Measure meta-knowledge"), type="primary", icon=":material/insights:"):
        bar = st.progress(0.0, text=say("Asking test questions"))
        with shown():
            for so_far in api.meta_knowledge(run, cache.recommender(run.run_id)):
                bar.progress(so_far.share_done, text=say("Asking test questions with fewer and more events known"))
            st.rerun()
    return None


def k_curves(run_id: str, found: api.Look) -> None:
    """How trust in each part shifts as more is known of users, and of items."""
    st.subheader(say("When is each part trusted?"), help=say(figures.K_HELP), anchor="k")
    views = {"history": later("By history"), "popularity": later("By item popularity")}
    by = figures.POPULARITY if session.switch("by", say("View"), views) == "popularity" else figures.LENGTH
    st.caption(figures.k_caption(found, by))
    chart(figures.k_curves(found, by), key="k", alt=figures.k_words(found, by))
    words = say("Mean k of each part, with the band that holds four of five pairs")
    twin(Numbers(words, partial(figures.k_table, found, by), f"metarec-{run_id}-k.csv"))


def few_shot(run_id: str, found: api.Look) -> None:
    """Quality by number of events known."""
    st.subheader(say("How few events are enough?"), help=say(figures.FEW_SHOT_HELP), anchor="few-shot")
    st.caption(figures.few_shot_words(found))
    chart(figures.few_shot(found), key="few_shot", alt=figures.few_shot_words(found))
    words = say("NDCG@10 by events known, with and without meta-knowledge")
    twin(Numbers(words, partial(figures.few_shot_table, found), f"metarec-{run_id}-few-shot.csv"))


def lists(run_id: str, found: api.Look) -> None:
    """Users and items whose lists meta-knowledge changed most."""
    st.subheader(say("Where does it change lists?"), help=say(figures.LISTS_HELP), anchor="lists")
    st.caption(figures.lists_words(found))
    if not found.lists.users:
        return
    recommender = cache.recommender(run_id)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(say("**Users, most changed first**"))
        users = figures.users_table(found, recommender.title)
        st.dataframe(
            users,
            placeholder=MISSING,
            hide_index=True,
            column_config=column_labels(users),
            height=320,
            on_select=partial(_open_selected, [user.user_id for user in found.lists.users]),
            selection_mode="single-row",
            key="meta_knowledge.users",
            alt=say("Users whose lists changed most; select one to see the list"),
        )
        export.csv_button(
            say("Download users"),
            lambda: [figures.users_table(found, recommender.title)],
            f"metarec-{run_id}-changed-users.csv",
        )
    with right:
        st.markdown(say("**Items, most changed first**"))
        items = figures.items_table(found, recommender.title)
        table(items, say("Items that meta-knowledge brings into lists or drops from them"), height=320)
        export.csv_button(
            say("Download items"),
            lambda: [figures.items_table(found, recommender.title)],
            f"metarec-{run_id}-changed-items.csv",
        )
    if session.flag("changed_user"):
        session.open_page("recommendations", run=run_id, user=session.chosen("user") or "")


def transfer(run: api.Run) -> None:
    """Meta-knowledge of another run, tried on this one."""
    st.subheader(
        say("Does another run's meta-knowledge work here?"), help=say(figures.TRANSFER_HELP), anchor="transfer"
    )
    titles = {run_id: title for run_id, title in run_titles().items() if run_id != run.run_id}
    if not titles:
        st.caption(say("There is no other run in the workspace. Train on another data set, then come back."))
        return
    session.chosen_or("source", next(iter(titles)))
    source_id = session.pick(
        "source", say("Meta-knowledge from"), list(titles), titles.__getitem__, placeholder=say("Choose a run")
    )
    if source_id is None:
        return
    with shown():
        source = api.open_run(session.workspace(), source_id)
        found = api.kept_transfer(source, run)
        if found is None:
            if offered("measure") and st.button(say("Try it here"), icon=":material/move_down:"):
                bar = st.progress(0.0, text=say("Opening the other run"))
                for so_far in api.transfer(source, run, cache.recommender(run.run_id)):
                    bar.progress(so_far.share_done, text=say("Learning here from more and more answers"))
                st.rerun()
            return
        said = figures.transfer_verdict(found)
        (st.success if said.kind == "success" else st.warning)(said.details, title=said.headline)
        st.caption(figures.transfer_words(found))
        chart(figures.transfer_curve(found), key="transfer", alt=figures.transfer_words(found))
        drawn = figures.transfer_table(found)
        table(drawn, say("Fixed weights, transferred k, and k learned here"))
        export.csv_button(
            say("Download the transfer"), lambda: [figures.transfer_table(found)], f"metarec-{run.run_id}-transfer.csv"
        )


def _open_selected(user_ids: list[str]) -> None:
    if rows := session.selected_rows("meta_knowledge.users"):
        session.choose("user", user_ids[rows[0]])
        session.choose("item", None)
        session.raise_flag("changed_user")
