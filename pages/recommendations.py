"""Recommendations: one user's history beside the list, and each item's score as the sum of its parts."""

from functools import partial

import streamlit as st

from metarec_core import api
from metarec_core.figures import recommendations as figures
from metarec_core.figures.chances import CHANCE, CHANCE_HELP
from metarec_core.language import later, say
from pages._ui import cache, desk, export, session
from pages._ui.bars import bars
from pages._ui.batch_export import batch_export
from pages._ui.compare import compare
from pages._ui.empty import opened_run
from pages._ui.errors import shown
from pages._ui.filters import filters
from pages._ui.find_users import find_users
from pages._ui.folded import TABLE, folded
from pages._ui.frame import require_frame
from pages._ui.item_cards import item_cards
from pages._ui.item_picker import item_picker
from pages._ui.new_item import new_item
from pages._ui.reasons import reasons_of
from pages._ui.table import still, table
from pages._ui.text import plain
from pages._ui.user_picker import user_picker
from pages._ui.what_if import new_user, what_if

require_frame("recommendations")
st.title(say("Recommendations"))

VIEWS = {
    "list": later("List"),
    "what_if": later("What if"),
    "new_user": later("New user"),
    "new_item": later("New item"),
    "compare": later("Compare"),
}


def _list(run: api.Run, recommender: api.Recommender, user_id: str, k: int) -> None:
    """A user's history beside the list, and one item's score taken apart."""
    history = recommender.history(user_id)
    selection = filters(run.run_id, recommender)
    listed = recommender.recommend([user_id], k, selection)

    def downloads() -> None:
        table(
            figures.score_table(listed.frame, recommender.title),
            say("The recommended items with their parts"),
            help={CHANCE: say(CHANCE_HELP)},
            percentages=(CHANCE,),
        )
        export.csv_button(say("This user"), lambda: [listed.frame], f"metarec-{run.run_id}-user.csv")
        batch_export(run.run_id, recommender, k, selection)

    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader(say("History"))
        st.caption(figures.history_words(history))
        events = figures.history_table(history)
        table(
            events,
            say("History of user {user_id}, newest first", user_id=user_id),
            height=figures.list_height(k),
            widths={"Title": 220 if "Rating" in events else 284},
            only=("Title", "When", "Rating"),
            file=f"metarec-{run.run_id}-history.csv",
        )
    with right:
        st.subheader(say("Recommended next"))
        if not listed.item_ids:
            st.info(say("No matching items. Relax the filters."), icon=":material/info:")
            return
        if session.switch("shown", say("View"), {"bars": later("Bars"), "cards": later("Cards")}) == "cards":
            item_cards(recommender, listed.frame)
        else:
            st.caption(figures.list_words(listed.frame), help=figures.list_help(listed.frame))
            bars(
                figures.score_bars(listed.frame, recommender.title),
                key="scores",
                alt=figures.score_words(listed.frame, recommender.title),
                chosen=session.chosen("item") or listed.item_ids[0],
                on_pick=partial(session.choose, "item"),
            )

    st.subheader(say("Why this item?"))
    with shown():
        item_id = item_picker(recommender, listed.item_ids, say("Item"))
        why = api.explain(recommender, user_id=user_id, item_id=item_id, tests=False)
        left, right = st.columns([2, 3], gap="large")
        with left:
            bars(figures.waterfall(why), key="waterfall", alt=figures.waterfall_words(why))
        with right:
            still(
                figures.breakdown_table(why),
                say("The parts of the score and their sum"),
                file=f"metarec-{run.run_id}-parts.csv",
            )
        right.caption(plain(figures.effect_words(why)))
        if chance := figures.chance_words(why):
            right.caption(chance, help=say(CHANCE_HELP))
        reasons_of(why, recommender.title)

    folded(say("The list as a table, and downloads"), downloads, key="list.downloads", icon=TABLE)


run = opened_run("recommendations")
if run is None:
    st.stop()
with shown():
    recommender = cache.recommender(run.run_id)
    view = desk.view(VIEWS)
    if view == "new_item":
        new_item(run.run_id, recommender)
    elif view == "new_user":
        new_user(run.run_id, recommender, 10)
    else:
        find_users(run.run_id, recommender)
        user_id, k = user_picker(recommender)
        if view == "list":
            _list(run, recommender, user_id, k)
        elif view == "what_if":
            what_if(run.run_id, recommender, user_id, k)
        else:
            compare(run, recommender, user_id, k)
