from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from metarec_core.data.tables import CleaningReport, make_tables
from metarec_core.errors import UnknownIdError
from metarec_core.explain.paths import paths
from metarec_core.figures import knowledge_graph as figures
from metarec_core.graph.build import build_graph
from metarec_core.graph.paths import Node, Path, Paths, Step, ValueShare
from tests.small_world import attribute, dataset, recommender

EVIL = '<script>alert(1)</script> href="x" \u202egnp'
KINDS = replace(attribute("kind", [["hot"], ["hot"], [EVIL], []]), rows=np.array([2, 3, 4]))
WORLD = replace(dataset(attributes={"kind": KINDS}), event_rows=np.arange(2, 8), has_clock_times=False)
GRAPH = build_graph(WORLD)
TITLES = {"tea": "Green tea", "milk": "Oat milk", "cake": EVIL, "jam": "Plum jam of the orchard behind the house"}


def drawn(key="item:tea", **how):
    return figures.draw_neighbourhood(GRAPH, key, TITLES.__getitem__, **how)


def test_a_neighbourhood_is_drawn_with_the_node_in_the_middle_and_names_instead_of_ids():
    drawing = drawn()
    first = drawing.nodes[0]
    assert (first["key"], first["label"], first["x"], first["y"]) == ("item:tea", "Green tea", 0, 0)
    assert {node["key"] for node in drawing.nodes} == {
        "item:tea",
        "user:ann",
        "user:bob",
        "item:milk",
        "attribute.kind:hot",
    }
    assert drawing.words == "Item: Green tea, with 4 neighbours and 6 edges."
    assert drawing.legend == (("User", "#1d66aa"), ("Item", "#cc8400"), ("Attribute", "#699c50"))
    assert len({(node["x"], node["y"]) for node in drawing.nodes}) == len(drawing.nodes)
    assert drawing.nodes == drawn().nodes


def test_the_table_says_the_same_as_the_picture():
    drawing = drawn()
    assert len(drawing.table) == len(drawing.edges) == len(drawing.lines) == 6
    row = drawing.table[drawing.table["Relation"] == "Kind"].iloc[0]
    assert row.to_dict() == {
        "From": "Green tea",
        "Relation": "Kind",
        "To": "hot",
        "Weight": pytest.approx(np.log(2)),
        "Last": "",
        "File": "items",
        "Lines": 1,
        "First line": 2,
    }
    assert figures.edges_frame(GRAPH, drawing)["lines"].tolist()[-2:] == ["2", "3"]


def test_more_than_fits_is_a_node_that_opens_more():
    items = [f"i{number}" for number in range(200)]
    graph = build_graph(dataset({"ann": items}, items))
    drawing = figures.draw_neighbourhood(graph, "user:ann", str)
    assert drawing.nodes[-1]["label"] == "+162 more"  # 200 items and 2 situations, of which 40 are shown
    assert drawing.nodes[-1]["more"]
    assert drawing.words.endswith("162 more are not shown.")


def test_an_edge_knows_its_lines_and_they_are_read_from_the_file():
    drawing = drawn()
    lines = next(lines for lines in drawing.lines.values() if "kind" in lines.words and "Green" in lines.words)
    assert lines == figures.Lines("Green tea → hot: kind", "items", (2,), 1)
    assert figures.lines_words(lines) == "Green tea → hot: kind: 1 line of items."
    events = pd.DataFrame({"user_id": ["ann"], "item_id": ["tea"], "time": [0], "row": [2]})
    items = pd.DataFrame({"item_id": ["tea", "milk"], "title": ["Green tea", "Oat milk"], "row": [2, 3]})
    tables = make_tables("small", events, items, None, CleaningReport({}, {}, (), {}))
    assert figures.source_rows(tables, lines).to_dict("records") == [
        {"Line": 2, "item_id": "tea", "title": "Green tea"}
    ]
    assert figures.source_rows(tables, replace(lines, table="facts")).empty
    many = replace(lines, n_rows=9)
    assert figures.lines_words(many).endswith("9 lines of items, of which the first 1 are shown.")
    assert figures.lines_words(replace(lines, rows=(0,))).endswith("from items, lines unknown.")


def test_hostile_titles_are_text_in_every_file():
    drawing = drawn("item:cake")
    assert drawing.nodes[0]["label"] == "<script>alert(1)<…"
    assert "\u202e" not in str(drawing.nodes)
    html = figures.html_bytes(drawing).decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "\\u003cscript\\u003ealert" in html
    assert "http://" not in html.replace("http://www.w3.org", "").split("new vis.Network")[1]
    svg = figures.svg_bytes(drawing).decode()
    assert "<script" not in svg
    assert svg.count("<circle") == len(drawing.nodes)
    assert b"<script" not in figures.graphml_bytes(GRAPH, drawing, TITLES.__getitem__)


