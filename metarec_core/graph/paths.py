"""Paths from a user to an item: those that the graph part's score is the exact sum of, and what else links the two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final, Literal, cast

import numpy as np
import numpy.typing as npt
from scipy import sparse

from metarec_core.data.dataset import Attribute, Dataset, Float32Array, Int32Array, Int64Array
from metarec_core.graph.knowledge_graph import NO_TIME, KnowledgeGraph, Relation, RelationGroup
from metarec_core.graph.values import item_values, value_columns

Float64Array = npt.NDArray[np.float64]
PathKind = Literal["shared", "lead", "people", "context"]

MOST_ROWS: Final = 5
"""Lines that a step names; it says how many there are."""

MOST_PEOPLE: Final = 2_000
"""Other users looked at, those who chose the item last."""

_NOISE: Final = 1e-4  # as in graph.embed


@dataclass(frozen=True)
class Node:
    """An end of a step.

    Attributes:
        kind: Its type, as ``NodeKind.key``.
        id: Its id in the data.
    """

    kind: str
    id: str

    @property
    def key(self) -> str:
        """As ``KnowledgeGraph.node`` takes it."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True)
class Step:
    """One step of a path, with the lines that it stands on.

    Attributes:
        source, target: As the path goes, whichever way the edge points.
        relation: The edge's type, as ``Relation.key``; "leads to" for a step of the log from items with one value to items with
            the other.
        table: Which file the lines are in: "events", "items", "facts" or "users".
        rows: The first of the lines (the header is line 1).
        n_rows: How many there are.
        first, last: Times of the first and the last event, ISO 8601 in UTC or positions; None where the step has no time.
    """

    source: Node
    target: Node
    relation: str
    table: str
    rows: tuple[int, ...]
    n_rows: int
    first: str | None = None
    last: str | None = None

    @property
    def is_grounded(self) -> bool:
        """Whether there is a line to look it up in."""
        return bool(self.rows) and all(row > 0 for row in self.rows)


@dataclass(frozen=True)
class Path:
    """One way from a user to an item.

    Attributes:
        kind: "shared": a past item and the item share a value. "lead": after items with one value, people go on to items with
            another. "people": others who chose a past item chose this one too. "context": what is chosen in a situation that
            the user is often in.
        score: Its signed share of the item's score; None where the path is evidence of what other parts go by and not counted
            in the graph part.
        support: What it rests on: events that share the value; steps of the log behind a lead; people; the user's events in the
            context.
        strength: What evidence is sorted by: for people, how many of them for the root of how many chose the past item; for
            contexts, how many times more often than by chance both are in it. For counted paths the score.
        steps: From the user to the item.
    """

    kind: PathKind
    score: float | None
    support: int
    strength: float
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class ValueShare:
    """What all paths that end in one value of the item add together, from whatever past items and values.

    Attributes:
        value: The value or entity.
        relation: How the item has it, as ``Relation.key``.
        score: Signed share of the item's score.
    """

    value: Node
    relation: str
    score: float


