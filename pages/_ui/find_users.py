"""Search of users: by id, by attribute, by behaviour; a row chosen is the user that is looked at."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import streamlit as st

from metarec_core import api
from metarec_core.figures import audience as figures
from metarec_core.language import say
from pages._ui import cache, export, session
from pages._ui.access import may
from pages._ui.folded import folded
from pages._ui.table import MISSING, column_formats

MOST: Final = 50


def find_users(run_id: str, recommender: api.Recommender) -> None:
    """The search, and the users found; nothing is computed before it is opened."""
    search = partial(_search, run_id, recommender)
    folded(say("Find users"), search, key="find", icon=":material/person_search:", steers=True)


def _search(run_id: str, recommender: api.Recommender) -> None:
    st.caption(say("By ID, attribute or behaviour: cold, worst served, most explained by text."))
    audience = cache.audience(run_id)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            say("ID contains"), key="find.text", placeholder=say("any part of the ID"), persist_state="session"
        )
        order = st.selectbox(
            say("Sort by"), audience.orders, index=None, format_func=figures.order_title, key="find.order",
            placeholder=say("order in the data"), persist_state="session",
        )  # fmt: skip
        having = {}
        for name, attribute in recommender.dataset.user_attributes.items():
            value = st.selectbox(
                name.replace("_", " ").capitalize(), list(attribute.vocabulary.ids)[:1_000], index=None,
                key=f"find.attribute.{name}", placeholder=say("any"), persist_state="session",
            )  # fmt: skip
            if value is not None:
                having[name] = value
    found = audience.find(text, having, order, MOST)
    table = figures.users_table(found)
    ids = table["User"].tolist()
    if not ids:
        st.info(say("No matching users. Try a broader search."), icon=":material/info:")
        return
    st.dataframe(
        table, hide_index=True, height=min(36 * len(ids) + 38, 300), column_config=column_formats(table, {}),
        placeholder=MISSING, on_select=lambda: _chosen(ids), selection_mode="single-row", key="find.table",
        alt=say("Matching users to choose from"),
    )  # fmt: skip
    if may("export"):
        export.csv_button(say("Lists for these users"), lambda: _lists(recommender, ids), f"metarec-{run_id}-users.csv")


def _lists(recommender: api.Recommender, ids: list[str]) -> list[Any]:
    return [recommender.recommend(ids).frame]


def _chosen(ids: list[str]) -> None:
    rows = session.selected_rows("find.table")
    if rows:
        session.choose("user", ids[rows[0]])
        session.choose("item", None)
