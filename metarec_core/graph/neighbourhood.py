"""The part of the graph around a node that fits on a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from metarec_core.data.dataset import Int64Array
from metarec_core.graph.knowledge_graph import NO_TIME, KnowledgeGraph

NODES: Final = 80
"""Nodes shown at first."""

MOST_NODES: Final = 300
"""Nodes shown at most."""

STEP: Final = 20
"""Neighbours that come with each "more"."""

MOST_EDGES: Final = 200
_CONTEXT_RANK: Final = 4  # of situations one is shown where four of other neighbours are


@dataclass(frozen=True)
class Choice:
    """Which edges and nodes to look at.

    Attributes:
        kinds: Keys of node types; all when empty.
        relations: Keys of relations; all when empty.
        least_weight: Edges weigh at least so much.
        start, end: Edges with times have an event in between, both included, as ``KnowledgeGraph.first``; None leaves it open.
    """

    kinds: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()
    least_weight: float = 0.0
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Neighbourhood:
    """What is around a node.

    Attributes:
        nodes: int64 [n], the centre first, then its neighbours, then what links those.
        n_near: How many of them are neighbours of the centre.
        edges: int64 [m], edges between them.
        more: Neighbours of the centre that are not shown.
    """

    nodes: Int64Array
    n_near: int
    edges: Int64Array
    more: int


def neighbourhood(
    graph: KnowledgeGraph, centre: int, choice: Choice | None = None, *, opened: int = 0
) -> Neighbourhood:
    """A node, its neighbours, and what links several of those.

    Neighbours take turns by relation; of one relation the latest events come first, then the heaviest edges. What links them
    takes turns by type; of one type those come first that link many of the neighbours and little else.

    Args:
        graph: Where.
        centre: Around which node.
        choice: Which edges and nodes.
        opened: How often "more" was asked for.
    """
    choice = choice or Choice()
    own = _chosen(graph, graph.edges_of(centre).astype(np.int64), choice, keep=centre)
    ranked = _ranked(graph, own, centre)
    most = min(NODES + STEP * opened, MOST_NODES)
    near = ranked[: min(most // 2 + STEP * opened, most - 1)]
    links = _links(graph, centre, near, choice, most - 1 - len(near))
    nodes = np.concatenate([[centre], near, links]).astype(np.int64)
    edges = _between(graph, nodes, choice, len(near))
    seen = np.isin(nodes, np.concatenate([[centre], near, graph.sources[edges], graph.targets[edges]]))
    return Neighbourhood(nodes[seen], len(near), edges, len(ranked) - len(near))


def _chosen(graph: KnowledgeGraph, edges: Int64Array, choice: Choice, keep: int) -> Int64Array:
    """Edges that are wanted and whose ends are; the centre's own type is always wanted."""
    wanted = graph.weights[edges] >= choice.least_weight
    if choice.relations:
        allowed = np.array([relation.key in choice.relations for relation in graph.relations])
        wanted &= allowed[graph.relation_places(edges)]
    if choice.kinds:
        allowed = np.array([kind.key in choice.kinds for kind in graph.kinds])
        for ends in (graph.sources[edges], graph.targets[edges]):
            wanted &= allowed[graph.kind_places(ends)] | (ends == keep)
    timeless = graph.first[edges] == NO_TIME
    if choice.start is not None:
        wanted &= timeless | (graph.last[edges] >= choice.start)
    if choice.end is not None:
        wanted &= timeless | (graph.first[edges] <= choice.end)
    return edges[wanted]


def _ranked(graph: KnowledgeGraph, edges: Int64Array, centre: int) -> Int64Array:
    """The far ends of a node's edges, the ones to show first."""
    far = np.where(graph.sources[edges] == centre, graph.targets[edges], graph.sources[edges]).astype(np.int64)
    relations = graph.relation_places(edges)
    order = np.lexsort(
        (far, -graph.degrees()[far], -graph.weights[edges], -graph.last[edges].astype(np.float64), relations)
    )
    pace = np.array([_CONTEXT_RANK if "context" in relation.group else 1 for relation in graph.relations])
    turns = _places_within(relations[order]) * pace[relations[order]]
    return _distinct(far[order][np.argsort(turns, kind="stable")])


def _links(graph: KnowledgeGraph, centre: int, near: Int64Array, choice: Choice, most: int) -> Int64Array:
    """What several neighbours share beside the centre."""
    if most <= 0 or len(near) == 0:
        return np.zeros(0, dtype=np.int64)
    edges, owners = _edges_of(graph, near)
    wanted = np.isin(edges, _chosen(graph, np.unique(edges), choice, keep=centre))
    edges, owners = edges[wanted], owners[wanted]
    far = np.where(graph.sources[edges] == owners, graph.targets[edges], graph.sources[edges]).astype(np.int64)
    shown = np.zeros(graph.n_nodes, dtype=bool)
    shown[near], shown[centre] = True, True
    pairs = np.unique(np.column_stack([far, owners])[~shown[far]], axis=0)
    nodes, counts = np.unique(pairs[:, 0], return_counts=True)
    nodes, counts = nodes[counts >= 2], counts[counts >= 2]
    strengths = counts * np.log(graph.n_nodes / np.maximum(graph.degrees()[nodes], 1)).clip(min=0.1)
    kinds = graph.kind_places(nodes)
    order = np.lexsort((nodes, -strengths, kinds))
    turns = _places_within(kinds[order])
    chosen: Int64Array = nodes[order][np.argsort(turns, kind="stable")][:most]
    return chosen


def _between(graph: KnowledgeGraph, nodes: Int64Array, choice: Choice, n_near: int) -> Int64Array:
    """Edges between shown nodes, the outer ones taking turns where they are too many: the centre's come first, then for each
    node those that lead inwards."""
    place = np.full(graph.n_nodes, -1, dtype=np.int64)
    place[nodes] = np.arange(len(nodes))
    edges = np.unique(_edges_of(graph, nodes)[0])
    edges = edges[(place[graph.sources[edges]] >= 0) & (place[graph.targets[edges]] >= 0)]
    edges = _chosen(graph, edges, choice, keep=int(nodes[0]))
    ends = np.sort(np.column_stack([place[graph.sources[edges]], place[graph.targets[edges]]]), axis=1)
    order = np.lexsort((ends[:, 0], ends[:, 1]))
    turns = _places_within(ends[order, 1]) + _CONTEXT_RANK * (ends[order, 1] <= n_near)
    turns[ends[order, 0] == 0] = -1
    return np.sort(edges[order][np.argsort(turns, kind="stable")[:MOST_EDGES]])


def _edges_of(graph: KnowledgeGraph, nodes: Int64Array) -> tuple[Int64Array, Int64Array]:
    """All edges of some nodes, and whose each is; int64 both."""
    lengths = graph.degrees()[nodes]
    owners = np.repeat(nodes, lengths)
    firsts = np.repeat(graph.node_starts[nodes] - (np.cumsum(lengths) - lengths), lengths)
    return graph.node_edges[np.arange(len(owners)) + firsts].astype(np.int64), owners


def _places_within(groups: Int64Array) -> Int64Array:
    """The place of each entry among those of its group; groups are sorted."""
    begins = np.searchsorted(groups, groups, side="left")
    return np.arange(len(groups)) - begins


def _distinct(nodes: npt.NDArray[np.int64]) -> Int64Array:
    """Each node once, at its first place."""
    _, places = np.unique(nodes, return_index=True)
    return nodes[np.sort(places)]
