"""The benchmark of the knowledge graph: that it generates what it says, and measures what it builds."""

import re
import time

import numpy as np
import pytest

from benchmarks import graph as benchmark
from metarec_core.graph.build import build_graph


@pytest.fixture
def small(monkeypatch):
    for name, size in (("USERS", 300), ("ITEMS", 100), ("ENTITIES", 500)):
        monkeypatch.setattr(benchmark, name, size)


def test_the_generated_graph_has_as_many_edges_as_were_asked_for_and_a_long_tail(small):
    dataset = benchmark.generated(5_000)
    graph = build_graph(dataset)
    assert 4_500 < graph.n_edges < 5_500
    assert {relation.key for relation in graph.relations} == {
        "chose",
        "attribute.genre",
        "attribute.maker",
        "fact.about",
    }
    chosen = np.sort(np.bincount(dataset.events.item_numbers))[::-1]
    assert chosen[:10].sum() > 2.5 * chosen[45:55].sum()
    assert (benchmark.generated(5_000).events.item_numbers == dataset.events.item_numbers).all()


def test_building_is_told_in_seconds_and_memory(small):
    began = time.perf_counter()
    edges, nodes, took, cost, arrays, peak = benchmark.build(20_000)
    all_of_it = time.perf_counter() - began
    assert int(edges.replace(",", "")) > 15_000
    assert int(nodes.replace(",", "")) > 400
    assert re.fullmatch(r"\d+\.\d", took)
    assert float(took) <= all_of_it + 0.05  # a part of it, rounded to a tenth
    assert re.fullmatch(r"\d+\.\d", cost)
    assert float(peak.replace(",", "")) >= float(arrays.replace(",", "")) - 1
