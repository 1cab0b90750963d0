"""What carries a score: the parts' reasons in words, the past events with their shares, the paths through the graph."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from metarec_core import api
from metarec_core.figures import knowledge_graph as graph
from metarec_core.figures import reasons as figures
from metarec_core.language import say
from pages._ui.folded import folded
from pages._ui.table import still, table
from pages._ui.text import plain


def reasons_of(why: api.Explanation, title: Callable[[str], str]) -> None:
    """One explanation's reasons under its sum."""
    reasons = figures.reasons_table(why)
    if len(reasons):
        still(
            reasons,
            say("What each part of the score is based on"),
            shown=reasons.map(plain),
            width="content",
            file="metarec-reasons.csv",
        )
    if any(part.events for part in why.parts):
        events = partial(_events, why, title)
        folded(say("Past events behind it"), events, key="reasons.events", icon=":material/history:")
    if why.paths is not None and why.paths.all:
        paths = partial(_paths, why.paths, title)
        folded(say("Paths through the knowledge graph"), paths, key="reasons.paths", icon=":material/route:")


def _events(why: api.Explanation, title: Callable[[str], str]) -> None:
    table(
        figures.carriers_table(why, title),
        say("Past events, with what each adds to the score through each part"),
        help=figures.HELP,
        percentages=(figures.SHARE_OF_PART,),
        widths={"Event": 250, "Because": 280},
        file="metarec-carriers.csv",
    )


def _paths(paths: api.Paths, title: Callable[[str], str]) -> None:
    st.caption(plain(graph.paths_words(paths)))
    table(
        graph.paths_table(paths, title),
        say("Paths from the history to the item, with their source rows"),
        file="metarec-paths.csv",
    )
