"""Which finished run is open, on every page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from metarec_core import api
from metarec_core.figures import home
from metarec_core.language import say
from pages._ui import session
from pages._ui.text import plain


def run_picker() -> None:
    """The sidebar's run selectbox. The newest run is opened first, and named in the address like any other."""
    runs = {run.run_id: run for run in api.list_runs(session.workspace())}
    if not runs:
        return
    opened = runs.get(session.chosen_or("run", next(iter(runs))))
    if opened is not None:
        session.keep_to(opened.run_id, opened.tables_fingerprint)
    with st.sidebar:
        run_id = session.pick(
            "run",
            say("Run"),
            list(runs),
            lambda run_id: home.run_title(runs[run_id]),
            placeholder=say("Choose a run"),
            then=partial(_opened, runs),
        )
        if run_id is not None:
            st.caption(plain(home.run_caption(runs[run_id])))


def _opened(runs: Mapping[str, api.RunSummary], run_id: str | None) -> None:
    if run_id is not None:
        session.keep_to(run_id, runs[run_id].tables_fingerprint, picked=True)


def run_titles(*, of_one_data_set: bool = False) -> dict[str, str]:
    """Every finished run's title, by id; without the data's name where only runs on the same data stand together."""
    title = home.run_of_data_title if of_one_data_set else home.run_title
    return {run.run_id: title(run) for run in api.list_runs(session.workspace())}
