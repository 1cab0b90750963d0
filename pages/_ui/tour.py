"""The tour: five real pages in order, each with a line on top that says what to look at. Its step is in the address."""

from __future__ import annotations

from contextlib import suppress
from typing import NoReturn

import streamlit as st

from metarec_core import api
from metarec_core.errors import MetaRecError
from metarec_core.figures import tour as figures
from metarec_core.jobs import demo
from metarec_core.language import say
from pages._ui import session
from pages._ui.errors import shown


def begin() -> NoReturn:
    """Go to the first step.

    Raises:
        MetaRecError: There is no run to show, and no demo either.
    """
    _go(1)


def banner(page: str) -> None:
    """Above a page: what to look at here and the way on; nothing while nobody is on the tour.

    Args:
        page: File stem of the page below.
    """
    number = _step(page)
    if number is None:
        return
    on_tour = figures.STEPS[number - 1].page == page
    with st.container(border=True, key="tour", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"), shown():
            heading = figures.heading(number) if on_tour else figures.aside_words(number)
            st.markdown(f":material/tour: **{heading}**", width="stretch")
            if on_tour:
                _steps(number)
            elif st.button(say("Back to the tour"), type="primary", icon=":material/arrow_back:", key="tour.return"):
                _go(number)
            st.button(
                say("End the tour"), type="tertiary", key="tour.end", on_click=session.choose, args=("tour", None)
            )
        if on_tour:
            st.markdown(say(figures.STEPS[number - 1].words))


def _steps(number: int) -> None:
    if st.button(say("Back"), icon=":material/arrow_back:", key="tour.back", disabled=number == 1):
        _go(number - 1)
    if number < len(figures.STEPS):
        if st.button(say("Next"), type="primary", icon=":material/arrow_forward:", key="tour.next"):
            _go(number + 1)
    elif st.button(say("Finish"), type="primary", icon=":material/check:", key="tour.finish"):
        session.choose("tour", None)
        session.open_page("home")


def _step(page: str) -> int | None:
    """The step in the address; on a page of the tour, the step of that page, however it was come to."""
    wanted = session.chosen("tour")
    if wanted is None:
        return None
    if wanted not in {str(number + 1) for number in range(len(figures.STEPS))}:
        session.choose("tour", None)
        return None
    number = next((number for number, step in enumerate(figures.STEPS, start=1) if step.page == page), int(wanted))
    session.choose("tour", str(number))
    if page == "train" and (run_id := session.chosen("run")) is not None:
        session.chosen_or("job", run_id)
    elif page == "knowledge_graph":
        session.chosen_or("graph", "paths")
    return number


def _go(number: int) -> NoReturn:
    run, page = _run(), figures.STEPS[number - 1].page
    choices = {"tour": str(number), "run": run.run_id}
    if page == "data":
        choices["view"] = "workspace"
        choices["data"] = run.manifest.tables_fingerprint
    elif page == "train":
        choices["job"] = run.run_id
    elif page == "recommendations":
        session.choose("desk", None)
    elif page == "knowledge_graph":
        choices["graph"] = "paths"
    session.open_page(page, **choices)


def _run() -> api.Run:
    """The open run; without one the newest, and the demo's where there is none."""
    store = session.workspace()
    if (run_id := session.chosen("run")) is not None:
        with suppress(MetaRecError):
            return api.open_run(store, run_id)
    newest = next(iter(api.list_runs(store)), None)
    return demo.bring(store) if newest is None else api.open_run(store, newest.run_id)
