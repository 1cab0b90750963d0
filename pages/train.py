"""Train: choose data and settings, start a job, watch it; closing the page does not stop it."""

import streamlit as st

from metarec_core import api
from metarec_core.config import PRESETS, RunConfig
from metarec_core.figures import home as names
from metarec_core.figures import train as figures
from metarec_core.jobs import runner
from metarec_core.jobs.forecast import forecast, warning
from metarec_core.language import later, say
from pages._ui import empty, forms, progress, search, session
from pages._ui.access import offered
from pages._ui.errors import shown
from pages._ui.frame import require_frame

require_frame("train")

PRESET_TITLES = {"fast": later("Fast"), "balanced": later("Balanced"), "best": later("Best")}

st.title(say("Train"))

store = session.workspace()
tables = {summary.fingerprint: summary for summary in api.list_tables(store)}
if not tables:
    st.info(
        say("Load the sample to see a training run in under a minute, or upload a behaviour log and an item table."),
        title=say("There is no data to train on yet"),
        icon=":material/info:",
    )
    empty.load_or_upload("train")
    st.stop()

if session.chosen("job") is not None:
    with shown():
        progress.watch(session.chosen("job") or "")

if not offered("train"):
    if runner.list_jobs(store):
        st.subheader(say("Training jobs"))
        progress.job_list()
    st.stop()

with st.container(border=True):
    st.subheader(say("New training"))
    session.chosen_or("data", next(iter(tables)))
    if session.chosen("data") not in tables:
        st.error(say("The data set in the address is not in this workspace: choose another."), icon=":material/error:")
    left, middle, right = st.columns([3, 2, 1.2], vertical_alignment="top")
    with left:
        data = session.pick("data", say("Data set"), list(tables), lambda id_: names.tables_title(tables[id_]))
    with middle:
        preset = st.segmented_control(
            say("Preset"),
            list(PRESETS),
            default="fast",
            required=True,
            format_func=lambda name: say(PRESET_TITLES[name]),
            key="train.preset",
        )
    with right:
        device = st.selectbox(
            say("Device"),
            ["auto", "cpu", "cuda", "mps"],
            key="train.device",
            help=say("auto uses a GPU if there is one."),
        )
    st.caption(say(figures.PRESET_WORDS[preset]))
    estimates = st.container()
    values = forms.folded_settings(
        say("All settings"),
        RunConfig.preset(preset),
        f"train.{preset}",
        folded_as="train.settings",
        icon=":material/tune:",
    )
    if data is not None:
        with estimates, shown():
            expected = {name: forecast(store, data, RunConfig.preset(name), device) for name in PRESETS}
            seconds = {name: one.seconds for name, one in expected.items()}
            st.caption(figures.presets_words(seconds, expected[preset].n_past))
            asked, one = RunConfig.from_dict(values), expected[preset]
            if asked != RunConfig.preset(preset, asked.seed):
                one = forecast(store, data, asked, device)
                st.caption(figures.settings_words(one.seconds))
            if words := warning(one):
                st.warning(words, icon=":material/memory:")
    lists_first = st.toggle(
        say("Quick run first, full run after"),
        value=preset != "fast",
        key=f"train.{preset}.lists_first",
        help=say(figures.LISTS_FIRST_HELP),
        disabled=not values["model"]["sequence"],
    )
    if (
        st.button(say("Train"), type="primary", icon=":material/play_arrow:", disabled=data is None)
        and data is not None
    ):
        with shown():
            config = RunConfig.from_dict(values)
            if lists_first and config.model.sequence:
                runner.submit(store, data, config.without_network(), device)
            session.open_page("train", data=data, job=runner.submit(store, data, config, device))
    if data is not None and values["model"]["sequence"]:
        with shown():
            search.start(data, RunConfig.from_dict(values), device)

with shown():
    search.watch()

if runner.list_jobs(store):
    st.subheader(say("Training jobs"))
    progress.job_list()
progress.import_run()
