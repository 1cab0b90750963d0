"""One item as it would be with other values: what every part that reads content would say of it, and where it would stand.

What was learned from events stays as it is. Only what the model reads of the item itself is made anew: its place in the
knowledge graph, its text, and what the sequence part sees of both. What cannot be made anew exactly as it was is left alone,
and said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from metarec_core.data import columns
from metarec_core.data.dataset import Attribute, Float32Array
from metarec_core.explain.explanation import ItemValue
from metarec_core.explain.history import History
from metarec_core.graph.values import relation_keys, value_columns, value_rows, value_weights
from metarec_core.language import later, say
from metarec_core.models import ranking
from metarec_core.models.content import ContentPart, of_length_one
from metarec_core.models.graph import GraphPart
from metarec_core.models.metarec import GRAPH, MODES, SEQUENCE, TEXT, MetaRec
from metarec_core.models.variants import some_rows
from metarec_core.recommend.fused import fused_content, read_content
from metarec_core.recommend.recommender import Recommender

BoolArray = npt.NDArray[np.bool_]
Int64Array = npt.NDArray[np.int64]

ReadItem = Callable[[str, str, Mapping[str, str]], Float32Array]
"""As in ``recommend.new_item``: the text vector of an item by title, description and attributes."""

_SAME = 1e-3  # how far what is made anew may be from what the run holds, both of length 1


@dataclass(frozen=True)
class Variants:
    """One pair of a user and an item, asked again with other values of the item.

    Attributes:
        recommender: With a whole model, not a simple one.
        history: The user's.
        item: Item number.
        read: Reads the item's text again; None to leave the text as it is.
        offered: Values that the item does not have, of which variants may have some; those that no item of the data has are
            left out.
    """

    recommender: Recommender
    history: History
    item: int
    read: ReadItem | None = None
    offered: tuple[ItemValue, ...] = ()
    _texts: dict[frozenset[int], Float32Array] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def values(self) -> tuple[ItemValue, ...]:
        """What variants are made of: what the item has, attribute by attribute, then what is offered."""
        own = [
            ItemValue(name, known.vocabulary.id(int(number)))
            for name, known in self._named.items()
            for number in known.value_numbers[known.offsets[self.item] : known.offsets[self.item + 1]]
        ]
        named = self._named
        offered = [one for one in self.offered if one.name in named and one.value in named[one.name].vocabulary]
        return (*own, *(one for one in dict.fromkeys(offered) if one not in own))

    @cached_property
    def n_own(self) -> int:
        """How many of ``values`` the item has."""
        return sum(int(known.offsets[self.item + 1] - known.offsets[self.item]) for known in self._named.values())

    def ranks(self, has: BoolArray) -> Int64Array:
        """Rank of the item in each variant, int64 [B], the whole model run again.

        Args:
            has: bool [B, n], which of ``values``.
        """
        size = ranking.rows_per_block(self._model.n_items, len(self._model.parts))
        blocks = [self._ranks(has[start : start + size]) for start in range(0, len(has), size)]
        return np.concatenate([np.zeros(0, dtype=np.int64), *blocks])

    def scores(self, has: BoolArray) -> Float32Array:
        """The item's score in each variant, float32 [B]."""
        size = ranking.rows_per_block(self._model.n_items, len(self._model.parts))
        blocks = [self._totals(has[start : start + size])[:, self.item] for start in range(0, len(has), size)]
        return np.concatenate([np.zeros(0, dtype=np.float32), *blocks])

    @cached_property
    def read_by(self) -> tuple[str, ...]:
        """Parts that read the item's values, and that can be asked again."""
        return tuple(self._said_as_it_is)

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        """What of the item was left as it is, and why, in sentences."""
        said = []
        parts = self._model.parts
        if TEXT in parts and TEXT not in self.read_by:
            why = (
                later("The item's text was left as it is, because what reads it is not available here.")
                if self.read is None
                else later("The item's text was left as it is, because what reads it no longer gives the same vector.")
            )
            said.append(say(why))
        if GRAPH in parts and GRAPH not in self.read_by:
            said.append(say("The graph part was left as it is, because this run did not keep its value vectors."))
        if SEQUENCE in parts and self._fused is not None and SEQUENCE not in self.read_by:
            said.append(
                say(
                    "What the network sees of the item's content was left as it is, because it cannot be "
                    "recomputed here."
                )
            )
        lending = self.recommender.lending
        if lending is not None and lending.strength and lending.new[self.item]:
            said.append(say("The item has no events: what it borrows from others was left as it is."))
        return tuple(said)

    @property
    def _model(self) -> MetaRec:
        scorer = self.recommender.scorer
        assert isinstance(scorer, MetaRec)  # noqa: S101  for the type checker
        return scorer

    @property
    def _named(self) -> dict[str, Attribute]:
        data = self.recommender.dataset
        return {**data.attributes, **{name: known for name, known in data.facts.items() if name not in data.attributes}}

    def _ranks(self, has: BoolArray) -> Int64Array:
        totals = self._totals(has)
        totals[:, 0] = -np.inf
        totals[:, self.history.had] = -np.inf
        return ranks_of_item(totals, self.item)

    def _totals(self, has: BoolArray) -> Float32Array:
        """Scores of all items where this one has other values, float32 [B, N + 1]."""
        plain = {name: np.repeat(scores, len(has), axis=0) for name, scores in self._plain.items()}
        for name, said in self._moved(
            has
        ).items():  # by how much it differs: as it is, it stays as it is to the last digit
            plain[name][:, self.item] += said - self._said_as_it_is[name]
        rows = some_rows(self.history.whole(), np.zeros(len(has), dtype=np.int64))
        return self._model.combine(rows, plain).total

    def _moved(self, has: BoolArray) -> dict[str, Float32Array]:
        """What the parts that read content say of the item in each variant, float32 [B] by part."""
        said = {}
        text, axes = self._text(has), self._axes(has)
        if text is not None:
            said[TEXT] = text @ self._users[TEXT]
        if axes is not None:
            said[GRAPH] = of_length_one(axes) @ self._users[GRAPH]
        content = self._content(text, axes)
        if content is not None and self._fused is not None:
            said[SEQUENCE] = (self._vector + read_content(self._model, content - self._fused)) @ self._users[SEQUENCE]
        return {name: np.float32(self._model.units[name]) * scores for name, scores in said.items()}

    @cached_property
    def _said_as_it_is(self) -> dict[str, Float32Array]:
        return self._moved(self._as_it_is)

    @cached_property
    def _plain(self) -> dict[str, Float32Array]:
        return self._model.plain_parts(self.history.whole())

    @cached_property
    def _users(self) -> dict[str, Float32Array]:
        """The user in each part that reads content, float32 [D]."""
        batch, parts = self.history.whole(), self._model.parts
        return {
            name: np.asarray(parts[name].user_vectors(batch))[0] for name in (TEXT, GRAPH, SEQUENCE) if name in parts
        }

    @cached_property
    def _linking(self) -> tuple[npt.NDArray[np.int32], Float32Array, Int64Array, Int64Array]:
        """Of the values that are columns of the graph: the relation's place, its weight, its column, which of ``values``."""
        data = self.recommender.dataset
        keys = relation_keys(data)
        places, numbers = value_columns(data)
        found = {pair: column for column, pair in enumerate(zip(places.tolist(), numbers.tolist(), strict=True))}
        links = []
        for place, one in enumerate(self.values):
            group = "attribute" if one.name in data.attributes else "fact"
            number = self._named[one.name].vocabulary.number(one.value)
            column = found.get((keys.index(f"{group}.{one.name}"), number))
            if column is not None:
                links.append((column, place))
        linked = np.array(links, dtype=np.int64).reshape(-1, 2)
        return places[linked[:, 0]], value_weights(data)[linked[:, 0]], linked[:, 0], linked[:, 1]

    def _axes(self, has: BoolArray) -> Float32Array | None:
        """Where the item lies on the graph's axes, float32 [B, D], of any length; None where that cannot be told."""
        return self._axes_of(has) if self._graph_is_same else None

    def _axes_of(self, has: BoolArray) -> Float32Array | None:
        part = self._model.parts.get(GRAPH)
        if not isinstance(part, GraphPart) or not part.entities.size:
            return None
        places, weights, linked, which = self._linking
        rows = value_rows(has[:, which], places, weights, part.relations if part.relations.size else None)
        axes: Float32Array = rows @ part.entities[linked]
        return axes

    @cached_property
    def _graph_is_same(self) -> bool:
        axes, part = self._axes_of(self._as_it_is), self._model.parts.get(GRAPH)
        return (
            axes is not None and isinstance(part, GraphPart) and _alike(of_length_one(axes)[0], part.vectors[self.item])
        )

    def _text(self, has: BoolArray) -> Float32Array | None:
        """The item's text vectors, float32 [B, D]; None where its text cannot be read again."""
        if not self._text_is_same:
            return None
        return np.stack([self._read(frozenset(np.flatnonzero(row).tolist())) for row in has])

    @cached_property
    def _text_is_same(self) -> bool:
        part = self._model.parts.get(TEXT)
        if self.read is None or not isinstance(part, ContentPart):
            return False
        return _alike(self._read(frozenset(range(self.n_own))), part.vectors[self.item])

    def _read(self, has: frozenset[int]) -> Float32Array:
        """The text of the item with some of ``values``; each distinct text is read once."""
        written = frozenset(place for place in has if self.values[place].name in self._row)
        if written not in self._texts and self.read is not None:
            cells = {
                name: _cell(cell, name, {self.values[place] for place in written}, self._written)
                for name, cell in self._row.items()
                if name not in (columns.TITLE, columns.DESCRIPTION)
            }
            title = self._row.get(columns.TITLE, "")
            title = "" if title == self.recommender.dataset.items.id(self.item) else title
            self._texts[written] = self.read(title, self._row.get(columns.DESCRIPTION, ""), cells)
        return self._texts[written]

    @cached_property
    def _row(self) -> dict[str, str]:
        """The item's row of the item table, without its id."""
        row = self.recommender.items.iloc[self.item - 1]
        return {str(n): str(cell) for n, cell in row.items() if n not in (columns.ITEM_ID, columns.ROW)}

    @cached_property
    def _written(self) -> frozenset[ItemValue]:
        return frozenset(self.values)

    @cached_property
    def _as_it_is(self) -> BoolArray:
        return (np.arange(len(self.values)) < self.n_own)[None, :]

    @cached_property
    def _fused(self) -> Float32Array | None:
        """What the sequence part has of the item's content, float32 [1, C]; None where it reads none."""
        items = getattr(getattr(self._model.parts.get(SEQUENCE), "encoder", None), "items", None)
        if items is None or items.adapter is None:
            return None
        found: Float32Array = items.content[self.item].cpu().numpy()[None, :]
        return found

    @cached_property
    def _vector(self) -> Float32Array:
        """The item's vector and bias in the sequence part, float32 [D + 1]."""
        vector: Float32Array = np.asarray(self._model.parts[SEQUENCE].item_vectors())[self.item]
        return vector

    def _content(self, text: Float32Array | None, axes: Float32Array | None) -> Float32Array | None:
        """What the sequence part would have of the content, float32 [B, C]; None where that cannot be made as it was."""
        if self._fused is None or not self._content_is_same:
            return None
        return self._content_of(text, axes)

    def _content_of(self, text: Float32Array | None, axes: Float32Array | None) -> Float32Array | None:
        known, modes = self._model.parts.get(TEXT), self._model.parts.get(MODES)
        n = len(text) if text is not None else 0 if axes is None else len(axes)
        if text is None and isinstance(known, ContentPart):
            text = np.repeat(known.vectors[[self.item]], n, axis=0)
        seen = np.repeat(modes.vectors[[self.item]], n, axis=0) if isinstance(modes, ContentPart) else None
        return fused_content(self._model, text, axes, seen) if n else None

    @cached_property
    def _content_is_same(self) -> bool:
        again = self._content_of(self._text(self._as_it_is), self._axes(self._as_it_is))
        return again is not None and self._fused is not None and _alike(again[0], self._fused[0])


def ranks_of_item(scores: Float32Array, item: int) -> Int64Array:
    """Place of an item in each row of scores [B, N + 1], ties in order of item number; what is hidden is at minus infinity."""
    own = scores[:, [item]]
    found: Int64Array = 1 + (scores > own).sum(axis=1) + (scores[:, :item] == own).sum(axis=1)
    return found


def _alike(again: Float32Array, kept: Float32Array) -> bool:
    return again.shape == kept.shape and bool(
        np.linalg.norm(again - kept) <= _SAME * max(float(np.linalg.norm(kept)), 1)
    )


def _cell(cell: str, name: str, has: Iterable[ItemValue], known: frozenset[ItemValue]) -> str:
    """A cell of the item table without the values that are gone, and with those that have come; what is no value stays."""
    has = set(has)
    written = [value.strip() for value in cell.split(columns.VALUE_SEPARATOR)]
    kept = [v for v in written if ItemValue(name, v) in has or ItemValue(name, v) not in known]
    more = sorted(one.value for one in has if one.name == name and one.value not in written)
    return columns.VALUE_SEPARATOR.join([*kept, *more])
