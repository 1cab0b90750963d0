"""How kinds of users, items and requests are served."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from metarec_core import api
from metarec_core.figures import slices as figures
from pages._ui import export


def slices(run_id: str, found: Sequence[api.Slice], best_baseline: str | None) -> None:
    """A choice of what to cut by, and the run on each slice."""
    st.subheader("For whom does it work?", help=figures.HELP, anchor="slices")
    kind = st.selectbox("Questions by", figures.kinds(found), key="evaluate.kind")
    st.plotly_chart(figures.forest(found, kind), alt=figures.words(found, kind), key="slices")
    st.dataframe(figures.table(found, kind, best_baseline), hide_index=True, alt=f"How the run does by {kind.lower()}")
    export.csv_button("Download all kinds", lambda: [figures.export(found)], f"metarec-{run_id}-slices.csv")
