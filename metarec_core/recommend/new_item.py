"""An item that is still to come: who would get it, which parts carry it, and what it lies beside.

It is scored by what can be known of it: its text, its values in the knowledge graph, and, where the sequence part reads
content, that. It has no events, so memories, popularity and situations say nothing of it by themselves: like the new items of
the run's own catalogue, it borrows from the items most like it, as much as the run found that they may.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from metarec_core.data import columns
from metarec_core.data.dataset import Dataset, Float32Array
from metarec_core.errors import InputError
from metarec_core.graph.embed import FUSED_AXES, graph_vectors
from metarec_core.graph.values import value_columns, value_rows, value_weights
from metarec_core.language import say
from metarec_core.models import ranking
from metarec_core.models.batch import Batch, user_batch
from metarec_core.models.content import ContentPart, of_length_one, side_by_side
from metarec_core.models.graph import GraphPart
from metarec_core.models.metarec import GRAPH, SEQUENCE, TEXT, Block, MetaRec
from metarec_core.models.new_items import Lending, Lends, nearest
from metarec_core.recommend.fused import fused_content, read_content
from metarec_core.recommend.recommender import Recommender

Int64Array = npt.NDArray[np.int64]

NEIGHBOURS: Final = 8

MOST_USERS: Final = 5_000
"""Users that are asked, evenly spaced where there are more."""


@dataclass(frozen=True)
class Draft:
    """An item as it would stand in the item table.

    Attributes:
        title: What it is called.
        description: What is said of it.
        attributes: Values by attribute.
    """

    title: str
    description: str = ""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


ReadItem = Callable[[str, str, Mapping[str, str]], Float32Array]
"""Gives the text vector, float32 [D], of an item by title, description and its attributes, several values apart by ``|``."""


@dataclass(frozen=True)
class NewItem:
    """What would become of an item.

    Attributes:
        users: A row a user asked, the best place first: user_id, rank among what the user may get, score, and
            ``part_<name>``; which add up to the score.
        neighbours: The items most like it: by (``text`` or ``graph``), item_id, similarity (cosine), the most alike first.
        n_users: Users of the data; ``users`` has fewer where only some were asked.
        remarks: What is not known of it, and what that means, in sentences.
        lenders: The items that it borrows from: item_id, share (they add up to 1), the largest first; no rows where it
            borrows nothing.
    """

    users: pd.DataFrame
    neighbours: pd.DataFrame
    n_users: int
    remarks: tuple[str, ...]
    lenders: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({columns.ITEM_ID: [], "share": []}))

    def reached(self, k: int = 10) -> int:
        """In how many of the lists of length ``k`` it would be."""
        return int((self.users[columns.RANK] <= k).sum())


def new_item(recommender: Recommender, draft: Draft, read: ReadItem | None = None) -> NewItem:
    """Score an item that is not in the catalogue for every user.

    Args:
        recommender: A run at work.
        draft: The item.
        read: Reads its text as the run has read the others; None where the run reads none.

    Raises:
        InputError: Nothing is written of it, it has an attribute that items do not have, or the model is a simple one, which
            knows items by their events only.
    """
    data, model = recommender.dataset, recommender.scorer
    if not draft.title.strip() and not draft.description.strip() and not any(draft.attributes.values()):
        raise InputError(say("Nothing is known about the new item: give it a title, a description or attributes."))
    if not isinstance(model, MetaRec):
        raise InputError(
            say("This model knows items only by their events, and a new item has none: choose a trained run.")
        )
    values, remarks = _values(data, draft, _counted(model))
    vectors, more = _vectors(model, draft, values, read)
    lenders, lent = _lenders(model, vectors, recommender.lending)
    extended = _with_item(model, vectors, lenders, recommender.lending.strength if recommender.lending else 0.0)
    step = max(-(-data.n_users // MOST_USERS), 1)
    asked = np.arange(1, data.n_users + 1, step, dtype=np.int32)
    size = ranking.rows_per_block(data.n_items + 1, len(model.parts))
    blocks = [_places(recommender, extended, asked[start : start + size]) for start in range(0, len(asked), size)]
    users = pd.concat(blocks, ignore_index=True).sort_values([columns.RANK, columns.SCORE], ascending=[True, False])
    order = lenders.indices[np.argsort(-lenders.data, kind="stable")]
    borrowed = {columns.ITEM_ID: [data.items.id(n) for n in order.tolist()], "share": np.sort(lenders.data)[::-1]}
    return NewItem(
        users.reset_index(drop=True),
        _neighbours(recommender, model, vectors),
        data.n_users,
        (*remarks, *more, *lent),
        pd.DataFrame(borrowed),
    )


@dataclass(frozen=True)
class _WithItem:
    """A part whose catalogue has one item more at its end."""

    part: Block
    vector: Float32Array  # [D], among the part's item vectors

    @property
    def n_items(self) -> int:
        return self.part.n_items + 1

    def user_vectors(self, batch: Batch) -> Float32Array | sparse.csr_array:
        return self.part.user_vectors(batch)

    def item_vectors(self) -> Float32Array | sparse.csr_array:
        items = self.part.item_vectors()
        if isinstance(items, np.ndarray):
            return np.vstack([items, self.vector[None, :]])
        stacked: sparse.csr_array = sparse.vstack([items, sparse.csr_array(self.vector[None, :])], format="csr")
        return stacked

    def scores(self, batch: Batch) -> Float32Array:
        scores = self.part.scores(batch)
        if not self.vector.any():
            return np.column_stack([scores, np.zeros(len(scores), dtype=np.float32)])
        own = self.part.user_vectors(batch) @ self.vector
        return np.column_stack([scores, own]).astype(np.float32)

    def state(self) -> dict[str, np.ndarray]:
        return self.part.state()


def _lenders(
    model: MetaRec, vectors: Mapping[str, Float32Array], lending: Lending | None
) -> tuple[sparse.csr_array, tuple[str, ...]]:
    """From which items it borrows, float32 sparse [1, N + 1], and what to say of that.

    The row that ``nearest`` gives to a new item with this content: parts are linear in what items have, so what it borrows is
    the same as if it had been in the catalogue.
    """
    none: sparse.csr_array = sparse.csr_array(np.zeros((1, model.n_items + 1), dtype=np.float32))
    silent = [name for name, part in model.parts.items() if isinstance(part, Lends)]
    if not silent:
        return none, ()
    if lending is None:
        return none, (
            say(
                "It has no events, and this run had no new items from which to learn how much to borrow: "
                "what follows, what goes together and popularity are zero for it."
            ),
        )
    if not lending.strength:
        return none, (
            say(
                "It has no events, and in this run borrowing from other items cost too much: what "
                "follows, what goes together and popularity are zero for it."
            ),
        )
    content = {name: part.vectors for name, part in model.parts.items() if isinstance(part, ContentPart | GraphPart)}
    own = {name: vectors.get(name, np.zeros(known.shape[1], np.float32)) for name, known in content.items()}
    grown = {name: np.vstack([known, own[name]]) for name, known in content.items()}
    grown |= {name: graph_vectors(known, FUSED_AXES) for name, known in grown.items() if name == GRAPH}
    alike = side_by_side(model.n_items + 1, grown.values())
    new = np.append(lending.new, True)
    alike[:-1][lending.new] = 0  # other new items borrow too, which was done in training
    row: sparse.csr_array = nearest(alike, new)[[-1], :-1]
    if not row.nnz:
        return none, (
            say(
                "It has no events, and no item is similar enough to borrow from: what follows, what goes "
                "together and popularity are zero for it."
            ),
        )
    said = say(
        "It has no events: for what follows, what goes together and popularity, it borrows from the {n} "
        "items most similar to it, {strength:g} times their mean, as this run's own new items do.",
        n=row.nnz,
        strength=lending.strength,
    )
    return row, (said,)


def _with_item(
    model: MetaRec, vectors: Mapping[str, Float32Array], lenders: sparse.csr_array, strength: float
) -> MetaRec:
    """The model with the item as the last of its catalogue, without any event of its own."""
    parts: dict[str, Block] = {}
    for name, part in model.parts.items():
        if isinstance(part, Lends):
            lent = np.float32(strength) * (lenders @ part.item_vectors())
            own = (lent if isinstance(lent, np.ndarray) else lent.toarray())[0].astype(np.float32)
        else:
            own = vectors.get(name, np.zeros(part.item_vectors().shape[1], dtype=np.float32))
        parts[name] = _WithItem(part, own)
    counts = None
    for knows in (model.separable, model.meta):
        counts = counts if knows is None else np.append(knows.log_counts, lenders @ knows.log_counts)
    grown = replace(model, n_items=model.n_items + 1, parts=parts)
    return grown if counts is None else grown.with_parts(parts, counts)


def _counted(model: MetaRec) -> Float32Array | None:
    """What each attribute and relation counts, float32 [R]; None where all the same."""
    graph = model.parts.get(GRAPH)
    return graph.relations if isinstance(graph, GraphPart) and graph.relations.size else None


def _values(data: Dataset, draft: Draft, counted: Float32Array | None = None) -> tuple[Float32Array, tuple[str, ...]]:
    """What the item has among the values that link items, float32 [V], as ``item_values`` has it for others."""
    named = {**data.attributes, **data.facts}
    unknown: list[str] = []
    numbers: dict[int, list[int]] = {}
    for name, values in draft.attributes.items():
        if name not in named:
            raise InputError(
                say(
                    "There is no item attribute {name!r}: choose one of {named}.",
                    name=name,
                    named=", ".join(named),
                )
            )
        vocabulary = named[name].vocabulary
        unknown += [f"{name}: {value}" for value in values if value not in vocabulary]
        numbers[list(named).index(name)] = [vocabulary.number(value) for value in values if value in vocabulary]
    places, value_numbers = value_columns(data)
    has = np.zeros(len(places), dtype=bool)
    for place, own in numbers.items():
        has |= (places == place) & np.isin(value_numbers, own)
    row = value_rows(has[None, :], places, value_weights(data), counted)[0]
    if not unknown:
        return row, ()
    return row, (say("No other item has {values}: a new value links to nothing.", values=say(", ").join(unknown[:5])),)


def _vectors(
    model: MetaRec, draft: Draft, values: Float32Array, read: ReadItem | None
) -> tuple[dict[str, Float32Array], tuple[str, ...]]:
    """What each part that reads content would know of the item, float32 [D] by part, and what none can."""
    vectors: dict[str, Float32Array] = {}
    remarks: list[str] = []
    text, graph = model.parts.get(TEXT), model.parts.get(GRAPH)
    if isinstance(text, ContentPart) and read is not None:
        joined = {name: columns.VALUE_SEPARATOR.join(has) for name, has in draft.attributes.items()}
        vectors[TEXT] = read(draft.title, draft.description, joined)
        if not vectors[TEXT].any():
            remarks.append(say("Its text has nothing in common with the texts of other items."))
    entities = graph.entities if isinstance(graph, GraphPart) else np.zeros((0, 0), dtype=np.float32)
    if graph is not None and len(entities) != len(values):
        remarks.append(
            say("This run did not keep its value vectors, so the knowledge graph says nothing: train again.")
        )
    elif entities.size:
        vectors[GRAPH] = of_length_one((values @ entities)[None, :])[0]
        if not vectors[GRAPH].any():
            remarks.append(say("It shares no value with other items, so the knowledge graph says nothing about it."))
    content = fused_content(
        model,
        vectors[TEXT][None, :] if TEXT in vectors else None,
        (values @ entities)[None, :] if GRAPH in vectors else None,
    )
    if content is not None:
        vectors[SEQUENCE] = read_content(model, content)[0]
    elif SEQUENCE in model.parts:
        remarks.append(say("The sequence part knows items only by their events, so it says nothing about a new one."))
    return vectors, tuple(remarks)


def _places(recommender: Recommender, model: MetaRec, users: npt.NDArray[np.int32]) -> pd.DataFrame:
    """The item's place among what each user may get."""
    data = recommender.dataset
    scores = model.score(user_batch(data, users, recommender.max_history))
    total = scores.total
    ranking.hide_seen(total, data, data.events.offsets[users], data.events.offsets[users.astype(np.int64) + 1])
    own = total[:, [-1]]
    parts = {columns.PART_PREFIX + name: part[:, -1].astype(np.float64) for name, part in scores.parts.items()}
    return pd.DataFrame(
        {
            columns.USER_ID: np.array(data.users.ids, dtype=object)[users - 1],
            columns.RANK: 1 + (total[:, :-1] >= own).sum(axis=1),
            columns.SCORE: np.sum(list(parts.values()), axis=0),
            **parts,
        }
    )


def _neighbours(recommender: Recommender, model: MetaRec, vectors: Mapping[str, Float32Array]) -> pd.DataFrame:
    data = recommender.dataset
    frames = [pd.DataFrame({"by": [], columns.ITEM_ID: [], "similarity": []})]
    for name in (TEXT, GRAPH):
        part = model.parts.get(name)
        if name in vectors and isinstance(part, ContentPart | GraphPart) and vectors[name].any():
            alike = part.vectors @ vectors[name]
            alike[0] = -np.inf
            near = ranking.top_items(alike[None, :], NEIGHBOURS)[0]
            ids = [data.items.ids[number - 1] for number in near.tolist() if number]
            frames.append(
                pd.DataFrame({"by": name, columns.ITEM_ID: ids, "similarity": alike[near[near > 0]].astype(float)})
            )
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