@dataclass(frozen=True)
class Paths:
    """What links a user to an item.

    Attributes:
        user_id, item_id: Which.
        part: The graph part of the item's score; None for models without one, or whose run did not keep what paths need.
        counted: The paths of largest size, positive or negative. With ``more`` they add up to ``part``.
        more: What all further paths add together.
        n_more: How many those are.
        evidence: Paths of people and contexts, which support other parts and are not counted in this one.
        values: The same part divided among the item's values, the largest first; they add up to it too.
    """

    user_id: str
    item_id: str
    part: float | None
    counted: tuple[Path, ...]
    more: float
    n_more: int
    evidence: tuple[Path, ...]
    values: tuple[ValueShare, ...] = ()

    @property
    def all(self) -> tuple[Path, ...]:
        return (*self.counted, *self.evidence)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class PathIndex:
    """What searches for paths need of a data set and a graph part, made once.

    With X the items × values, E the values' vectors and M the leads, the part's score is a sum over past items j, their values
    a and the item's values b::

        Σ_j decay^age(j) / |x_j E| · Σ_a x_ja · Σ_b (E M Eᵀ)_ab · x_ib / |x_i E|

    Each term is a path user → j → a → b → i; terms whose values are one and the same node are paths over what both items share.

    Attributes:
        dataset: Whose log.
        graph: Its knowledge graph.
        entities: float32 [V, D], E; None where no scores can be told apart.
        leads: float32 [D, D], M.
        relations: float32 [R], what each attribute and relation counts in X; None where all the same.
    """

    dataset: Dataset
    graph: KnowledgeGraph
    entities: Float32Array | None = None
    leads: Float32Array | None = None
    relations: Float32Array | None = None

    @cached_property
    def _values(self) -> sparse.csr_array:
        """X with rows such that X E has length 1, as the graph part's vectors have; float32 [N + 1, V]."""
        values = item_values(self.dataset, self.relations)
        lengths = np.linalg.norm(values @ cast(Float32Array, self.entities), axis=1)
        scale = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > _NOISE)
        return sparse.csr_array(sparse.diags_array(scale) @ values)

    @cached_property
    def _columns(self) -> tuple[Int32Array, Int32Array, Int64Array]:
        """For each column of X its relation's place and its node, and which columns are the same; [V] each."""
        dataset, graph = self.dataset, self.graph
        places, numbers = value_columns(dataset)
        relations, nodes = np.zeros(len(places), np.int32), np.zeros(len(places), np.int32)
        named: list[tuple[RelationGroup, str, Attribute]] = [("attribute", *one) for one in dataset.attributes.items()]
        named += [("fact", *one) for one in dataset.facts.items()]
        for place, (group, name, known) in enumerate(named):
            own = places == place
            relations[own] = graph.relations.index(cast(Relation, graph.relation(group, name)))
            if group == "attribute":
                nodes[own] = graph.kind("attribute", name).start + numbers[own] - 1
            else:
                entities = graph.kind("entity")
                inside = entities.ids.numbers(known.vocabulary.ids)
                nodes[own] = entities.start + inside[numbers[own] - 1] - 1
        both = relations.astype(np.int64) * graph.n_nodes + nodes
        _, same = np.unique(both, return_inverse=True)
        return relations, nodes, same.astype(np.int64)

    @cached_property
    def _chose(self) -> Relation:
        return cast(Relation, self.graph.relation("chose"))

    @cached_property
    def _user_edges(self) -> Int64Array:
        """Where the edges of each user to items begin, int64 [n_users + 1]."""
        chose = self._chose
        users = np.arange(self.dataset.n_users + 1)
        return chose.start + np.searchsorted(self.graph.sources[chose.start : chose.stop], users)

    @cached_property
    def _previous(self) -> Int64Array:
        """The position of the event before each event of the log, int64 [n_events]; -1 before a user's first."""
        events = self.dataset.events
        starts = np.repeat(events.offsets[:-1], events.lengths())
        ends = events.history_ends()
        return np.where(ends > starts, ends - 1, -1)

    def find(
        self,
        user: int,
        history: Int32Array,
        weights: Float32Array,
        item: int,
        *,
        scale: float,
        most: int = 5,
        evidence: int = 3,
    ) -> Paths:
        """The paths of one pair.

        Args:
            user: User number.
            history: int32 [L], items of the history.
            weights: float32 [L], what each counts: decay to the power of its age.
            item: Item number.
            scale: By what the part's score is multiplied in the item's score.
            most: Counted paths to list.
            evidence: Paths of people, and of contexts, to list.
        """
        total, counted, more, n_more, values = self._counted(user, history, weights, item, scale, most)
        return Paths(
            self.dataset.users.id(user),
            self.dataset.items.id(item),
            total,
            tuple(counted),
            more,
            n_more,
            (*self._people(user, item, evidence), *self._contexts(user, item, evidence)),
            values,
        )

    def _counted(
        self, user: int, history: Int32Array, weights: Float32Array, item: int, scale: float, most: int
    ) -> tuple[float | None, list[Path], float, int, tuple[ValueShare, ...]]:
        if self.entities is None or self.leads is None:
            return None, [], 0.0, 0, ()
        past, inverse = np.unique(history, return_inverse=True)
        known, own = self._values[past], self._values[[item]]
        if known.nnz == 0 or own.nnz == 0:
            return 0.0, [], 0.0, 0, ()
        strength = np.bincount(inverse, weights, minlength=len(past))
        rows = np.repeat(np.arange(len(past)), np.diff(known.indptr))
        shares = strength[rows] * known.data * scale
        columns, where = np.unique(known.indices, return_inverse=True)
        leads = (self.entities[columns] @ (self.leads @ self.entities[own.indices].T)).astype(np.float64)
        scores = (shares[:, None] * leads[where] * own.data[None, :]).ravel()
        places, flat = self._same_together(rows, known.indices, own.indices, scores)
        best = _largest(np.abs(flat), most)
        total = float(flat.sum())
        paths = []
        for place in best:
            at, right = divmod(int(places[place]), len(own.indices))
            left = int(known.indices[at])
            score = float(flat[place])
            paths.append(self._path(user, int(past[rows[at]]), left, int(own.indices[right]), item, score))
        values = self._value_shares(own.indices, scores.reshape(-1, len(own.indices)).sum(axis=0))
        return total, paths, total - float(flat[best].sum()), len(flat) - len(best), values

    def _value_shares(self, right: Int32Array, scores: Float64Array) -> tuple[ValueShare, ...]:
        relations, nodes, same = self._columns
        _, first, inverse = np.unique(same[right], return_index=True, return_inverse=True)
        together = np.bincount(inverse, scores)
        return tuple(
            ValueShare(
                self._end(int(nodes[right[first[place]]])),
                self.graph.relations[relations[right[first[place]]]].key,
                float(together[place]),
            )
            for place in np.argsort(-np.abs(together), kind="stable")
        )

    def _same_together(
        self, rows: Int64Array, left: Int32Array, right: Int32Array, scores: Float64Array
    ) -> tuple[Int64Array, Float64Array]:
        """Scores [A · B] of all paths, and where each is; columns that are one edge, as their relations mirror each other, are
        one path."""
        same = self._columns[2]
        n = int(same.max()) + 1
        if n == len(same):
            return np.arange(len(scores)), scores
        paths = ((rows * n + same[left])[:, None] * n + same[right][None, :]).ravel()
        _, first, inverse = np.unique(paths, return_index=True, return_inverse=True)
        return first.astype(np.int64), np.bincount(inverse, scores).astype(np.float64)

    def _path(self, user: int, past: int, left: int, right: int, item: int, score: float) -> Path:
        relations, nodes, _ = self._columns
        graph = self.graph
        u, j, i = user - 1, graph.kind("item").start + past - 1, graph.kind("item").start + item - 1
        a, b = int(nodes[left]), int(nodes[right])
        before, after = graph.relations[relations[left]], graph.relations[relations[right]]
        chose, has = self._step(self._chose, u, j), self._step(before, j, a)
        of = self._step(after, i, b, back=True)
        if a == b:
            return Path("shared", score, chose.n_rows, score, (chose, has, of))
        lead = self._lead(a, before, b, after)
        return Path("lead", score, lead.n_rows, score, (chose, has, lead, of))

    def _lead(self, a: int, before: Relation, b: int, after: Relation) -> Step:
        """Steps of the log from an item with one value to the next with another; what the leads were learned from."""
        events, previous = self.dataset.events, self._previous
        with_a, with_b = self._items_with(a, before), self._items_with(b, after)
        arrivals = np.flatnonzero(with_b[events.item_numbers] & (previous >= 0))
        arrivals = arrivals[with_a[events.item_numbers[previous[arrivals]]]]
        shown = arrivals[-MOST_ROWS:]
        times = events.times[arrivals]
        return Step(
            self._end(a),
            self._end(b),
            "leads to",
            "events",
            () if self.dataset.event_rows is None else tuple(self.dataset.event_rows[shown].tolist()),
            len(arrivals),
            self._time(int(times.min())) if len(times) else None,
            self._time(int(times.max())) if len(times) else None,
        )

    def _items_with(self, node: int, relation: Relation) -> npt.NDArray[np.bool_]:
        """Items that a relation links to a value, bool [N + 1]."""
        graph = self.graph
        edges = graph.edges_of(node)
        edges = edges[(edges >= relation.start) & (edges < relation.stop)]
        items = np.zeros(self.dataset.n_items + 1, dtype=bool)
        items[graph.sources[edges] - graph.kind("item").start + 1] = True
        return items

    def _people(self, user: int, item: int, most: int) -> Iterator[Path]:
        """user → past item → someone else → item; one path a past item, with the person most alike (cosine)."""
        graph, starts, chose = self.graph, self._user_edges, self._chose
        i = graph.kind("item").start + item - 1
        arrivals = graph.edges_of(i)
        arrivals = arrivals[(arrivals >= chose.start) & (arrivals < chose.stop)]
        arrivals = arrivals[graph.sources[arrivals] != user - 1]
        arrivals = arrivals[np.argsort(-graph.last[arrivals], kind="stable")[:MOST_PEOPLE]]
        own = graph.targets[starts[user - 1] : starts[user]]
        mine = np.zeros(graph.n_nodes, dtype=bool)
        mine[own[own != i]] = True
        others = graph.sources[arrivals]
        edges, owners = _spans(starts[others], starts[others + 1])
        in_common = mine[graph.targets[edges]]
        edges, owners = edges[in_common], owners[in_common]
        if len(edges) == 0:
            return
        common = np.bincount(owners, minlength=len(others)) / np.sqrt(starts[others + 1] - starts[others])
        past = graph.targets[edges]
        items, inverse, people = np.unique(past, return_inverse=True, return_counts=True)
        choosers = np.maximum(graph.degrees()[items], 1)
        strengths = people / np.sqrt(choosers)
        for place in np.argsort(-strengths, kind="stable")[:most]:
            having = edges[inverse == place]
            best = having[np.argmax(common[owners[inverse == place]])]
            j, other = int(items[place]), int(graph.sources[best])
            yield Path(
                "people",
                None,
                int(people[place]),
                float(strengths[place]),
                (
                    self._step(chose, user - 1, j),
                    self._step(chose, other, j, back=True),
                    self._step(chose, other, i),
                ),
            )

    def _contexts(self, user: int, item: int, most: int) -> Iterator[Path]:
        """user → situation → item, where both are in it more often than by chance."""
        graph = self.graph
        i = graph.kind("item").start + item - 1
        found: list[tuple[float, Relation, Relation, int]] = []
        for of_user in graph.relations:
            of_item = graph.relation("item in context", of_user.name)
            if of_user.group != "user in context" or of_item is None:
                continue
            users, items = self._counts(of_user, user - 1), self._counts(of_item, i)
            everyone = graph.weights[of_user.start : of_user.stop]
            for context in users.keys() & items.keys():
                inside = graph.targets[of_user.start : of_user.stop] == context
                usual = float(everyone[inside].sum()) / float(everyone.sum())
                share = users[context] / sum(users.values()), items[context] / sum(items.values())
                strength = min(share) / usual
                if strength > 1:
                    found.append((strength, of_user, of_item, context))
        found.sort(key=lambda one: -one[0])
        for strength, of_user, of_item, context in found[:most]:
            steps = self._step(of_user, user - 1, context), self._step(of_item, i, context, back=True)
            yield Path("context", None, steps[0].n_rows, strength, steps)

    def _counts(self, relation: Relation, node: int) -> dict[int, float]:
        """What a node of behaviour weighs in each context."""
        graph = self.graph
        edges = graph.edges_of(node)
        edges = edges[(edges >= relation.start) & (edges < relation.stop)]
        return dict(zip(graph.targets[edges].tolist(), graph.weights[edges].tolist(), strict=True))

    def _step(self, relation: Relation, source: int, target: int, *, back: bool = False) -> Step:
        edge = cast(int, self.graph.edge(relation, source, target))  # paths go along edges only
        return step_of(self.graph, edge, back=back)

    def _end(self, node: int) -> Node:
        return node_of(self.graph, node)

    def _time(self, time: int) -> str | None:
        return time_text(self.graph, time)


