"""What a page shows when there is nothing to show: what to do next, with the buttons for it."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from metarec_core import api
from metarec_core.language import say
from pages._ui import sample, session
from pages._ui.access import offered
from pages._ui.errors import shown


def load_or_upload(key: str) -> None:
    """The two ways to begin, as buttons side by side."""
    if not offered("import"):
        return
    with st.container(horizontal=True):
        explore = st.button(say("Load sample"), type="primary", icon=":material/play_arrow:", key=f"{key}.sample")
        if st.button(say("Upload"), icon=":material/upload:", key=f"{key}.upload"):
            open_upload()
    if explore:
        with shown():
            sample.explore()


def open_upload() -> NoReturn:
    """Go where files are uploaded."""
    session.open_page("data", view="upload")


def opened_run(key: str) -> api.Run | None:
    """The chosen finished run; without one, the empty state and None."""
    store, run_id = session.workspace(), session.chosen("run")
    if run_id is not None:
        with shown():
            return api.open_run(store, run_id)
        st.caption(say("Choose another run in the sidebar, or train one."))
        if api.list_runs(store):
            return None
    st.info(
        say("Train one on the sample in under a minute, or upload your own data."),
        title=say("There is no trained recommender yet"),
        icon=":material/info:",
    )
    load_or_upload(key)
    return None
