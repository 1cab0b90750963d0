"""Building the knowledge graph: one pass over a data set's arrays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from metarec_core.data.dataset import Attribute, Dataset, Float32Array, Int32Array, Int64Array
from metarec_core.data.vocabulary import Vocabulary
from metarec_core.graph.knowledge_graph import NO_TIME, Group, KnowledgeGraph, NodeKind, Relation, RelationGroup

MIRRORED: Final = 0.5
"""Share of the rarer relation's pairs that a mirroring one has too."""

TIME_OF_DAY: Final = "time_of_day"
WEEKDAY: Final = "weekday"
PARTS_OF_DAY: Final = ("night 0-6 h", "morning 6-12 h", "afternoon 12-18 h", "evening 18-24 h")
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY_S: Final = 86_400
_THURSDAY: Final = 3  # 1 January 1970

Rows = Int32Array | Int64Array


@dataclass(frozen=True)
class _Edges:
    """The edges of one relation, as the arrays of a graph."""

    group: RelationGroup
    name: str
    table: str
    sources: Int32Array
    targets: Int32Array
    weights: Float32Array
    first: Int64Array
    last: Int64Array
    lengths: Int64Array
    rows: Rows
    merged: tuple[str, ...] = ()


def build_graph(dataset: Dataset) -> KnowledgeGraph:
    """The knowledge graph of a data set.

    Time of day and weekday (UTC) are contexts too where times are real and the log has none of that name. Entities are what
    facts name, whatever relation names them; an attribute's values are its own. Two fact relations mirror each other when their
    names are the same words in another order (``film.actor`` and ``actor.film``) and at least half of the rarer one's pairs of
    item and entity are the other's too; they become one, under the more frequent one's name.
    """
    contexts = _contexts(dataset)
    entities = Vocabulary("entity", list(dict.fromkeys(e for f in dataset.facts.values() for e in f.vocabulary.ids)))
    kinds = _numbered(
        [
            ("user", "user", dataset.users),
            ("item", "item", dataset.items),
            *(("attribute", name, known.vocabulary) for name, known in dataset.attributes.items()),
            ("entity", "entity", entities),
            *(("context", vocabulary.kind, vocabulary) for vocabulary, _ in contexts),
            *(("user attribute", name, known.vocabulary) for name, known in dataset.user_attributes.items()),
        ]
    )
    return _assembled(dataset, kinds, list(_relations(dataset, kinds, contexts, entities)))


def _numbered(named: list[tuple[Group, str, Vocabulary]]) -> tuple[NodeKind, ...]:
    starts = np.cumsum([0, *(len(vocabulary) for _, _, vocabulary in named)])
    return tuple(NodeKind(*one, start=int(start)) for one, start in zip(named, starts, strict=False))


