from dataclasses import replace

import numpy as np
import pytest

from metarec_core.data.vocabulary import Vocabulary
from metarec_core.errors import UnknownIdError
from metarec_core.graph.build import build_graph, mirrored_relations
from metarec_core.graph.knowledge_graph import NO_TIME
from tests.small_world import attribute, dataset

#                              tea              milk       cake       jam
KINDS = attribute("kind", [["hot", "drink"], ["drink"], ["sweet"], ["sweet"]])
AGES = attribute("age", [["30s"], ["30s"], ["40s"]])
DAY = 86_400


def lines(known, *rows):
    return replace(known, rows=np.array(rows, dtype=np.int64))


def edges(graph):
    """Every edge in words, with its lines."""
    return {
        (graph.key(int(s)), graph.relation_of(e).key, graph.key(int(t))): tuple(graph.rows_of(e).tolist())
        for e, (s, t) in enumerate(zip(graph.sources, graph.targets, strict=True))
    }


def test_users_items_values_and_entities_are_nodes_of_their_own_types():
    known = dataset({"26": ["26"]}, ["26", "27"], attributes={"kind": attribute("kind", [["26"], []])})
    graph = build_graph(known)
    nodes = [graph.node(key) for key in ("user:26", "item:26", "item:27", "attribute.kind:26")]
    assert nodes == [0, 1, 2, 3]
    assert [graph.key(node) for node in nodes] == ["user:26", "item:26", "item:27", "attribute.kind:26"]


def test_every_edge_knows_the_lines_that_say_it():
    events = {"ann": ["tea", "milk", "tea"], "bob": ["milk"]}
    known = dataset(events, attributes={"kind": lines(KINDS, 2, 2, 3, 4, 5)})
    graph = build_graph(replace(known, event_rows=np.array([12, 9, 3, 7]), has_clock_times=False))
    assert edges(graph) == {
        ("user:ann", "chose", "item:tea"): (12, 3),
        ("user:ann", "chose", "item:milk"): (9,),
        ("user:bob", "chose", "item:milk"): (7,),
        ("item:tea", "attribute.kind", "attribute.kind:hot"): (2,),
        ("item:tea", "attribute.kind", "attribute.kind:drink"): (2,),
        ("item:milk", "attribute.kind", "attribute.kind:drink"): (3,),
        ("item:cake", "attribute.kind", "attribute.kind:sweet"): (4,),
        ("item:jam", "attribute.kind", "attribute.kind:sweet"): (5,),
    }
    tea = graph.edge(graph.relation("chose"), graph.node("user:ann"), graph.node("item:tea"))
    assert (graph.weights[tea], graph.first[tea], graph.last[tea]) == (2, 0, 2)
    assert graph.relation_of(tea).table == "events"
    assert graph.edge(graph.relation("chose"), graph.node("user:bob"), graph.node("item:tea")) is None


def test_both_ends_of_an_edge_find_it():
    graph = build_graph(dataset(attributes={"kind": KINDS}))
    for node in range(graph.n_nodes):
        own = graph.edges_of(node)
        assert sorted(own) == np.flatnonzero((graph.sources == node) | (graph.targets == node)).tolist()
        assert set(graph.far_ends(own, node)) == {
            int(graph.targets[e] if graph.sources[e] == node else graph.sources[e]) for e in own
        }
    assert graph.degrees().sum() == 2 * graph.n_edges


def test_what_many_items_have_weighs_little_and_what_all_have_nothing():
    kinds = attribute("kind", [["food", "hot"], ["food"], ["food"], ["food"]])
    graph = build_graph(replace(dataset(attributes={"kind": kinds}), has_clock_times=False))
    weights = {graph.key(int(graph.targets[e])): float(graph.weights[e]) for e in range(6, graph.n_edges)}
    assert weights == {"attribute.kind:food": 0, "attribute.kind:hot": pytest.approx(np.log(4))}
    assert (graph.first[6:] == NO_TIME).all()


def test_lines_nobody_knows_are_0():
    graph = build_graph(dataset(attributes={"kind": KINDS}))
    assert not graph.rows.any()


