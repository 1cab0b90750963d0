"""Whether a run beats the simple models, in plain words, wherever a run is spoken of."""

from __future__ import annotations

import streamlit as st

from metarec_core.figures import evaluate as figures
from pages._ui import cache


def verdict(run_id: str) -> None:
    """The verdict on a finished run, in its colour.

    Raises:
        RunError: The run is gone or damaged.
    """
    said = figures.verdict(cache.evaluation(run_id))
    show = {"better": st.success, "worse": st.error, "level": st.warning, "alone": st.info}[said.kind]
    show(said.details, title=said.headline, icon=figures.VERDICT_ICONS[said.kind])
