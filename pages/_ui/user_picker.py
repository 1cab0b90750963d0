"""Whose recommendations: search, pick or draw a user, and how many items to list."""

from __future__ import annotations

import secrets

import streamlit as st

from metarec_core import api
from metarec_core.language import say
from pages._ui import session
from pages._ui.list_length import list_length
from pages._ui.text import plain

MOST_OPTIONS = 20_000
"""Users in a selectbox at most; with more, the id is typed."""


def user_picker(recommender: api.Recommender) -> tuple[str, int]:
    """The user in the address, known or not, and the list length; an example until one is chosen."""
    ids = recommender.user_ids
    user_id = session.chosen_or("user", recommender.example_user)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(ids) <= MOST_OPTIONS:
            tip = say("{n:,} users. Type to search.", n=len(ids))
            session.pick("user", say("User"), ids, help=tip, placeholder=say("Choose a user"), clears="item")
        else:
            session.type_in(
                "user",
                say("User ID"),
                help=say("{n:,} users, for example {user}.", n=len(ids), user=plain(ids[0])),
                clears="item",
            )
        st.button(say("Random user"), icon=":material/casino:", on_click=_draw, args=(recommender,))
        k = list_length()
    return user_id, k


def _draw(recommender: api.Recommender) -> None:
    session.choose("user", secrets.choice(recommender.user_ids))
    session.choose("item", None)
