"""What each part of a run, and meta-knowledge, is worth, for all questions or a kind of them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from metarec_core import api
from metarec_core.figures import ablation as figures
from metarec_core.language import say
from pages._ui import export, session
from pages._ui.chart import chart
from pages._ui.table import table


def worth(run: api.Run, ablation: api.Ablation) -> None:
    """A choice of questions, and the run beside itself with less on them."""
    st.subheader(say("What is each part worth?"), help=say(figures.HELP))
    network = figures.network_words(run.manifest.learned)
    if network:
        st.caption(network)
    names = list(ablation.queries)
    title = partial(figures.slice_title, ablation=ablation)
    slice_name = session.pick("worth", say("Questions about"), names, title, default=names[0]) or names[0]
    chart(figures.gains(ablation, slice_name), alt=figures.words(ablation, slice_name), key="ablation")
    st.caption(figures.gains_caption(ablation, slice_name))
    table(figures.table(ablation, slice_name), say("Results without meta-knowledge and without each part"))
    export.csv_button(say("Download all slices"), lambda: [ablation.frame], f"metarec-{run.run_id}-ablation.csv")
