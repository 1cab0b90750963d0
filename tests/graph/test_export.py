import io
from dataclasses import replace

import networkx as nx
import numpy as np

from metarec_core.graph.build import build_graph
from metarec_core.graph.export import edge_table, write_graphml
from tests.small_world import attribute, dataset

KINDS = replace(attribute("kind", [["<b>&\x01"], [], [], []]), rows=np.array([2]))


def test_edges_are_rows_with_all_their_lines():
    world = replace(dataset({"ann": ["tea", "tea"]}, attributes={"kind": KINDS}), event_rows=np.array([3, 2]))
    graph = build_graph(replace(world, has_clock_times=False))
    assert edge_table(graph, np.arange(graph.n_edges)).to_dict("records") == [
        {
            "source_type": "user",
            "source_id": "ann",
            "relation": "chose",
            "target_type": "item",
            "target_id": "tea",
            "weight": 2.0,
            "first": "0",
            "last": "1",
            "table": "events",
            "lines": "3 2",
        },
        {
            "source_type": "item",
            "source_id": "tea",
            "relation": "attribute.kind",
            "target_type": "attribute.kind",
            "target_id": "<b>&\x01",
            "weight": np.float32(np.log(4)).item(),
            "first": "",
            "last": "",
            "table": "items",
            "lines": "2",
        },
    ]


def test_graphml_can_be_read_back_whatever_the_titles_hold():
    graph = build_graph(dataset({"ann": ["tea"]}, attributes={"kind": KINDS}))
    file = io.BytesIO()
    write_graphml(graph, np.arange(2), file, title=lambda id_: f'<script>"{id_}"\x00</script>')
    read = nx.parse_graphml(file.getvalue().decode(), force_multigraph=True)
    assert read.nodes["item:tea"] == {"type": "item", "id": "tea", "label": '<script>"tea"\ufffd</script>'}
    assert "attribute.kind:<b>&\ufffd" in read
    (edge,) = read.get_edge_data("user:ann", "item:tea").values()
    assert edge["relation"] == "chose"
    assert edge["first"] == "1970-01-01T00:00:00+00:00"
