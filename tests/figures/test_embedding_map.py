from dataclasses import replace

import numpy as np
import pytest

from metarec_core.figures import embedding_map as figures
from metarec_core.graph.build import build_graph
from metarec_core.recommend.embedding_map import EmbeddingMap
from tests.small_world import attribute, dataset

EVIL = '<script>alert(1)</script> href="x"'
KINDS = attribute("kind", [["hot", "drink"], ["drink"], [EVIL], []])
YEARS = attribute("year", [["1999"], ["2001"], [], ["1999"]])
GRAPH = build_graph(replace(dataset(attributes={"kind": KINDS, "year": YEARS}), has_clock_times=False))
KEYS = ("user:ann", "item:tea", "item:milk", "item:cake", "item:jam", "attribute.kind:drink", "attribute.year:1999")
NODES = np.array([GRAPH.node(key) for key in KEYS])
FOUND = EmbeddingMap(NODES, np.float32([[place, -place] for place in range(7)]), 0.476, "neighbours")
TITLES = figures.colour_titles(GRAPH)


def points(colour, leading=None):
    return figures.map_table(GRAPH, FOUND, lambda item: EVIL if item == "cake" else item.capitalize(), colour, leading)


def drawn(colour, leading=None, here=None):
    figure = figures.map_figure(points(colour, leading), colour, TITLES, here)
    return {trace.name: trace for trace in figure.data}


def test_a_map_can_be_coloured_by_type_popularity_part_and_every_attribute():
    assert TITLES == {
        "kind": "Type",
        "popularity": "Popularity",
        "part": "Main part of the score",
        "attribute.kind": "Kind",
        "attribute.year": "Year",
    }


def test_types_differ_in_shape_or_colour_and_points_carry_the_node_they_open():
    traces = drawn("kind")
    assert set(traces) == {"User", "Item", "Kind", "Year"}
    assert traces["Item"].customdata.tolist() == ["item:tea", "item:milk", "item:cake", "item:jam"]
    assert traces["Item"].x.tolist() == [1, 2, 3, 4]
    looks = {(trace.marker.symbol[0], trace.marker.color) for trace in traces.values()}
    assert len(looks) == 4


def test_of_several_values_an_item_has_the_colour_of_the_rarest():
    rows = points("attribute.kind").set_index("Node")["Colour"]
    assert rows["item:tea"] == "hot"
    assert rows["item:milk"] == rows["attribute.kind:drink"] == "drink"
    assert rows["item:jam"] == rows["user:ann"] == ""
    traces = drawn("attribute.kind")
    assert traces["Others"].customdata.tolist() == ["user:ann", "item:jam", "attribute.year:1999"]


def test_values_without_a_colour_of_their_own_are_others(monkeypatch):
    monkeypatch.setattr(figures, "COLOURS", ("#111111",))
    traces = drawn("attribute.kind")
    assert set(traces) == {"drink", "Others"}  # the most frequent has the only colour
    assert traces["drink"].customdata.tolist() == ["item:tea", "item:milk", "attribute.kind:drink"]
    assert "item:cake" in traces["Others"].customdata.tolist()


def test_popularity_and_attributes_of_many_numbers_are_coloured_along_a_scale(monkeypatch):
    scale = drawn("popularity")["Popularity"]
    degrees = [int(GRAPH.degrees()[GRAPH.node(f"item:{item}")]) for item in ("tea", "milk", "cake", "jam")]
    assert scale.marker.color == pytest.approx(np.log10(degrees))
    assert set(drawn("attribute.year")) == {"1999", "2001", "Others"}
    monkeypatch.setattr(figures, "FEWEST_NUMBERS", 2)
    assert drawn("attribute.year")["Year"].marker.color.tolist() == [1999, 2001, 1999, 1999]


def test_parts_have_their_own_colours_and_titles():
    traces = drawn("part", {int(NODES[0]): "graph", int(NODES[1]): "popularity"})
    assert traces["Knowledge"].customdata.tolist() == ["user:ann"]
    assert traces["Popularity"].customdata.tolist() == ["item:tea"]
    assert len(traces["Others"].customdata) == 5


def test_hostile_titles_are_text_in_tips_and_labels():
    figure = figures.map_figure(points("attribute.kind"), "attribute.kind", TITLES, "item:cake")
    assert "<script" not in figure.to_json().replace("\\u003c", "<")
    marked = figure.data[-1]
    assert (marked.x.tolist(), marked.marker.symbol) == ([3], "circle-open")


def test_words_say_what_is_shown_what_is_not_and_how_true_it_is():
    assert figures.map_words(GRAPH, FOUND) == (
        "Neighbours together (t-SNE): 4 of 4 items; 1 of 3 users, drawn at random; 2 values, including entities "
        "and situations. Of the ten nearest in the space, 48% are among the ten nearest here."
    )
    assert figures.map_words(GRAPH, replace(FOUND, way="axes")).startswith("Main axes (PCA): ")
