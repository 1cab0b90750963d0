"""The door: nobody sees a page without a login where there is one, and who has logged in comes back to where they wanted to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final, NoReturn

import streamlit as st
from streamlit.web.server.starlette.starlette_app_utils import decode_xsrf_token_string

from metarec_core import access as rights
from metarec_core import audit
from metarec_core.access import Person, Role
from metarec_core.errors import AccessError, MetaRecError
from metarec_core.language import say
from pages._ui import access, session
from pages._ui.text import plain

PATIENCE_S: Final = 600.0
"""How long a place is kept for somebody who went to log in."""
MOST_KEPT: Final = 10_000


@dataclass(frozen=True)
class Place:
    """A page with the parameters of its address."""

    stem: str
    parameters: Mapping[str, list[str]]


def is_open() -> bool:
    """Whether who is here may look."""
    try:
        return rights.who() is not None
    except MetaRecError:
        return False


def require_login(wanted: Place | None = None) -> None:
    """Go on for who may look; others get the door, and the run ends.

    Args:
        wanted: Where they come back to after they logged in.
    """
    try:
        person = rights.who()
    except MetaRecError as error:
        _door(error, wanted)
    if access.has_login():
        claims = st.user.to_dict()
        _told(person.name, person.role, str(claims.get("iat")))


def came_back() -> Place | None:
    """Where this browser wanted to before its visitor logged in; once, and not for long."""
    browser = _browser()
    if browser is None or st.session_state.get("_came_back"):
        return None
    st.session_state["_came_back"] = True
    time_s, place = _kept().pop(browser, (0.0, None))
    return place if time.monotonic() - time_s < PATIENCE_S else None


def who_is_here() -> None:
    """In the sidebar: the name, the role, and the way out; nothing where there is no login."""
    if not access.has_login():
        return
    person = rights.who()
    with st.sidebar:
        st.caption(f"{plain(person.name)} · {plain(say(rights.ROLE_TITLES[person.role]))}")
        if st.button(say("Log out"), icon=":material/logout:", type="tertiary"):
            audit.write(session.workspace(), "logout", person=person)
            st.logout()


def _door(error: MetaRecError, wanted: Place | None) -> NoReturn:
    """What is there for who may not look: a login, or why not."""
    with st.container(horizontal_alignment="center"), st.container(width=420, border=True):
        st.title("MetaRec")
        if not isinstance(error, AccessError) or not _can_log_in():
            st.error(plain(str(error)), icon=":material/lock:")
        elif access.is_logged_in():
            st.warning(plain(str(error)), icon=":material/lock:")
            claims = st.user.to_dict()
            given = str(claims.get("email") or "").strip()
            unverified = bool(given) and not rights.believed_address(claims)
            _told(rights.name_of(claims) or "?", "viewer", str(claims.get("iat")), "refused", unverified)
            if st.button(say("Log out"), icon=":material/logout:"):
                st.logout()
        elif find_spec("authlib") is None:
            st.error(say("Login needs the packages authlib and httpx: ask your MetaRec administrator to install them."))
        else:
            st.markdown(say("Log in to continue."))
            wanted = st.session_state.setdefault(
                "_wanted_at_the_door", wanted
            )  # a click here comes from the first page
            if wanted is not None and (browser := _browser()) is not None:
                _keep(browser, wanted)
            for name in access.providers():
                title = (
                    say("Log in") if name is None else say("Log in with {provider}", provider=plain(name.capitalize()))
                )
                if st.button(title, type="primary", icon=":material/login:", key=f"login.{name}"):
                    st.login(name)
    st.stop()


def _can_log_in() -> bool:
    try:
        access.is_logged_in()
        return access.has_login()
    except MetaRecError:
        return False


@st.cache_resource(max_entries=1_000, show_spinner=False)
def _told(name: str, role: Role, login: str, outcome: audit.Outcome = "done", unverified: bool = False) -> None:
    """Each login is told once, however many pages are opened with it."""
    address = "unverified" if unverified else None
    audit.write(session.workspace(), "login", outcome, Person(name, role), address=address)


def _browser() -> bytes | None:
    """What tells this browser from others over a login: the secret of its cookie against forged requests."""
    return decode_xsrf_token_string(st.context.cookies.get("_streamlit_xsrf", ""))[0]


def _keep(browser: bytes, place: Place) -> None:
    kept = _kept()
    while len(kept) >= MOST_KEPT:
        kept.pop(next(iter(kept)), None)
    kept[browser] = (time.monotonic(), place)


@st.cache_resource(show_spinner=False)
def _kept() -> dict[bytes, tuple[float, Place]]:
    return {}
