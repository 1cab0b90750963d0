"""Meta-knowledge: when which part is trusted, what that is worth to whom, and whether it is worth something elsewhere."""

from functools import partial

import streamlit as st

from metarec_core.figures import meta_knowledge as figures
from metarec_core.language import say
from pages._ui import cache
from pages._ui import meta_knowledge as measured
from pages._ui.chart import chart
from pages._ui.empty import opened_run
from pages._ui.errors import shown
from pages._ui.frame import require_frame
from pages._ui.text import plain
from pages._ui.twin import Numbers, twin

require_frame("meta_knowledge")
st.title(say("Meta-knowledge"))

run = opened_run("meta_knowledge")
if run is None:
    st.stop()
with shown():
    said = figures.verdict(run.manifest.learned)
    {"success": st.success, "warning": st.warning, "info": st.info}[said.kind](plain(said.details), title=said.headline)

    without = cache.ablation(run.run_id)
    if without is not None and figures.has_slices(without):
        st.subheader(say("Who gains from it?"), help=say(figures.SLICES_HELP), anchor="slices")
        chart(figures.slices(without), key="slices", alt=figures.slices_words(without))
        if grey := figures.slices_grey(without):
            st.caption(grey)
        words = say("NDCG@10 with and without meta-knowledge by slice")
        twin(Numbers(words, partial(figures.slices_table, without), f"metarec-{run.run_id}-meta-knowledge.csv"))

    st.subheader(say("What it learned"), anchor="learned")
    found = measured.look(run)
    if found is not None:
        st.caption(figures.look_words(found))
        if found.k:
            measured.k_curves(run.run_id, found)
        measured.few_shot(run.run_id, found)
        if found.learned:
            measured.lists(run.run_id, found)
    measured.transfer(run)
