"""The desks' state: a scenario in the address, changed by callbacks, so that a reload or a link shows the same.

A scenario that is too long for a link is kept by the session, and the address has a name for it; only its file can be sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

import streamlit as st

from metarec_core import api
from metarec_core.errors import InputError, MetaRecError
from metarec_core.language import say
from pages._ui import session
from pages._ui.text import plain

Change = Callable[[api.Scenario], api.Scenario]

LONG: Final = "kept."
"""Begins the name of a scenario that is too long for a link; no link has a full stop."""
MOST_LONG: Final = 50
"""Such scenarios that a session keeps, the latest: so many steps the browser's *Back* can go."""


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
    if link.startswith(LONG):
        found = _long().get(link)
        if found is None:
            st.error(
                say(
                    "This scenario is too long for a link and was kept only where it was made: ask for "
                    "its file, and open the file here."
                ),
                icon=":material/error:",
            )
            session.choose("scenario", None)
        return found
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
    """Put a scenario into the address; of one that is too long for it, the name under which the session keeps it."""
    try:
        link = scenario.to_link()
    except InputError:
        link, kept = LONG + hashlib.sha256(scenario.to_json().encode()).hexdigest()[:16], _long()
        kept[link] = scenario
        while len(kept) > MOST_LONG:
            kept.pop(next(iter(kept)))
    session.choose("scenario", link)


def _long() -> dict[str, api.Scenario]:
    kept: dict[str, api.Scenario] = st.session_state.setdefault("_long_scenarios", {})
    return kept


def saved(current: api.Scenario) -> None:
    """Download and open a scenario's file, or go back to what is."""
    is_long = (session.chosen("scenario") or "").startswith(LONG)
    if is_long:
        st.info(
            say(
                "This scenario is too long for a link. It stays here until the page is reloaded or closed: use *Save* to send "
                "or keep it."
            ),
            icon=":material/link_off:",
        )
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
            help=None if is_long else say("The page address holds the same scenario: send it as a link."),
        )
        with st.popover(say("Open"), icon=":material/folder_open:"):
            file = st.file_uploader(say("A saved scenario"), type="json", key="desk.file", max_upload_size=1)
            if file is not None and st.button(say("Open this scenario"), key="desk.open"):
                try:
                    opened = api.Scenario.from_json(file.getvalue())
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
