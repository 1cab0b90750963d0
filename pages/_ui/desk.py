"""The desks' state: a scenario in the address, changed by callbacks, so that a reload or a link shows the same."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from metarec_core import api
from metarec_core.errors import InputError, MetaRecError
from metarec_core.language import say
from pages._ui import session
from pages._ui.text import plain

Change = Callable[[api.Scenario], api.Scenario]


def view(titles: dict[str, str]) -> str:
    """Which desk is open, named in the address unless it is the first."""
    first = next(iter(titles))
    wanted = session.chosen("desk")
    value = wanted if wanted in titles else first
    st.session_state["_pick_desk"] = value
    st.segmented_control(
        say("View"),
        list(titles),
        required=True,
        format_func=lambda value: say(titles[value]),
        key="_pick_desk",
        label_visibility="collapsed",
        on_change=_opened,
        args=(first,),
    )
    return value


def scenario(recommender: api.Recommender, user_id: str | None) -> api.Scenario:
    """The scenario in the address. One of somebody else is laid aside until that desk or user is back, one that cannot be read
    is told; without one it is what is."""
    found = _read(session.chosen("scenario") or session.take_up("scenario", user_id))
    if found is not None and found.user_id != user_id:
        session.lay_aside("scenario", found.user_id)
        found = _read(session.take_up("scenario", user_id))
    return api.scenario_of(recommender, user_id) if found is None else found


def _read(link: str | None) -> api.Scenario | None:
    if link is None:
        return None
    try:
        return api.Scenario.from_link(link)
    except MetaRecError as error:
        st.error(plain(str(error)), icon=":material/error:")
        session.choose("scenario", None)
        return None


def change(current: api.Scenario, by: Change) -> None:
    """A callback: the scenario in the address is changed."""
    keep(by(current))


def keep(scenario: api.Scenario) -> None:
    """Put a scenario into the address; one that is too long for it is told on the next run."""
    try:
        session.choose("scenario", scenario.to_link())
    except InputError as error:
        st.toast(plain(str(error)), icon=":material/error:")


def saved(current: api.Scenario) -> None:
    """Download and open a scenario's file, or go back to what is."""
    with st.container(horizontal=True):
        st.button(
            say("Start over"),
            icon=":material/restart_alt:",
            on_click=session.choose,
            args=("scenario", None),
            key="desk.reset",
        )
        st.download_button(
            say("Save"),
            current.to_json,
            "metarec-scenario.json",
            "application/json",
            icon=":material/download:",
            on_click="ignore",
            help=say("The page address holds the same scenario: send it as a link."),
        )
        with st.popover(say("Open"), icon=":material/folder_open:"):
            file = st.file_uploader(say("A saved scenario"), type="json", key="desk.file", max_upload_size=1)
            if file is not None and st.button(say("Open this scenario"), key="desk.open"):
                try:
                    opened = api.Scenario.from_json(file.getvalue())
                    opened.to_link()
                except MetaRecError as error:
                    st.error(plain(str(error)), icon=":material/error:")
                else:
                    keep(opened)
                    if opened.user_id is None:
                        session.choose("desk", "new_user")
                    else:
                        session.choose("desk", "what_if")
                        session.choose("user", opened.user_id)
                    st.rerun()


def _opened(first: str) -> None:
    value = st.session_state["_pick_desk"]
    session.choose("desk", None if value == first else value)
