"""The built-in samples: an empty workspace gets the demo, one of them with a finished run, and may get it back."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import streamlit as st

from metarec_core import access, api
from metarec_core.access import acting
from metarec_core.config import RunConfig
from metarec_core.errors import MetaRecError
from metarec_core.figures import home as figures
from metarec_core.jobs import demo, runner
from metarec_core.language import later, say
from pages._ui import cache, session
from pages._ui.access import may
from pages._ui.errors import shown

DESCRIPTIONS = {
    "shop": later("Outdoor, sports, kitchen and home goods: what people buy, and what goes with what."),
    "social": later("Posts from food to technology: what people read and follow."),
    "courses": later("An online school whose courses build on each other, level by level."),
    "funds": later("Investment funds: what private investors view and add."),
}
"""One sentence a sample, for those who choose."""

ANY = later("A small data set to try things out.")
"""Of a sample that nobody has described."""


def bring_demo() -> None:
    """Give an empty workspace the demo, once a process; without it the pages still stand."""
    ready = say("Getting the demo ready")
    with acting(access.system()), st.spinner(ready):  # whoever comes first, the server does it
        _bring_demo(session.workspace())


def explore() -> NoReturn:
    """Show what the demo's run recommends; where no demo is shipped, train on its sample.

    Raises:
        MetaRecError: There is neither, or the workspace cannot be written.
    """
    if demo.demo_run_id() is None:
        train_on_sample()
    session.open_page("recommendations", run=demo.bring(session.workspace()).run_id)


def reset_demo() -> None:
    """Offer to put the demo back as it is shipped, and ask before it is done."""
    if not demo.shipped().is_file() or not may("reset"):
        return
    with st.popover(say("Reset the demo"), icon=":material/restart_alt:"):
        st.markdown(say(figures.RESET_WORDS))
        if st.button(say("Reset"), type="primary", icon=":material/restart_alt:", key="demo.reset"):
            with shown():
                run = demo.reset(session.workspace())
                cache.forget_runs()  # what is open may be of files that are not there any more
                session.raise_flag("demo_reset")
                session.open_page("home", run=run.run_id, data=run.manifest.tables_fingerprint)
    if session.flag("demo_reset"):
        st.toast(say("The demo has been reset."), icon=":material/check:")


def import_sample(domain: str) -> str:
    """Read, clean and store one sample, and choose it.

    Returns:
        The tables' fingerprint.

    Raises:
        InputError: There is no such sample.
    """
    with st.spinner(say("Importing the {domain} sample", domain=domain)):
        fingerprint = api.store_tables(api.sample_tables(domain), session.workspace())
    session.choose("data", fingerprint)
    return fingerprint


def train_on_sample(domain: str = demo.DOMAIN) -> NoReturn:
    """Import a sample, start a fast training on it, and go where it can be watched.

    Raises:
        MetaRecError: The sample is missing or the job cannot be started.
    """
    fingerprint = import_sample(domain)
    job = runner.submit(session.workspace(), fingerprint, RunConfig.preset("fast"), "auto")
    session.open_page("train", data=fingerprint, job=job)


@st.cache_resource(show_spinner=False)
def _bring_demo(store: Path) -> None:
    if api.list_tables(store) or api.list_runs(store):
        return
    try:
        demo.bring(store)
    except MetaRecError:
        _import_sample(store)


def _import_sample(store: Path) -> None:
    with suppress(MetaRecError):  # Home offers the sample again and then says what is wrong
        api.store_tables(api.sample_tables(demo.DOMAIN), store)
