"""Whether to believe a run, line by line, each with a link to its evidence on the page."""

from __future__ import annotations

import streamlit as st

from metarec_core.figures import trust as figures
from metarec_core.language import say
from pages._ui import cache
from pages._ui.text import plain


def trust_card(run_id: str) -> None:
    """The card of a finished run.

    Raises:
        RunError: The run is gone or damaged.
    """
    trust = cache.trust(run_id)
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{say('Can these results be trusted?')}** {say('{words}.', words=figures.headline(trust))}")
        for check in figures.in_order(trust):
            colour, said = figures.COLOURS[check.state], plain(check.said)
            if check.state == "bad":
                said = f":red[{said}]"
            link = f"[{say('See')}](#{figures.ANCHORS[check.evidence]})"
            st.markdown(f":{colour}[{figures.ICONS[check.state]}] {said} {link}")
