"""The desk of a new item: write it, and see who would get it, why, and what it lies beside."""

from __future__ import annotations

from functools import partial

import streamlit as st

from metarec_core import api
from metarec_core.figures import new_item as figures
from metarec_core.language import say
from pages._ui import cache, export
from pages._ui.access import may
from pages._ui.errors import shown
from pages._ui.folded import folded
from pages._ui.table import table
from pages._ui.text import plain


def new_item(run_id: str, recommender: api.Recommender) -> None:
    """The form, and what becomes of the item."""
    left, right = st.columns([4, 7], gap="large")
    with left, st.form("new_item"):
        title = st.text_input(
            say("Title"), max_chars=200, placeholder=say("What it is called"), persist_state="session", key="new.title"
        )
        words = st.text_area(say("Description"), max_chars=2_000, persist_state="session", key="new.description")
        attributes = {
            name: tuple(
                st.multiselect(
                    name.replace("_", " ").capitalize(),
                    list(attribute.vocabulary.ids)[:1_000],
                    accept_new_options=True,
                    placeholder=say("Choose or add options"),
                    key=f"new.attribute.{name}",
                )
            )
            for name, attribute in recommender.dataset.attributes.items()
        }
        st.form_submit_button(say("Who would get it?"), type="primary", icon=":material/person_search:")
    with right:
        if not title.strip() and not words.strip() and not any(attributes.values()):
            st.info(say("Write a title or choose attributes to see who would get the item."), icon=":material/info:")
            return
        with shown(), st.spinner(say("Scoring the item for every user")):
            reader = cache.text_reader(run_id)
            draft = api.Draft(title, words, attributes)
            found = api.new_item(recommender, draft, None if reader is None else reader.read_item)
            st.subheader(say("Who would get it"))
            st.markdown(plain(figures.reach_words(found)))
            for remark in found.remarks:
                st.caption(plain(remark))
            table(figures.users_table(found), say("Users for whom the item ranks highest, with the parts behind it"))
            if may("export"):
                export.csv_button(say("All users"), lambda: [found.users], f"metarec-{run_id}-new-item.csv")
            st.subheader(say("Most similar items"))
            table(
                figures.neighbours_table(found, recommender.title),
                say("The items most similar to it, by text and by knowledge"),
                widths={"Title": 290},
                file=f"metarec-{run_id}-new-item-beside.csv",
            )
            if len(found.lenders):
                lenders = partial(
                    table,
                    figures.lenders_table(found, recommender.title),
                    say("The items whose events stand in for its own, with their shares"),
                    percentages=("Share",),
                    file=f"metarec-{run_id}-new-item-lenders.csv",
                )
                folded(say("What it borrows from"), lenders, key="new_item.lenders", icon=":material/handshake:")
