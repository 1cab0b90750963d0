"""How much is chance: the same training with other seeds, queued when somebody asks, and the spread once they are there."""

from __future__ import annotations

import streamlit as st

from metarec_core.figures import trust as figures
from metarec_core.jobs import seeds
from metarec_core.language import say
from pages._ui import session
from pages._ui.access import offered
from pages._ui.errors import shown

POLL_S = 2.0


def other_seeds(run_id: str) -> None:
    """A button while there are too few seeds, progress while some are trained; nothing once there are enough.

    Raises:
        RunError: The run is gone or damaged.
    """
    found = seeds.twins(session.workspace(), run_id)
    live = {seed: now for seed, now in found.items() if now.is_live}
    if live:

        @st.fragment(run_every=POLL_S)
        def panel() -> None:
            with shown():
                now = seeds.twins(session.workspace(), run_id)
                if not any(status.is_live for status in now.values()):
                    st.rerun()  # once at the end: the card shows the spread
                st.caption(figures.seeds_words(now))

        panel()
        with st.container(horizontal=True):
            if st.button(say("Watch the training"), icon=":material/monitoring:"):
                session.open_page("train", job=next(iter(live.values())).run_id)
    elif len(found) < seeds.ENOUGH:
        missing = seeds.ENOUGH - len(found)
        if offered("train") and st.button(
            figures.seeds_button(missing), icon=":material/casino:", help=say(figures.SEEDS_HELP)
        ):
            with shown():
                seeds.train_with_other_seeds(session.workspace(), run_id)
                st.rerun()
