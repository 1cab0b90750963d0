"""The knowledge graph for other programs: a table of edges, and GraphML."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

import numpy as np
import pandas as pd

from metarec_core.data.dataset import Int32Array, Int64Array
from metarec_core.graph.knowledge_graph import NO_TIME, KnowledgeGraph

Edges = Int32Array | Int64Array

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold: control characters and lone surrogates."""


def edge_table(graph: KnowledgeGraph, edges: Edges) -> pd.DataFrame:
    """Edges as rows: source_type, source_id, relation, target_type, target_id, weight, first, last, table, lines.

    Args:
        graph: Whose.
        edges: Edge numbers. The lines of an edge are joined by spaces, as many as there are.
    """
    kinds = np.array([kind.key for kind in graph.kinds], dtype=object)
    relations = np.array([relation.key for relation in graph.relations], dtype=object)
    tables = np.array([relation.table for relation in graph.relations], dtype=object)
    places = graph.relation_places(edges)
    sources, targets = graph.sources[edges], graph.targets[edges]
    return pd.DataFrame(
        {
            "source_type": kinds[graph.kind_places(sources)],
            "source_id": [graph.id(node) for node in sources.tolist()],
            "relation": relations[places],
            "target_type": kinds[graph.kind_places(targets)],
            "target_id": [graph.id(node) for node in targets.tolist()],
            "weight": graph.weights[edges].astype(np.float64),
            "first": _times(graph, graph.first[edges]),
            "last": _times(graph, graph.last[edges]),
            "table": tables[places],
            "lines": [" ".join(map(str, graph.rows_of(edge).tolist())) for edge in edges.tolist()],
        }
    )


def write_graphml(graph: KnowledgeGraph, edges: Edges, file: BinaryIO, title: Callable[[str], str] = str) -> None:
    """Write some edges and their ends as GraphML.

    Args:
        graph: Whose.
        edges: Edge numbers.
        file: Where to.
        title: An item's title for its id.
    """
    import networkx as nx

    network: Any = nx.MultiDiGraph()
    for node in np.unique(np.concatenate([graph.sources[edges], graph.targets[edges]])).tolist():
        kind, id_ = graph.kind_of(node).key, graph.id(node)
        label = title(id_) if kind == "item" else id_
        network.add_node(_xml(graph.key(node)), type=_xml(kind), id=_xml(id_), label=_xml(label))
    for row in edge_table(graph, edges).to_dict("records"):
        ends = (_xml(f"{row['source_type']}:{row['source_id']}"), _xml(f"{row['target_type']}:{row['target_id']}"))
        known = {name: _xml(str(row[name])) for name in ("relation", "first", "last", "table", "lines") if row[name]}
        network.add_edge(*ends, weight=row["weight"], **known)
    nx.write_graphml_xml(network, file)


def _times(graph: KnowledgeGraph, times: Int64Array) -> list[str]:
    if not graph.has_clock_times:
        return ["" if time == NO_TIME else str(time) for time in times.tolist()]
    return ["" if time == NO_TIME else datetime.fromtimestamp(time, UTC).isoformat() for time in times.tolist()]


def _xml(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
