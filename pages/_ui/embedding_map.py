"""The embedding map: the main axes at once, neighbours together as soon as another process has drawn that."""

from __future__ import annotations

import streamlit as st

from metarec_core import api
from metarec_core.figures import embedding_map as figures
from metarec_core.jobs import map as maps
from metarec_core.language import say
from pages._ui import cache, export, session
from pages._ui.access import offered
from pages._ui.chart import chart
from pages._ui.folded import TABLE, folded
from pages._ui.table import table

POLL_S = 2.0
CHART = "knowledge_graph.map"


def embedding_map(run: api.Run, recommender: api.Recommender) -> None:
    """The controls, the map, and the same as a table.

    Raises:
        RunError: The run is gone or damaged.
        InputError: The run has no space to draw.
        JobError: No process could be started.
    """
    graph = api.knowledge_graph(recommender)
    titles = figures.colour_titles(graph)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        session.chosen_or("colour", figures.KIND)
        colour = session.pick("colour", say("Colour by"), list(titles), titles.__getitem__) or figures.KIND
        layout = session.switch("layout", say("Layout"), figures.LAYOUTS)
    found = cache.embedding_map(run.run_id)
    if layout == "neighbours":
        drawn = cache.kept_map(run.run_id)
        found = drawn or found
        if drawn is None:
            _drawing(run)
    leading = cache.leading_parts(run.run_id) if colour == figures.PART else None
    points = figures.map_table(graph, found, recommender.title, colour, leading)
    words = figures.map_words(graph, found)
    st.caption(words, help=say(figures.HELP))
    chart(
        figures.map_figure(points, colour, titles, session.chosen("node")),
        key=CHART,
        on_select=_open,
        selection_mode="points",
        alt=words,
    )
    st.caption(
        say("Click a point to open it in the graph. Drag to move, scroll to zoom, double-click to reset the view.")
    )

    def listed() -> None:
        table(points.drop(columns=["Node"]), say("Points of the map"))
        export.csv_button(
            say("CSV"),
            lambda: [figures.map_table(graph, found, recommender.title, colour, leading)],
            f"metarec-{run.run_id}-map.csv",
        )

    folded(say("The map as a table and as a file"), listed, key="map.listed", icon=TABLE)


def _drawing(run: api.Run) -> None:
    """Says that the map is being drawn, and shows it once it is; begins to draw it where nobody does."""
    state = maps.map_state(session.workspace(), run.run_id)
    if state in ("failed", "drawn"):  # drawn, and yet it cannot be read
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(say("The layout “Neighbours together” could not be drawn; “Main axes” is shown instead."))
            if offered("measure") and st.button(say("Try again"), icon=":material/refresh:"):
                maps.draw_map(session.workspace(), run.run_id)
                st.rerun()
        return
    if state == "idle":
        if not offered("measure"):
            return
        maps.draw_map(session.workspace(), run.run_id)

    @st.fragment(run_every=POLL_S)
    def wait() -> None:
        if maps.map_state(session.workspace(), run.run_id) != "drawing":
            st.rerun()
        st.caption(
            say(
                ":material/hourglass_top: The layout “Neighbours together” is being drawn; until then, “Main "
                "axes” is shown."
            )
        )

    wait()


def _open() -> None:
    """A click on a point opens it in the graph; an item or a user is chosen on the other pages too."""
    for key in session.selected_points(CHART)[:1]:
        kind, _, id_ = key.partition(":")
        if kind == "item":
            session.choose("item", id_)
        elif kind == "user":
            session.choose("user", id_)
        session.choose("node", key)
        session.choose("opened", None)
        session.choose("graph", "around")
