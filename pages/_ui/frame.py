"""Keeps every page inside app.py, also when a page's own address is the first thing a fresh server is asked for.

While a folder called ``pages/`` lies beside the entry script, Streamlit runs ``pages/x.py`` alone, without app.py, until some
session has called ``st.navigation``. A page that finds itself alone sends its visitor to app.py, which sends them back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from pages._ui import language, tour

_ENTERED = "_frame_entered"
_GOTO = "_frame_goto"


def frame_enter() -> None:
    """Called by app.py before anything else: this session is inside the frame."""
    st.session_state[_ENTERED] = True
    language.settle()


def require_frame(stem: str) -> None:
    """First statement of ``pages/<stem>.py``: go through app.py, keeping the address's parameters; then the tour, if any."""
    if st.session_state.get(_ENTERED):
        tour.banner(stem)
        return
    language.settle()
    st.session_state[_GOTO] = (stem, {name: st.query_params.get_all(name) for name in st.query_params})
    try:
        st.switch_page("app.py")
    except StreamlitAPIException:  # the file is run on its own, as a test of one page does
        st.session_state.pop(_GOTO, None)


def resume(pages: Mapping[str, Any]) -> None:
    """Called by app.py after ``st.navigation``: go to the page that had been asked for.

    Args:
        pages: ``st.Page`` objects by file stem.
    """
    if goto := st.session_state.pop(_GOTO, None):
        stem, parameters = goto
        if stem in pages:
            st.switch_page(pages[stem], query_params=parameters)