def step_of(graph: KnowledgeGraph, edge: int, *, back: bool = False) -> Step:
    """An edge as a step, from its source to its target, or back."""
    source, target = node_of(graph, int(graph.sources[edge])), node_of(graph, int(graph.targets[edge]))
    relation, rows = graph.relation_of(edge), graph.rows_of(edge)
    return Step(
        target if back else source,
        source if back else target,
        relation.key,
        relation.table,
        tuple(rows[:MOST_ROWS].tolist()),
        len(rows),
        time_text(graph, int(graph.first[edge])),
        time_text(graph, int(graph.last[edge])),
    )


def node_of(graph: KnowledgeGraph, node: int) -> Node:
    """A node's type and id."""
    return Node(graph.kind_of(node).key, graph.id(node))


def time_text(graph: KnowledgeGraph, time: int) -> str | None:
    """A time of an edge: ISO 8601 in UTC, or a position; None where there is none."""
    if time == NO_TIME:
        return None
    return datetime.fromtimestamp(time, UTC).isoformat() if graph.has_clock_times else str(time)


def _spans(starts: Int64Array, stops: Int64Array) -> tuple[Int64Array, Int64Array]:
    """All numbers of some ranges, and which range each is of; int64 both."""
    lengths = stops - starts
    owners = np.repeat(np.arange(len(starts)), lengths)
    firsts = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum())) - np.repeat(firsts - starts, lengths), owners


def _largest(sizes: Float64Array, most: int) -> Int64Array:
    """The places of the largest sizes, the largest first."""
    places = np.argpartition(-sizes, most)[:most] if len(sizes) > most else np.arange(len(sizes))
    return places[np.lexsort((places, -sizes[places]))]
