"""The audit log, for admins: who did what, newest first, and all of it as a file."""

from __future__ import annotations

from typing import Final

import streamlit as st

from metarec_core import audit
from metarec_core.figures import audit as figures
from metarec_core.language import say
from pages._ui import export, session
from pages._ui.access import may
from pages._ui.folded import folded
from pages._ui.table import table

MOST: Final = 500
"""Lines in the table."""


def audit_log() -> None:
    """Nothing for those who may not read it."""
    if not may("audit"):
        return
    folded(say("Audit log"), _log, key="audit", icon=":material/history:")


def _log() -> None:
    store = session.workspace()
    audit.require(store, "audit")
    st.caption(say("Who imported, trained, exported, deleted and logged in, and what was refused; newest first."))
    entries = audit.read(store, MOST)
    if not entries:
        st.caption(say("No activity yet."))
        return
    table(figures.table(entries), say("Who did what, newest first"), height=min(36 * len(entries) + 38, 400))
    export.csv_button(say("Download the full log"), lambda: [figures.table(audit.read(store))], "metarec-audit.csv")