def test_paths_are_drawn_from_left_to_right_and_what_is_not_counted_is_dashed():
    found = paths(replace(recommender(), dataset=WORLD), user_id="bob", item_id="cake")
    drawing = figures.draw_paths(GRAPH, found, TITLES.__getitem__)
    spots = {node["key"]: node["x"] for node in drawing.nodes}
    assert spots["user:bob"] < spots["item:milk"] < spots["user:ann"] < spots["item:cake"]
    assert all(edge["dashes"] for edge in drawing.edges)
    assert drawing.words.startswith("This run has no graph part")
    assert drawing.table.iloc[0].to_dict() == {
        "Kind": "People",
        "Path from the past item": f"Green tea → user ann → {EVIL}",
        "Adds to the score": "not counted",
        "Rests on": "1 person chose both",
        "Lines": "events 6; events 2; events 4",
    }


STEPS = (
    Step(Node("user", "ann"), Node("item", "milk"), "chose", "events", (3,), 1),
    Step(Node("item", "milk"), Node("attribute.kind", "hot"), "attribute.kind", "items", (3,), 1),
    Step(Node("attribute.kind", "hot"), Node("attribute.kind", EVIL), "leads to", "events", (4, 7), 2),
    Step(Node("attribute.kind", EVIL), Node("item", "cake"), "attribute.kind", "items", (4,), 1),
)
VALUE = ValueShare(Node("attribute.kind", "hot"), "attribute.kind", -0.25)
COUNTED = Paths("ann", "cake", -0.25, (Path("lead", 0.5, 2, 0.5, STEPS),), -0.75, 1_234, (), (VALUE,))


def test_counted_paths_and_the_rest_add_up_in_words_and_table():
    drawing = figures.draw_paths(GRAPH, COUNTED, TITLES.__getitem__)
    assert drawing.words == "The graph part adds -0.250 to the score: 1 path shown add +0.500, 1,234 more add -0.750."
    assert drawing.nodes[-1]["label"] == "+1,234 more paths: -0.750"
    one = figures.draw_paths(GRAPH, replace(COUNTED, n_more=1), TITLES.__getitem__)
    assert one.nodes[-1]["label"] == "+1 more path: -0.750"
    assert drawing.table["Adds to the score"].tolist() == ["+0.500", "-0.750"]
    assert drawing.table["Lines"].iloc[0] == "events 3; items 3; events 4, 7; items 4"
    assert drawing.table["Rests on"].iloc[0] == "2 steps in the log"
    leads = next(lines for lines in drawing.lines.values() if lines.table == "events" and lines.n_rows == 2)
    assert leads.rows == (4, 7)
    assert len(drawing.graph_edges) == 3
    assert figures.values_table(COUNTED)["Adds to the score"].tolist() == ["-0.250", "-0.250"]


def test_an_item_that_the_part_says_nothing_of_is_said_so():
    nothing = replace(COUNTED, part=0.0, counted=(), more=0.0, n_more=0, values=())
    assert figures.paths_words(nothing).startswith("The graph part says nothing about this item")


def test_nodes_are_found_by_title_and_by_id():
    assert figures.search(GRAPH, "TEA", TITLES.__getitem__) == ["item:tea"]
    assert figures.search(GRAPH, "o", TITLES.__getitem__)[0] == "item:milk"
    assert figures.search(GRAPH, " ", TITLES.__getitem__) == []
    assert figures.node_words(GRAPH, "item:milk", TITLES.__getitem__) == "Item: Oat milk"
    with pytest.raises(UnknownIdError):
        figures.node_words(GRAPH, "item:rum", TITLES.__getitem__)


def test_names_for_people():
    assert figures.kind_title("user attribute.age_group") == "User's age group"
    assert figures.kind_title("entity") == "Entity of facts"
    assert figures.relation_title("fact.film.director") == "Film director"
    assert figures.relation_title("item in context.time_of_day") == "Item by time of day"
    assert figures.relation_title("chose") == "Chose"


def test_the_filter_of_days_covers_whole_days():
    assert figures.time_bounds(GRAPH) is None
    assert figures.time_bounds(build_graph(dataset())) is None  # six seconds of one day
    known = dataset()
    days = replace(known, events=replace(known.events, times=np.arange(6) * 86_400))
    assert figures.time_bounds(build_graph(days)) == (date(1970, 1, 1), date(1970, 1, 6))
    chosen = figures.choice(["item"], [], 0.5, (date(1970, 1, 2), date(1970, 1, 3)))
    assert (chosen.kinds, chosen.start, chosen.end) == (frozenset({"item"}), 86_400, 3 * 86_400 - 1)
