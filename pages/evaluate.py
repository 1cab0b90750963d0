"""Evaluate: does the run beat the simple models, and how sure is that?"""

import streamlit as st

from metarec_core.figures import chances
from metarec_core.figures import evaluate as figures
from pages._ui import cache, export
from pages._ui.empty import opened_run
from pages._ui.errors import shown
from pages._ui.frame import require_frame
from pages._ui.table import table
from pages._ui.verdict import verdict
from pages._ui.worth import worth

require_frame("evaluate")
st.title("Evaluate")

run = opened_run("evaluate")
if run is None:
    st.stop()
with shown():
    evaluation = cache.evaluation(run.run_id)
    verdict(run.run_id)
    st.caption(figures.protocol_words(evaluation))

    with st.container(horizontal=True, vertical_alignment="bottom"):
        k = st.segmented_control("List length", (5, 10, 20), default=10, required=True, key="evaluate.k")
        measures = list(figures.INTERVAL_MEASURES)
        measure = st.segmented_control(
            "Measure",
            measures,
            default=measures[0],
            required=True,
            key="evaluate.measure",
            format_func=lambda name: figures.MEASURE_TITLES[name],
        )
    st.caption(figures.MEASURE_HELP[measure])
    left, right = st.columns(2, gap="large")
    name = f"{measure}@{k}"
    left.subheader("Each model")
    left.plotly_chart(figures.forest(evaluation, name), alt=figures.forest_words(evaluation, name), key="forest")
    if evaluation.differences:
        right.subheader("This run minus each baseline")
        right.plotly_chart(
            figures.difference_forest(evaluation, name),
            alt=figures.difference_words(evaluation, name),
            key="differences",
        )
        right.caption("Right of the dotted line this run is better. Both models are asked the same questions.")

    st.subheader("Leaderboard")
    table(
        figures.leaderboard_table(evaluation, k),
        f"Measures of each model at list length {k}",
        help={title: figures.MEASURE_HELP[name] for name, title in figures.MEASURE_TITLES.items()},
    )
    export.csv_button(
        "Download all measures",
        lambda: [figures.leaderboard_export(evaluation)],
        f"metarec-{run.run_id}-measures.csv",
    )
    without = cache.ablation(run.run_id)
    if without is not None and without.queries:
        worth(run.run_id, without)

    if evaluation.reliability is not None:
        st.subheader("Do its chances come true?", help=chances.CHANCE_HELP)
        st.caption(chances.words(evaluation.reliability))
        left, right = st.columns(2, gap="large")
        left.plotly_chart(
            chances.curve(evaluation.reliability), alt=chances.words(evaluation.reliability), key="reliability"
        )
        right.table(
            chances.table(evaluation.reliability), border="horizontal", alt="Chances and how often they came true"
        )

    with st.expander("How this was measured", icon=":material/help:"):
        st.markdown(f"{figures.method_words(evaluation)} {run.manifest.speed}")