def test_time_of_day_and_weekday_are_contexts_where_times_are_real():
    known = dataset({"ann": ["tea", "milk"]})
    monday_noon = 4 * DAY + 12 * 3600
    events = replace(known.events, times=np.array([0, monday_noon]))  # 1970 began on a Thursday
    graph = build_graph(replace(known, events=events))
    assert [key for key in edges(graph) if key[1].startswith("item in context")] == [
        ("item:tea", "item in context.time_of_day", "context.time_of_day:night 0-6 h"),
        ("item:milk", "item in context.time_of_day", "context.time_of_day:afternoon 12-18 h"),
        ("item:tea", "item in context.weekday", "context.weekday:Thursday"),
        ("item:milk", "item in context.weekday", "context.weekday:Monday"),
    ]
    dates = replace(known, events=replace(events, times=np.array([0, DAY])))
    assert [kind.key for kind in build_graph(dates).kinds][-1] == "context.weekday"
    assert "context.time_of_day" not in [kind.key for kind in build_graph(dates).kinds]
    assert len(build_graph(replace(known, has_clock_times=False)).relations) == 1


def test_a_context_of_the_log_is_not_replaced_by_a_derived_one():
    own = Vocabulary("weekday", ("work day",))
    known = replace(dataset({"ann": ["tea", "milk"]}), contexts=np.int32([[1], [0]]), context_vocabularies=(own,))
    graph = build_graph(known)
    assert [key for key in edges(graph) if key[1].endswith("weekday")] == [
        ("user:ann", "user in context.weekday", "context.weekday:work day"),
        ("item:tea", "item in context.weekday", "context.weekday:work day"),
    ]


def test_facts_name_entities_whatever_relation_names_them_and_users_have_attributes():
    makers = attribute("made_by", [["Ann"], [], [], []])
    owners = attribute("owned_by", [[], ["Ann"], [], []])
    graph = build_graph(dataset(facts={"made_by": makers, "owned_by": owners}, user_attributes={"age": AGES}))
    assert len(graph.edges_of(graph.node("entity:Ann"))) == 2
    ann = graph.edge(
        graph.relation("user attribute", "age"), graph.node("user:ann"), graph.node("user attribute.age:30s")
    )
    assert graph.weights[ann] == pytest.approx(np.log(3 / 2))
    assert graph.relation_of(ann).table == "users"


def test_relations_that_mirror_each_other_become_one_that_knows_the_lines_of_both():
    film = lines(attribute("tea.maker", [["a"], ["a"], ["b"], []]), 2, 3, 4)
    mirror = lines(attribute("maker.tea", [["a"], [], ["b"], []]), 5, 6)
    other = attribute("tea_drinker", [["a"], ["a"], ["b"], []])
    facts = {"maker.tea": mirror, "tea.maker": film, "tea_drinker": other}
    assert mirrored_relations(facts) == [("tea.maker", "maker.tea"), ("tea_drinker",)]
    graph = build_graph(dataset(facts=facts))
    merged = graph.relation("fact", "maker.tea")
    assert merged is graph.relation("fact", "tea.maker")
    assert merged.merged == ("maker.tea",)
    assert merged.stop - merged.start == 3
    edge = graph.edge(merged, graph.node("item:tea"), graph.node("entity:a"))
    assert graph.rows_of(edge).tolist() == [2, 5]


def test_relations_of_the_same_words_about_other_things_stay_apart():
    one = attribute("is.was", [["a"], ["a"], ["b"], []])
    two = attribute("was.is", [["c"], ["a"], ["c"], []])
    assert mirrored_relations({"is.was": one, "was.is": two}) == [("is.was",), ("was.is",)]


def test_an_empty_log_has_a_graph_of_nodes():
    graph = build_graph(dataset({"ann": []}))
    assert (graph.n_nodes, graph.n_edges) == (5, 0)


def test_a_node_that_is_not_there_is_refused():
    graph = build_graph(dataset())
    with pytest.raises(
        UnknownIdError, match="The knowledge graph has no 'item:rum': write a type and an ID, as in item:26"
    ):
        graph.node("item:rum")