def _contexts(dataset: Dataset) -> list[tuple[Vocabulary, Int32Array]]:
    """Each context with its value number at each event, 0 where missing."""
    found = list(zip(dataset.context_vocabularies, dataset.contexts.T, strict=False))
    if not dataset.has_clock_times or dataset.events.n_events == 0:
        return found
    taken, times = {vocabulary.kind for vocabulary, _ in found}, dataset.events.times
    if TIME_OF_DAY not in taken and (times % _DAY_S).any():  # midnight everywhere: only dates are known
        parts = times % _DAY_S // (_DAY_S // len(PARTS_OF_DAY)) + 1
        found.append((Vocabulary(TIME_OF_DAY, PARTS_OF_DAY), parts.astype(np.int32)))
    if WEEKDAY not in taken:
        days = (times // _DAY_S + _THURSDAY) % len(WEEKDAYS) + 1
        found.append((Vocabulary(WEEKDAY, WEEKDAYS), days.astype(np.int32)))
    return found


def _relations(
    dataset: Dataset,
    kinds: tuple[NodeKind, ...],
    contexts: list[tuple[Vocabulary, Int32Array]],
    entities: Vocabulary,
) -> Iterator[_Edges]:
    start = {kind.key: kind.start for kind in kinds}
    n_nodes = kinds[-1].stop
    events = dataset.events
    users = events.user_numbers() - np.int32(1)
    items = events.item_numbers + np.int32(start["item"] - 1)
    weights = np.ones(events.n_events, dtype=np.float32) if dataset.weights is None else dataset.weights
    rows = _unknown(events.n_events) if dataset.event_rows is None else _short(dataset.event_rows)

    def of_events(
        group: RelationGroup, name: str, sources: Int32Array, targets: Int32Array, there: Int64Array
    ) -> _Edges:
        return _grouped(
            _Edges(
                group,
                name,
                "events",
                sources[there],
                targets[there],
                weights[there],
                events.times[there],
                events.times[there],
                np.zeros(0, np.int64),
                rows[there],
            ),
            n_nodes,
        )

    yield of_events("chose", "chose", users, items, np.arange(events.n_events))
    for name, known in dataset.attributes.items():
        yield _grouped(_known("attribute", name, "items", known, start["item"], start[f"attribute.{name}"]), n_nodes)
    for names in mirrored_relations(dataset.facts):
        facts = [
            _known("fact", name, "facts", dataset.facts[name], start["item"], start["entity"], entities)
            for name in names
        ]
        yield _grouped(_united(facts), n_nodes)
    for vocabulary, numbers in contexts:
        values = numbers.astype(np.int32) + np.int32(start[f"context.{vocabulary.kind}"] - 1)
        there = np.flatnonzero(numbers > 0)
        yield of_events("user in context", vocabulary.kind, users, values, there)
        yield of_events("item in context", vocabulary.kind, items, values, there)
    for name, known in dataset.user_attributes.items():
        own = _known("user attribute", name, "users", known, start["user"], start[f"user attribute.{name}"])
        yield _grouped(own, n_nodes)


def _known(
    group: RelationGroup,
    name: str,
    table: str,
    known: Attribute,
    owner_start: int,
    value_start: int,
    vocabulary: Vocabulary | None = None,
) -> _Edges:
    """What a table says of items or users, each value with the log of how rare it is."""
    numbers = known.value_numbers
    owners = np.repeat(np.arange(len(known.offsets) - 1, dtype=np.int32), np.diff(known.offsets))
    counts = np.bincount(numbers, minlength=len(known.vocabulary) + 1)
    weights = np.log((len(known.offsets) - 2) / np.maximum(counts, 1)).clip(min=0).astype(np.float32)
    inside = np.arange(len(known.vocabulary) + 1, dtype=np.int32)
    if vocabulary is not None:
        inside = np.concatenate([[0], vocabulary.numbers(known.vocabulary.ids)]).astype(np.int32)
    times = np.full(len(numbers), NO_TIME)
    return _Edges(
        group,
        name,
        table,
        owners + np.int32(owner_start - 1),
        inside[numbers] + np.int32(value_start - 1),
        weights[numbers],
        times,
        times,
        np.zeros(0, np.int64),
        _unknown(len(numbers)) if known.rows is None else _short(known.rows),
    )


def mirrored_relations(facts: Mapping[str, Attribute]) -> list[tuple[str, ...]]:
    """Names of fact relations, those that mirror each other together, the most frequent first; see ``build_graph``."""
    groups: list[list[str]] = []
    for name in sorted(facts, key=lambda one: -len(facts[one].value_numbers)):
        like = next((g for g in groups if _words(g[0]) == _words(name) and _overlap(facts[g[0]], facts[name])), None)
        if like is None:
            groups.append([name])
        else:
            like.append(name)
    order = list(facts)
    return [tuple(group) for group in sorted(groups, key=lambda group: order.index(group[0]))]


def _words(name: str) -> list[str]:
    return sorted(word for word in re.split(r"[\W_]+", name.lower()) if word)


def _overlap(more: Attribute, fewer: Attribute) -> bool:
    places = {id_: number for number, id_ in enumerate(more.vocabulary.ids, start=1)}
    same = np.array([0, *(places.get(id_, -1) for id_ in fewer.vocabulary.ids)], dtype=np.int64)
    size = len(places) + 1

    def pairs(attribute: Attribute, numbers: npt.NDArray[np.integer]) -> Int64Array:
        owners = np.repeat(np.arange(len(attribute.offsets) - 1), np.diff(attribute.offsets))
        return np.unique((owners * size + numbers)[numbers > 0])

    n_pairs = len(fewer.value_numbers)
    both = np.intersect1d(pairs(more, more.value_numbers), pairs(fewer, same[fewer.value_numbers]), assume_unique=True)
    return len(both) >= MIRRORED * n_pairs


def _united(facts: list[_Edges]) -> _Edges:
    """Relations that mirror each other as one."""
    if len(facts) == 1:
        return facts[0]
    arrays = {
        name: np.concatenate([getattr(one, name) for one in facts])
        for name in ("sources", "targets", "weights", "first", "last", "lengths", "rows")
    }
    best = facts[0]
    return _Edges(best.group, best.name, best.table, **arrays, merged=tuple(one.name for one in facts[1:]))


def _grouped(edges: _Edges, n_nodes: int) -> _Edges:
    """Edges of one line each as edges of all lines with the same ends, sorted by source and target.

    Behaviour adds its weights up; of what is known, the first weight stands for all.
    """
    order = _sorting(edges.targets, n_nodes)
    order = order[_sorting(edges.sources[order], n_nodes)]
    sources, targets = edges.sources[order], edges.targets[order]
    if len(order) == 0:
        return edges
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = (sources[1:] != sources[:-1]) | (targets[1:] != targets[:-1])
    starts = np.flatnonzero(begins)
    weights, times = edges.weights[order], edges.first[order]
    return _Edges(
        edges.group,
        edges.name,
        edges.table,
        sources[starts],
        targets[starts],
        np.add.reduceat(weights, starts) if edges.table == "events" else weights[starts],
        np.minimum.reduceat(times, starts),
        np.maximum.reduceat(times, starts),
        np.diff(starts, append=len(order)),
        edges.rows[order],
        edges.merged,
    )


def _sorting(numbers: Int32Array, size: int) -> Int32Array:
    """The stable order of numbers below ``size``, counted rather than compared: linear in their number."""
    if len(numbers) and (numbers[1:] >= numbers[:-1]).all():
        return np.arange(len(numbers), dtype=np.int32)
    places = np.arange(len(numbers), dtype=np.int32)
    ones = np.ones(len(numbers), dtype=np.int8)
    table = sparse.csr_array(sparse.coo_array((ones, (numbers, places)), shape=(size, len(numbers))))
    return table.indices.astype(np.int32, copy=False)


def _assembled(dataset: Dataset, kinds: tuple[NodeKind, ...], blocks: list[_Edges]) -> KnowledgeGraph:
    stops = np.cumsum([len(block.sources) for block in blocks])
    relations = tuple(
        Relation(block.group, block.name, block.table, int(stop) - len(block.sources), int(stop), block.merged)
        for block, stop in zip(blocks, stops, strict=True)
    )
    joined = {
        name: np.concatenate([getattr(block, name) for block in blocks])
        for name in ("sources", "targets", "weights", "first", "last", "lengths", "rows")
    }
    ends = np.concatenate([joined["sources"], joined["targets"]])
    order = _sorting(ends, kinds[-1].stop)
    return KnowledgeGraph(
        kinds,
        relations,
        joined["sources"],
        joined["targets"],
        joined["weights"],
        joined["first"],
        joined["last"],
        _offsets(joined["lengths"]),
        joined["rows"],
        _offsets(np.bincount(ends, minlength=kinds[-1].stop)),
        (order % np.int32(max(len(joined["sources"]), 1))).astype(np.int32),
        dataset.has_clock_times,
    )


def _offsets(lengths: Int64Array) -> Int64Array:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _unknown(n: int) -> Int32Array:
    return np.zeros(n, dtype=np.int32)


def _short(rows: Int64Array) -> Rows:
    """Line numbers in as few bytes as hold them."""
    return rows.astype(np.int32) if rows.max(initial=0) <= np.iinfo(np.int32).max else rows
