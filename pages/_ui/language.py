"""In which language this session reads: ``?lang=``, else what it chose before, else what its browser asks for."""

from __future__ import annotations

from typing import cast

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from metarec_core.language import ENGLISH, LANGUAGES, Language, read_by
from pages._ui import session

_LANGUAGE = "_language"
_PICKED = "_pick_lang"


def settle() -> None:
    """Find the language once a run, before anything is said."""
    wanted = session.chosen("lang")
    if wanted not in LANGUAGES:
        wanted = (st.context.locale or ENGLISH).split("-")[0].lower()
    st.session_state[_LANGUAGE] = wanted if wanted in LANGUAGES else ENGLISH
    read_by(_of_session)


def language_picker() -> None:
    """The sidebar's choice. It goes into the address only when somebody chooses: a link is read in its reader's language."""
    st.session_state[_PICKED] = _of_session()
    with st.sidebar:
        st.selectbox(
            "Language · 语言",
            list(LANGUAGES),
            format_func=LANGUAGES.__getitem__,
            key=_PICKED,
            on_change=lambda: session.choose("lang", st.session_state[_PICKED]),
        )


def _of_session() -> Language:
    """The session's language; English outside of any session."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return ENGLISH
    return cast(Language, st.session_state.get(_LANGUAGE, ENGLISH))
