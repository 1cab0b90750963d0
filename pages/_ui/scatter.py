"""One measure against another, chosen by the reader."""

from __future__ import annotations

import streamlit as st

from metarec_core import api
from metarec_core.figures import evaluate as figures
from metarec_core.language import say
from pages._ui import session
from pages._ui.chart import chart
from pages._ui.twin import Numbers, twin


def scatter(run_id: str, evaluation: api.Evaluation, k: int) -> None:
    """Two choices of measures, and every model as a point."""
    measures = figures.scatter_measures(evaluation, k)
    st.subheader(say("One measure against another"))
    with st.container(horizontal=True):
        across = _choice("across", say("Horizontal"), measures, "coverage")
        up = _choice("up", say("Vertical"), measures, "ndcg")
    words = figures.scatter_words(evaluation, across, up, k)
    chart(figures.scatter(evaluation, across, up, k), alt=words, key="scatter")
    twin(
        Numbers(
            say("Each model by two measures, with 95% intervals"),
            lambda: figures.scatter_table(evaluation, across, up, k),
            f"metarec-{run_id}-two-measures.csv",
        )
    )


def _choice(name: session.Choice, label: str, measures: list[str], default: str) -> str:
    return session.pick(name, label, measures, lambda one: say(figures.MEASURE_TITLES[one]), default=default) or default
