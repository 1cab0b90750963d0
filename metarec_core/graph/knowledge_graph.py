"""Users, items, attribute values, contexts and facts as one typed multigraph, in compact arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np

from metarec_core.data.dataset import Float32Array, Int32Array, Int64Array
from metarec_core.data.vocabulary import Vocabulary
from metarec_core.errors import UnknownIdError
from metarec_core.language import say

Group = Literal["user", "item", "attribute", "entity", "context", "user attribute"]
RelationGroup = Literal["chose", "attribute", "fact", "user in context", "item in context", "user attribute"]

NO_TIME: Final = int(np.iinfo(np.int64).min)
"""Time of an edge that has none: an attribute, a fact."""


@dataclass(frozen=True)
class NodeKind:
    """One type of nodes: a range of node numbers of its own, so that user 26 is not item 26.

    Attributes:
        group: What sort of thing it is.
        name: The attribute's or context's name; for the rest the group's.
        ids: The nodes' ids; the one of number n in ``ids`` is node ``start + n - 1``.
        start: Node number of the first.
    """

    group: Group
    name: str
    ids: Vocabulary
    start: int

    @property
    def stop(self) -> int:
        return self.start + len(self.ids)

    @property
    def key(self) -> str:
        """``user``, ``item``, ``entity``, ``attribute.genres``, ``context.device``, ``user attribute.age`` …"""
        return self.group if self.group == self.name else f"{self.group}.{self.name}"


@dataclass(frozen=True)
class Relation:
    """One type of edges: a range of edge numbers, sorted by source and target.

    Attributes:
        group: What sort of relation it is: users *chose* items; items have *attributes* and *facts*; users and items are *in a
            context* when one chose the other there; users have *user attributes*.
        name: "chose", or the name of the attribute, the context or the fact's relation.
        table: Which file the rows are lines of: "events", "items", "facts" or "users".
        start, stop: Its edges.
        merged: Other names of the same relation, which mirrored it in the file.
    """

    group: RelationGroup
    name: str
    table: str
    start: int
    stop: int
    merged: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """``chose``, ``attribute.genres``, ``fact.film.director`` …"""
        return self.group if self.group == self.name else f"{self.group}.{self.name}"


@dataclass(frozen=True)
class KnowledgeGraph:
    """A typed multigraph. E edges, V nodes; an edge stands for all lines that say the same, and knows them.

    Attributes:
        kinds: Types of nodes, in the order of their numbers.
        relations: Types of edges, in the order of theirs.
        sources, targets: int32 [E], node numbers.
        weights: float32 [E]. Edges of behaviour weigh what their events do together. Edges to attribute values and entities of
            ``df`` of N items (or users) weigh log(N / df), so that a hub (a language, a country) counts little, and what all
            have nothing; it is the rule of the model's graph part, ``graph.values.item_values``.
        first, last: int64 [E], times of the first and the last event, ``NO_TIME`` where there is none.
        row_starts: int64 [E + 1]; ``rows[row_starts[e]:row_starts[e + 1]]`` are the lines of edge e.
        rows: Lines of the relation's file (the header is line 1), int32 where they fit. 0: nobody knows.
        node_starts: int64 [V + 1]; ``node_edges[node_starts[v]:node_starts[v + 1]]`` are the edges of node v, either way.
        node_edges: int32 [2 E].
        has_clock_times: Whether times are seconds since 1970 UTC; otherwise they are only an order.
    """

    kinds: tuple[NodeKind, ...]
    relations: tuple[Relation, ...]
    sources: Int32Array
    targets: Int32Array
    weights: Float32Array
    first: Int64Array
    last: Int64Array
    row_starts: Int64Array
    rows: Int32Array | Int64Array
    node_starts: Int64Array
    node_edges: Int32Array
    has_clock_times: bool

    @property
    def n_nodes(self) -> int:
        return len(self.node_starts) - 1

    @property
    def n_edges(self) -> int:
        return len(self.sources)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in vars(self).values() if isinstance(array, np.ndarray))

    @cached_property
    def _kind_starts(self) -> Int64Array:
        return np.array([kind.start for kind in self.kinds], dtype=np.int64)

    @cached_property
    def _relation_starts(self) -> Int64Array:
        return np.array([relation.start for relation in self.relations], dtype=np.int64)

    def kind(self, group: Group, name: str | None = None) -> NodeKind:
        """The nodes of a group and name."""
        return next(kind for kind in self.kinds if kind.group == group and kind.name == (name or group))

    def kind_of(self, node: int) -> NodeKind:
        """The type of a node."""
        return self.kinds[int(np.searchsorted(self._kind_starts, node, side="right")) - 1]

    def kind_places(self, nodes: Int32Array | Int64Array) -> Int64Array:
        """The places among ``kinds`` of nodes' types, int64, any shape."""
        return np.searchsorted(self._kind_starts, nodes, side="right") - 1

    def relation_of(self, edge: int) -> Relation:
        """The type of an edge."""
        return self.relations[int(np.searchsorted(self._relation_starts, edge, side="right")) - 1]

    def relation_places(self, edges: Int32Array | Int64Array) -> Int64Array:
        """The places among ``relations`` of edges' types, int64, any shape."""
        return np.searchsorted(self._relation_starts, edges, side="right") - 1

    def id(self, node: int) -> str:
        """The id of a node; only with its type it is one of a kind."""
        kind = self.kind_of(node)
        return kind.ids.ids[node - kind.start]

    def key(self, node: int) -> str:
        """Type and id of a node in one text, ``item:26``."""
        return f"{self.kind_of(node).key}:{self.id(node)}"

    def node(self, key: str) -> int:
        """The node of a key.

        Raises:
            UnknownIdError: There is no such node.
        """
        for kind in self.kinds:
            id_ = key.removeprefix(f"{kind.key}:")
            if id_ != key and id_ in kind.ids:
                return kind.start + kind.ids.number(id_) - 1
        kinds = ", ".join(kind.key for kind in self.kinds)
        raise UnknownIdError(
            say(
                "The knowledge graph has no {key!r}: write a type and an ID, as in item:26; the types are {kinds}.",
                key=key,
                kinds=kinds,
            )
        )

    def edges_of(self, node: int) -> Int32Array:
        """The edges of a node, either way, int32."""
        return self.node_edges[self.node_starts[node] : self.node_starts[node + 1]]

    def degrees(self) -> Int64Array:
        """How many edges each node has, int64 [V]."""
        return np.diff(self.node_starts)

    def far_ends(self, edges: Int32Array, node: int) -> Int32Array:
        """The nodes that edges of a node lead to, int32."""
        return np.where(self.sources[edges] == node, self.targets[edges], self.sources[edges])

    def edge(self, relation: Relation, source: int, target: int) -> int | None:
        """The edge of a relation between two nodes, if there is one."""
        span = slice(relation.start, relation.stop)
        low, high = np.searchsorted(self.sources[span], [source, source + 1])
        place = int(low + np.searchsorted(self.targets[span][low:high], target))
        there = place < high and self.targets[span][place] == target
        return relation.start + place if there else None

    def rows_of(self, edge: int) -> Int32Array | Int64Array:
        """The lines that an edge stands for."""
        return self.rows[self.row_starts[edge] : self.row_starts[edge + 1]]

    def relation(self, group: RelationGroup, name: str | None = None) -> Relation | None:
        """The relation of a group and a name, or of a name that was merged into it."""
        wanted = name or group
        return next((r for r in self.relations if r.group == group and wanted in (r.name, *r.merged)), None)
