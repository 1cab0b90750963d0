from dataclasses import replace

import numpy as np

from metarec_core.graph.build import build_graph
from metarec_core.graph.neighbourhood import MOST_EDGES, MOST_NODES, NODES, Choice, neighbourhood
from tests.small_world import attribute, dataset

#                              tea              milk       cake       jam
KINDS = attribute("kind", [["hot", "drink"], ["drink"], ["sweet"], ["sweet"]])
EVENTS = {"ann": ["tea", "milk", "cake"], "bob": ["tea", "milk"], "cat": ["jam"]}
GRAPH = build_graph(replace(dataset(EVENTS, attributes={"kind": KINDS}), has_clock_times=False))


def around(key, choice=None, graph=GRAPH, **how):
    found = neighbourhood(graph, graph.node(key), choice, **how)
    return found, [graph.key(node) for node in found.nodes.tolist()]


def test_the_centre_comes_first_then_its_neighbours_then_what_links_those():
    found, keys = around("user:ann")
    assert keys[0] == "user:ann"
    # the latest event first
    assert keys[1:4] == ["item:cake", "item:milk", "item:tea"]
    # bob has both tea and milk, and drink is of both; hot and sweet link nothing
    assert sorted(keys[4:]) == ["attribute.kind:drink", "user:bob"]
    assert (found.n_near, found.more) == (3, 0)
    ends = {(GRAPH.key(int(GRAPH.sources[e])), GRAPH.key(int(GRAPH.targets[e]))) for e in found.edges}
    assert ends == {
        *(("user:ann", item) for item in keys[1:4]),
        ("user:bob", "item:tea"),
        ("user:bob", "item:milk"),
        ("item:tea", "attribute.kind:drink"),
        ("item:milk", "attribute.kind:drink"),
    }


def test_types_relations_weights_and_times_can_be_chosen():
    assert around("user:ann", Choice(kinds=frozenset({"item"})))[1][1:] == ["item:cake", "item:milk", "item:tea"]
    assert around("item:tea", Choice(relations=frozenset({"attribute.kind"})))[1][1:3] == [
        "attribute.kind:hot",
        "attribute.kind:drink",
    ]
    # hot weighs log 4, drink log 2
    assert around("item:tea", Choice(least_weight=1.0, kinds=frozenset({"attribute.kind"})))[1][1:] == [
        "attribute.kind:hot"
    ]
    assert around("user:ann", Choice(start=1, end=1))[1][1:] == ["item:milk"]
    assert around("user:ann", Choice(start=1))[1][1:3] == ["item:cake", "item:milk"]


def test_a_hub_shows_what_fits_and_says_how_many_more_there_are():
    items = [f"i{number}" for number in range(400)]
    kinds = attribute("kind", [["all", str(number // 2)] for number in range(400)])
    graph = build_graph(dataset({"ann": ["i0"]}, items, attributes={"kind": kinds}))
    found, keys = around("attribute.kind:all", graph=graph)
    assert (found.n_near, found.more) == (NODES // 2, 360)
    assert len(keys) <= NODES
    opened, more = around("attribute.kind:all", graph=graph, opened=2)
    assert (opened.n_near, opened.more) == (100, 300)
    assert set(keys[1 : NODES // 2]) < set(more)
    most, keys = around("attribute.kind:all", graph=graph, opened=99)
    assert len(keys) == MOST_NODES
    assert len(most.edges) <= MOST_EDGES
    assert most.more == 400 - (MOST_NODES - 1)


def test_every_edge_drawn_is_between_nodes_drawn_and_no_outer_node_hangs_loose():
    found, _ = around("user:ann")
    ends = np.concatenate([GRAPH.sources[found.edges], GRAPH.targets[found.edges]])
    assert set(ends) == set(found.nodes)


def test_a_node_without_edges_is_alone():
    world = build_graph(dataset({"ann": []}))
    found, keys = around("item:jam", graph=world)
    assert (keys, len(found.edges), found.more) == (["item:jam"], 0, 0)
