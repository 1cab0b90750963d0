"""Which item is explained: one of the list, or any other of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from metarec_core import api
from metarec_core.language import say
from pages._ui import session
from pages._ui.text import plain

MOST_OPTIONS = 20_000
"""Items in a selectbox at most; with more, one that is not in the list is typed by its id."""


def item_picker(recommender: api.Recommender, listed: Sequence[str], label: str) -> str:
    """The item in the address, known or not; the first of the list until one is chosen.

    Args:
        recommender: Whose catalogue.
        listed: Ids of the user's list, which come first.
        label: Above the widget.
    """
    ids = recommender.item_ids
    item_id = session.chosen_or("item", [*listed, *ids][0])
    if len(ids) <= MOST_OPTIONS:
        tip = say("The items of the list, then all others of the catalogue. Type to search.")
        session.pick("item", label, list(dict.fromkeys([*listed, *ids])), recommender.title, help=tip)
        return item_id
    known = [item_id] if item_id in recommender.dataset.items else []
    with st.container(horizontal=True, vertical_alignment="bottom"):
        session.pick("item", label, list(dict.fromkeys([*listed, *known])), recommender.title)
        session.type_in(
            "item",
            say("Or any item by its ID"),
            help=say("{n:,} items, for example {item}.", n=len(ids), item=plain(ids[0])),
        )
    return item_id
