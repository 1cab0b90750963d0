"""Knowledge graph: what is around a user, an item or a value, and the paths of one recommendation, line by line."""

import streamlit as st

from metarec_core import api
from metarec_core.figures import knowledge_graph as figures
from metarec_core.language import later, say
from pages._ui import cache, export, session
from pages._ui.access import may
from pages._ui.embedding_map import embedding_map
from pages._ui.empty import opened_run
from pages._ui.errors import shown
from pages._ui.folded import TABLE, folded
from pages._ui.frame import require_frame
from pages._ui.graph_view import clicked, graph_view
from pages._ui.item_picker import item_picker
from pages._ui.table import table
from pages._ui.text import plain
from pages._ui.user_picker import user_picker

require_frame("knowledge_graph")

VIEW = "knowledge_graph.view"
VIEWS = {"around": later("Around a node"), "paths": later("Paths of a recommendation"), "map": later("Map")}


def walk() -> None:
    """A click on a node opens it; on "more", more of what is there."""
    click = clicked(VIEW)
    if node := click.get("node"):
        session.choose("node", str(node))
        session.choose("opened", None)
        session.choose("graph", "around")
    elif click.get("more"):
        session.choose("opened", str(session.number("opened") + 1))


st.title(say("Knowledge graph"))

run = opened_run("knowledge_graph")
if run is None:
    st.stop()
with shown():
    recommender = cache.recommender(run.run_id)
    graph = api.knowledge_graph(recommender)
    mode = session.switch("graph", say("View"), VIEWS)
    if mode == "map":
        embedding_map(run, recommender)
        st.stop()
    paths = None
    if mode == "paths":
        user_id, k = user_picker(recommender)
        listed = recommender.recommend([user_id], k=k).item_ids
        item_id = item_picker(recommender, listed, say("Item"))
        paths = api.paths(recommender, user_id=user_id, item_id=item_id)
        drawing = figures.draw_paths(graph, paths, recommender.title)
    else:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            wanted = st.text_input(
                say("Find a user, an item or a value"),
                key="knowledge_graph.search",
                placeholder=say("Title or ID"),
                width=320,
            )
            with st.popover(say("Filter"), icon=":material/filter_alt:"):
                kinds = st.multiselect(
                    say("Types"),
                    [kind.key for kind in graph.kinds],
                    format_func=figures.kind_title,
                    key="knowledge_graph.kinds",
                    placeholder=say("Choose options"),
                )
                relations = st.multiselect(
                    say("Relations"),
                    [relation.key for relation in graph.relations],
                    format_func=figures.relation_title,
                    key="knowledge_graph.relations",
                    placeholder=say("Choose options"),
                )
                least = st.number_input(
                    say("Minimum edge weight"),
                    0.0,
                    value=0.0,
                    step=0.5,
                    help=say(figures.HUB_RULE),
                    key="knowledge_graph.weight",
                )
                bounds = figures.time_bounds(graph)
                days = bounds and st.slider(say("Events between"), *bounds, value=bounds, key="knowledge_graph.days")
            for key in figures.search(graph, wanted, recommender.title):
                words = figures.node_words(graph, key, recommender.title)
                st.button(plain(words[:40]), key=f"knowledge_graph.{key}", on_click=session.choose, args=("node", key))
        key = session.chosen_or("node", f"user:{session.chosen('user') or recommender.example_user}")
        chosen = figures.choice(kinds, relations, least, days)
        drawing = figures.draw_neighbourhood(graph, key, recommender.title, chosen, opened=session.number("opened"))

    st.caption(plain(drawing.words), help=say(figures.PATH_HELP) if paths else say(figures.HUB_RULE))
    with st.container(horizontal=True):
        for title, _ in drawing.legend:
            st.badge(say(title), icon=figures.ICONS[title], color=figures.BADGES[title])
    click = graph_view(drawing, VIEW, walk)
    if click and (lines := drawing.lines.get(str(click.get("edge")))):
        st.caption(plain(figures.lines_words(lines)))
        tables = cache.tables(run.manifest.tables_fingerprint)
        table(
            figures.source_rows(tables, lines),
            say("Lines of {table}", table=lines.table),
            foreign=True,
            file=f"metarec-{run.run_id}-lines.csv" if may("export") else None,
        )
    else:
        st.caption(say("Click a node to open it, an edge to see its source rows. Drag to move, scroll to zoom."))

    if paths:
        st.subheader(say("Paths"), help=say(figures.PATH_HELP))
        table(
            drawing.table,
            say("Paths from the user to the item, with what each adds to the score"),
            file=f"metarec-{run.run_id}-paths-drawn.csv",
        )
        if paths.values:
            st.subheader(say("By the item's values"))
            st.caption(
                say(
                    "The same part of the score, divided among the item's values: each gets all paths "
                    "that end in it, together."
                )
            )
            table(
                figures.values_table(paths),
                say("What each value of the item adds to the score"),
                file=f"metarec-{run.run_id}-values.csv",
            )

    name = f"metarec-{run.run_id}-graph"

    def files() -> None:
        if not paths:
            table(drawing.table, say("Edges shown"))
        with st.container(horizontal=True):
            export.csv_button(say("CSV"), lambda: [figures.edges_frame(graph, drawing)], f"{name}.csv")
            export.file_button(
                say("GraphML"),
                lambda: figures.graphml_bytes(graph, drawing, recommender.title),
                f"{name}.graphml",
                "application/graphml+xml",
            )
            export.file_button(say("SVG"), lambda: figures.svg_bytes(drawing), f"{name}.svg", "image/svg+xml")
            export.file_button(say("Offline HTML"), lambda: figures.html_bytes(drawing), f"{name}.html", "text/html")

    folded(say("The graph as a table and as files"), files, key="graph.files", icon=TABLE)
