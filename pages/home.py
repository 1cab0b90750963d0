"""Home: what is in the workspace, what to do next, and one click from nothing to a trained recommender."""

import streamlit as st

from metarec_core import api
from metarec_core.figures import home as figures
from metarec_core.figures.tour import TOUR_HELP
from metarec_core.jobs import demo, runner
from metarec_core.language import say
from pages._ui import access, empty, progress, sample, session, tour
from pages._ui.audit_log import audit_log
from pages._ui.errors import shown
from pages._ui.frame import require_frame
from pages._ui.glimpse import glimpse
from pages._ui.table import table
from pages._ui.text import plain

require_frame("home")
store = session.workspace()
tables, runs = api.list_tables(store), api.list_runs(store)
working = [job for job in runner.list_jobs(store) if job.is_live]

st.title("MetaRec")
st.markdown(say("A recommender from two CSV files: measured against simple models, and able to explain itself."))

with st.container(border=True):
    if working:
        st.subheader(say("A recommender is being trained"))
        st.markdown(plain(figures.job_words(progress.job_title(working[0].run_id), len(working) - 1)))
        if st.button(say("Watch it"), type="primary", icon=":material/monitoring:"):
            session.open_page("train", job=working[0].run_id)
    elif runs:
        newest = runs[0]
        if newest.run_id == demo.demo_run_id():
            st.subheader(say("Look around: a demo is ready"))
            size = api.open_run(store, newest.run_id).manifest
            st.markdown(plain(figures.demo_words(newest, size.n_users, size.n_items)))
        else:
            st.subheader(say("Next: see what it recommends"))
            st.markdown(plain(figures.run_words(newest)))
        with st.container(horizontal=True), shown():
            if st.button(say("Take the tour"), type="primary", icon=":material/tour:", help=say(TOUR_HELP)):
                tour.begin()
            if st.button(say("See recommendations"), icon=":material/recommend:"):
                session.open_page("recommendations", run=newest.run_id)
            if st.button(say("Is it any good?"), icon=":material/leaderboard:"):
                session.open_page("evaluate", run=newest.run_id)
            if access.may("import") and st.button(say("Upload your own data"), icon=":material/upload:"):
                empty.open_upload()
    elif tables:
        st.subheader(say("Next: train the first recommender"))
        st.markdown(say("Train on your data (it continues if you close the page), or explore the sample shop first."))
        with st.container(horizontal=True), shown():
            if access.may("train") and st.button(say("Train"), type="primary", icon=":material/model_training:"):
                session.open_page("train")
            if demo.demo_run_id() is not None and st.button(
                say("Take the tour"), icon=":material/tour:", help=say(TOUR_HELP)
            ):
                tour.begin()
            if access.may("import"):
                if st.button(say("Explore the sample"), icon=":material/play_arrow:"):
                    sample.explore()
                if st.button(say("Upload your own data"), icon=":material/upload:"):
                    empty.open_upload()
    else:
        st.subheader(say("Next: add data"))
        st.markdown(say("Start with the built-in sample, or upload a behaviour log and an item table."))
        empty.load_or_upload("home")

inside = st.empty()
if runs:
    inside.skeleton(height=330)  # filled last: opening a run takes a moment

st.subheader(say("Runs"))
if runs:
    table(
        figures.runs_overview(runs), say("Trained recommenders in the workspace, newest first"), file="metarec-runs.csv"
    )
else:
    st.caption(say("None yet. A run is a trained recommender with everything needed to repeat the training."))

st.subheader(say("Data sets"))
if tables:
    table(figures.tables_overview(tables), say("Data sets in the workspace, newest first"), file="metarec-data.csv")
else:
    st.caption(say("None yet. A data set is a cleaned behaviour log with its item table."))

sample.reset_demo()
audit_log()

with st.expander(say("How it works, in two minutes"), icon=":material/school:"):
    st.markdown(say(figures.GUIDE))

if runs:
    with inside.container(), shown():
        glimpse(runs[0].run_id)
