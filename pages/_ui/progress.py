"""Watch training jobs. Everything shown is read from the run's folder, so a refresh or a second viewer sees the same."""

from __future__ import annotations

from functools import partial

import streamlit as st

from metarec_core import api
from metarec_core.errors import MetaRecError
from metarec_core.figures import train as figures
from metarec_core.jobs import runner
from metarec_core.jobs.forecast import error
from metarec_core.jobs.status import JobState, JobStatus
from metarec_core.language import say
from pages._ui import export, session
from pages._ui.access import may
from pages._ui.chart import chart
from pages._ui.errors import shown
from pages._ui.table import MISSING, column_labels
from pages._ui.text import plain
from pages._ui.twin import Numbers, twin
from pages._ui.verdict import verdict

POLL_S = 2.0


def watch(run_id: str) -> None:
    """One job with its curves, live while it lives.

    Raises:
        RunError: There is no such run.
    """
    live = runner.status(session.workspace(), run_id).is_live

    @st.fragment(run_every=POLL_S if live else None)
    def panel() -> None:
        with shown():
            still = _job(run_id)
            if live and not still:
                st.rerun()  # once at the end: stops the timer, and the rest of the page hears of the finished run

    with st.container(border=True, key="job"):
        panel()


def job_list() -> None:
    """All jobs, newest first, live while one lives; a row opens its job."""
    live = any(job.is_live for job in runner.list_jobs(session.workspace()))

    @st.fragment(run_every=POLL_S if live else None)
    def panel() -> None:
        jobs = runner.list_jobs(session.workspace())
        rows = figures.jobs_table([(job_title(job.run_id), job.state.value, job.elapsed_s) for job in jobs])
        st.dataframe(
            rows,
            placeholder=MISSING,
            hide_index=True,
            column_config=column_labels(rows),
            on_select=partial(_open_selected, [job.run_id for job in jobs]),
            selection_mode="single-row",
            key="jobs",
            alt=say("Training jobs, newest first; select one to watch it"),
        )
        export.csv_button(say("CSV"), lambda: [rows], "metarec-trainings.csv", type="tertiary", key="table.trainings")
        if session.flag("job_opened"):
            st.rerun()

    panel()


def _open_selected(run_ids: list[str]) -> None:
    if rows := session.selected_rows("jobs"):
        session.choose("job", run_ids[rows[0]])
        session.raise_flag("job_opened")


def import_run() -> None:
    """Take a run that was exported elsewhere."""
    with st.expander(say("Import a run"), icon=":material/upload:"):
        file = st.file_uploader(say("A zip file exported by MetaRec"), type="zip", key="import_run")
        if file is not None and st.button(say("Import"), icon=":material/upload:"):
            with shown():
                session.open_page("train", job=api.import_run(file, session.workspace()).run_id)


def job_title(run_id: str) -> str:
    """A job's name for people; its id when its folder is damaged."""
    try:
        return figures.job_title(run_id, *api.requested_run(run_id, store=session.workspace()))
    except MetaRecError:
        return run_id


def _job(run_id: str) -> bool:
    """Draw one job; says whether it is still alive."""
    store = session.workspace()
    now = runner.status(store, run_id)
    title, icon, colour = figures.STATE_STYLES[now.state.value]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(job_title(run_id)), width="content")
        st.badge(say(title), icon=icon, color=colour)
    if now.message:
        (st.error if now.state is JobState.FAILED else st.warning if now.state is JobState.LOST else st.info)(
            plain(now.said)
        )
    if now.is_live:
        st.progress(figures.fraction(now), text=figures.progress_words(now))
    with st.grid(5, min_column_width=140):
        for label, value, tip in figures.figures_now(now):
            st.metric(label, value, help=tip)
    if now.state is JobState.DONE:
        verdict(run_id)
        if compared := error(api.open_run(store, run_id)):
            st.caption(figures.estimate_words(*compared))
    history = runner.history(store, run_id)
    if figures.has_passes(history):
        loss, validation = figures.training_curves(history)
        left, right = st.columns(2, gap="large")
        chart(loss, key="loss", alt=figures.loss_words(history), place=left)
        chart(validation, key="validation", alt=figures.validation_words(history), place=right)
        twin(
            Numbers(
                say("Loss and validation after each pass over the data"),
                lambda: figures.curves_table(history),
                f"metarec-{run_id}-training.csv",
            )
        )
    elif now.is_live:
        st.caption(figures.loss_words(history))
    _actions(now)
    if now.can_resume and (tail := runner.log_tail(store, run_id)):
        with st.expander(say("End of the log"), icon=":material/article:"):
            st.code(tail, language=None)
    return now.is_live


def _actions(now: JobStatus) -> None:
    store = session.workspace()
    with st.container(horizontal=True):
        if (
            now.is_live
            and may("cancel")
            and st.button(say("Cancel"), icon=":material/stop:", help=say("Stops shortly; progress so far is kept."))
        ):
            with shown():
                runner.cancel(store, now.run_id)
            st.toast(say("Cancelling at the next step."))
        if now.can_resume and may("train") and st.button(say("Resume"), type="primary", icon=":material/resume:"):
            with shown():
                runner.resume(store, now.run_id)
                st.rerun()
        if now.state is JobState.DONE:
            if st.button(say("See recommendations"), type="primary", icon=":material/recommend:"):
                session.open_page("recommendations", run=now.run_id)
            if st.button(say("Evaluate"), icon=":material/leaderboard:"):
                session.open_page("evaluate", run=now.run_id)
            with shown():
                run = api.open_run(store, now.run_id)
                if may("export"):
                    export.file_button(
                        say("Export"), lambda: api.run_zip(run), f"metarec-{now.run_id}.zip", "application/zip"
                    )
