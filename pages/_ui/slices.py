"""How kinds of users, items and requests are served."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from metarec_core import api
from metarec_core.figures import slices as figures
from metarec_core.language import say
from pages._ui import export, session
from pages._ui.chart import chart
from pages._ui.table import MISSING, column_labels


def slices(run_id: str, found: Sequence[api.Slice], best_baseline: str | None) -> None:
    """A choice of what to cut by, and the run on each slice."""
    st.subheader(say("For whom does it work?"), help=figures.help_words(), anchor="slices")
    kinds = figures.kinds(found)
    kind = session.pick("slice", say("Group by"), kinds, figures.kind_title, default=kinds[0]) or kinds[0]
    chart(figures.forest(found, kind), alt=figures.words(found, kind), key="slices")
    table = figures.table(found, kind, best_baseline)
    st.dataframe(
        table,
        placeholder=MISSING,
        hide_index=True,
        height="content",
        column_config=column_labels(table),
        alt=say("The run's results by {kind}", kind=figures.kind_title(kind).lower()),
    )
    grey = figures.why_grey(any(cut.is_small for cut in found if cut.kind == kind))
    if grey:
        st.caption(grey)
    export.csv_button(say("Download all groups"), lambda: [figures.export(found)], f"metarec-{run_id}-slices.csv")
