"""Evaluate: does the run beat the simple models, and how sure is that?"""

import streamlit as st

from metarec_core.figures import chances, standings
from metarec_core.figures import evaluate as figures
from metarec_core.language import say
from pages._ui import cache, export, session
from pages._ui.chart import chart
from pages._ui.empty import opened_run
from pages._ui.errors import shown
from pages._ui.frame import require_frame
from pages._ui.learning_curve import learning_curve
from pages._ui.list_length import list_length
from pages._ui.other_seeds import other_seeds
from pages._ui.path_quality import path_quality
from pages._ui.run_picker import run_titles
from pages._ui.scatter import scatter
from pages._ui.slices import slices
from pages._ui.table import table, worded
from pages._ui.text import plain
from pages._ui.trust_card import trust_card
from pages._ui.verdict import verdict
from pages._ui.worth import worth

require_frame("evaluate")
st.title(say("Evaluate"))

run = opened_run("evaluate")
if run is None:
    st.stop()
with shown():
    evaluation = cache.evaluation(run.run_id)
    verdict(run.run_id)
    if run.manifest.behind:
        st.warning(run.manifest.behind, icon=":material/trending_down:")
    st.caption(figures.protocol_words(evaluation))
    trust_card(run.run_id)
    other_seeds(run.run_id)

    st.subheader(say("Leaderboard"), anchor="leaderboard")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        k = list_length()
        measures = {name: figures.MEASURE_TITLES[name] for name in figures.INTERVAL_MEASURES}
        measure = session.switch("measure", say("Measure"), measures, labelled=True)
    st.caption(say(figures.MEASURE_HELP[measure]))
    left, right = st.columns(2, gap="large")
    name = f"{measure}@{k}"
    left.markdown(say("**Each model**"))
    chart(figures.forest(evaluation, name), alt=figures.forest_words(evaluation, name), key="forest", place=left)
    if evaluation.differences:
        right.markdown(say("**This run minus each baseline**"))
        chart(
            figures.difference_forest(evaluation, name),
            alt=figures.difference_words(evaluation, name),
            key="differences",
            place=right,
        )
        right.caption(say("Right of the dotted line this run is better. Both models are asked the same questions."))
    table(
        figures.leaderboard_table(evaluation, k),
        say("Models by NDCG at list length {k}", k=k),
        help={"NDCG": figures.MEASURE_HELP["ndcg"], "p-value": figures.LUCK_HELP},
    )
    st.subheader(say("Accuracy"))
    titled = {title: figures.MEASURE_HELP[name] for name, title in figures.MEASURE_TITLES.items()}
    table(figures.measures_table(evaluation, k, figures.ACCURACY), say("Measures at list length {k}", k=k), help=titled)
    st.subheader(say("Beyond accuracy"), anchor="beside-right")
    table(
        figures.measures_table(evaluation, k, figures.VARIED),
        say("How novel and varied lists of {k} are", k=k),
        help=titled,
    )
    table(
        figures.measures_table(evaluation, k, figures.POPULAR),
        say("How popular the items in lists of {k} are", k=k),
        help=titled,
    )
    export.csv_button(
        say("Download all measures"),
        lambda: [figures.leaderboard_export(evaluation)],
        f"metarec-{run.run_id}-measures.csv",
    )
    scatter(run.run_id, evaluation, k)

    st.subheader(say("All runs on this data and split"), anchor="all-runs")
    rows, titles = cache.standings(run.run_id), run_titles(of_one_data_set=True)
    table(
        standings.table(rows, run.run_id, titles),
        say("All runs and the simple models, best first"),
        widths={"Model": 290},
        help={"p-value": figures.LUCK_HELP},
    )
    export.csv_button(say("Download all runs"), lambda: [standings.export(rows)], f"metarec-{run.run_id}-runs.csv")

    found = cache.slices(run.run_id)
    if found:
        slices(run.run_id, found, evaluation.best_baseline)
    without = cache.ablation(run.run_id)
    if without is not None and without.queries:
        worth(run, without)

    if run.config.model.graph:
        path_quality(run)

    learning_curve(run.run_id)

    reliability = evaluation.reliability
    if reliability is not None:
        st.subheader(say("Do the predicted chances hold?"), help=say(chances.CHANCE_HELP))
        st.caption(chances.words(reliability))
        left, right = st.columns(2, gap="large")
        chart(chances.curve(reliability), alt=chances.words(reliability), key="reliability", place=left)
        came = chances.table(reliability)
        right.table(worded(came), border="horizontal", alt=say("Predicted chances and how often they came true"))

        export.csv_button(
            say("Download chances"),
            lambda: [came],
            f"metarec-{run.run_id}-chances.csv",
        )

    st.subheader(say("What was asked"), anchor="what-was-asked")
    asked = worded(figures.protocol_table(evaluation))
    st.table(asked, border="horizontal", width="content", alt=say("Counts and dates of the split"))
    data, code = run.manifest.tables_fingerprint, run.manifest.code
    st.caption(
        say("Trained on data {fingerprint} by code {code}.", fingerprint=data, code=code)
        if code
        else say("Trained on data {fingerprint}.", fingerprint=data)
    )
    export.csv_button(
        say("Download what was asked"), lambda: [figures.protocol_table(evaluation)], f"metarec-{run.run_id}-split.csv"
    )
    with st.expander(say("How this was measured"), icon=":material/help:"):
        told = figures.method_words(evaluation), plain(run.manifest.reading), run.manifest.speed
        st.markdown(" ".join(filter(None, told)))
