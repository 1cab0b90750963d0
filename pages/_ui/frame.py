"""Keeps every page inside app.py, also when a page's own address is the first thing a fresh server is asked for.

While a folder called ``pages/`` lies beside the entry script, Streamlit runs ``pages/x.py`` alone, without app.py, until some
session has called ``st.navigation``. A page that finds itself alone sends its visitor to app.py, which sends them back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import streamlit as st
from streamlit.errors import StreamlitAPIException

from pages._ui import access, language, login, tour
from pages._ui.login import Place

_ENTERED = "_frame_entered"
_GOTO = "_frame_goto"


def frame_enter() -> None:
    """Called by app.py before anything else: this session is inside the frame."""
    st.session_state[_ENTERED] = True
    language.settle()
    access.settle()


def require_frame(stem: str) -> None:
    """First statement of ``pages/<stem>.py``: go through app.py, keeping the address's parameters; then the tour, if any."""
    language.settle()
    access.settle()
    if st.session_state.get(_ENTERED):
        login.require_login()
        tour.banner(stem)
        return
    st.session_state[_GOTO] = (stem, _parameters())
    try:
        st.switch_page("app.py")
    except StreamlitAPIException:  # the file is run on its own, as a test of one page does
        st.session_state.pop(_GOTO, None)
        login.require_login()


def navigation() -> Literal["sidebar", "hidden"]:
    """Where the list of pages is; nobody sees it before they may."""
    return "sidebar" if login.is_open() else "hidden"


def resume(pages: Mapping[str, Any], page: Any) -> None:
    """Called by app.py after ``st.navigation``: who may look goes to the page that had been asked for.

    Args:
        pages: ``st.Page`` objects by file stem.
        page: The one that is open.
    """
    goto = st.session_state.pop(_GOTO, None)
    here = next((stem for stem, one in pages.items() if one is page), "home")
    login.require_login(Place(*goto) if goto else Place(here, _parameters()))
    wanted = Place(*goto) if goto else login.came_back()
    if wanted is not None and wanted.stem in pages:
        st.switch_page(pages[wanted.stem], query_params=wanted.parameters)


def _parameters() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}
