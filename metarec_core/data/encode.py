"""Tables into numbers: the last place with an analyst's ids until ``recommend``."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from metarec_core.data import columns
from metarec_core.data.dataset import Attribute, Dataset, Float32Array, Int32Array, Int64Array, Interactions
from metarec_core.data.tables import Tables, as_texts
from metarec_core.data.traits import traits
from metarec_core.data.vocabulary import Vocabulary

MICROSECONDS = 1_000_000


def encode(
    tables: Tables, *, ties_are_sets: bool = False, repeats: bool = False, user_attributes: bool = False
) -> Dataset:
    """Flat arrays of everything a model may learn from.

    Users are numbered in the order in which the file first has them, items in the order of the item table. Events are
    sorted by user, time (to the microsecond) and source line.

    Args:
        tables: What to encode.
        ties_are_sets: Take a user's events of the same second (or place, where times are only an order) for a set.
        repeats: Whether a user may get an item again.
        user_attributes: Take attributes of users for context of their requests. Users that only the user table has, who can be
            served by them, then follow those with events.
    """
    events = tables.events
    user_ids, user_numbers = _encode_texts(events[columns.USER_ID])
    items = Vocabulary("item", tables.items[columns.ITEM_ID].tolist())
    item_numbers = pc.index_in(as_texts(events[columns.ITEM_ID]), value_set=as_texts(tables.items[columns.ITEM_ID]))
    times = _times(events[columns.TIME])
    order = np.lexsort((events[columns.ROW].to_numpy(), times, user_numbers))

    if user_attributes and tables.users is not None:
        known = set(user_ids)
        user_ids += [user for user in tables.users[columns.USER_ID].tolist() if user not in known]
    users = Vocabulary("user", user_ids)
    said = {} if tables.users is None else _user_attributes(tables, users)
    trait_vocabularies, user_traits = traits(said if user_attributes else {}, tables.context_names)
    lengths = np.bincount(user_numbers, minlength=len(users) + 1)
    contexts = {name: _encode_texts(events[columns.CONTEXT_PREFIX + name], missing="") for name in tables.context_names}
    return Dataset(
        users=users,
        items=items,
        events=Interactions(
            offsets=_offsets(lengths),
            item_numbers=(item_numbers.to_numpy()[order] + 1).astype(np.int32),
            times=times[order] // MICROSECONDS if tables.has_clock_times else times[order],
            n_items=len(items),
            ties_are_sets=ties_are_sets,
        ),
        has_clock_times=tables.has_clock_times,
        ratings=_numbers(events, columns.RATING, order, missing=np.nan),
        weights=_numbers(events, columns.WEIGHT, order, missing=1.0),
        contexts=_columns([numbers[order] for _, numbers in contexts.values()], len(events)),
        context_vocabularies=tuple(Vocabulary(name, values) for name, (values, _) in contexts.items()),
        attributes={
            name: _attribute(name, tables.items[name], tables.items[columns.ROW]) for name in tables.attribute_names
        },
        facts={} if tables.facts is None else _facts(tables.facts, tables.items[columns.ITEM_ID]),
        event_rows=events[columns.ROW].to_numpy(dtype=np.int64)[order],
        repeats=repeats,
        user_attributes=said,
        traits=user_traits,
        trait_vocabularies=trait_vocabularies,
        vectors={mode: _below_padding(numbers) for mode, numbers in tables.vectors.items()},
    )


def _times(values: pd.Series) -> Int64Array:
    if pd.api.types.is_datetime64_any_dtype(values):
        values = values.dt.as_unit("us").astype("int64")
    return values.to_numpy(dtype=np.int64)


def _encode_texts(texts: pd.Series, missing: str | None = None) -> tuple[list[str], Int32Array]:
    """Distinct texts in order of appearance, and each row's number, int32 [n], from 1; 0 where the text is ``missing``."""
    column = as_texts(texts)
    distinct = pc.unique(column)
    if missing is not None:
        distinct = distinct.filter(pc.not_equal(distinct, missing))
    numbers = pc.index_in(column, value_set=distinct).fill_null(-1).to_numpy()
    return distinct.to_pylist(), (numbers + 1).astype(np.int32)


def _numbers(events: pd.DataFrame, column: str, order: Int64Array, missing: float) -> Float32Array | None:
    if column not in events:
        return None
    numbers = events[column].to_numpy(dtype=np.float64)[order]
    return np.where(np.isnan(numbers), missing, numbers).astype(np.float32)


def _columns(arrays: list[Int32Array], n_rows: int) -> Int32Array:
    return np.stack(arrays, axis=1) if arrays else np.zeros((n_rows, 0), dtype=np.int32)


def _attribute(name: str, texts: pd.Series, rows: pd.Series) -> Attribute:
    """``drama|war`` as two values of an item; a value that an item has twice counts once."""
    lists = pc.split_pattern(as_texts(texts).combine_chunks(), columns.VALUE_SEPARATOR)
    values, numbers = _encode_texts(pc.utf8_trim_whitespace(lists.flatten()).to_pandas(), missing="")
    pairs = pd.DataFrame({"item": pc.list_parent_indices(lists).to_numpy(), "value": numbers})
    pairs = pairs[pairs["value"] > 0].drop_duplicates()
    owners = pairs["item"].to_numpy()
    return Attribute(
        Vocabulary(name, values),
        _offsets(np.bincount(owners + 1, minlength=len(texts) + 1)),
        pairs["value"].to_numpy(dtype=np.int32),
        rows.to_numpy(dtype=np.int64)[owners],
    )


def _user_attributes(tables: Tables, users: Vocabulary) -> dict[str, Attribute]:
    """The user table's columns, its rows in the order of user numbers."""
    assert tables.users is not None  # noqa: S101  for the type checker
    listed = tables.users.set_index(columns.USER_ID).reindex(list(users.ids))
    rows = listed[columns.ROW].fillna(0)
    return {name: _attribute(name, listed[name].fillna(""), rows) for name in tables.user_attribute_names}


def _below_padding(numbers: Float32Array) -> Float32Array:
    """Item vectors with a row of zeros, the padding item's, on top: float32 [n_items + 1, D]."""
    return np.concatenate([np.zeros((1, numbers.shape[1]), dtype=np.float32), numbers])


def _facts(facts: pd.DataFrame, item_ids: pd.Series) -> dict[str, Attribute]:
    """One attribute a relation, in order of appearance; facts about things that are not in the catalogue are left out."""
    places = pc.index_in(as_texts(facts[columns.ITEM_ID]), value_set=as_texts(item_ids))
    known = facts.assign(place=places.fill_null(-1).to_numpy()).query("place >= 0")
    encoded = {}
    for relation, rows in known.groupby(columns.RELATION, sort=False):
        entities, numbers = _encode_texts(rows[columns.ENTITY])
        items = rows["place"].to_numpy() + 1
        order = np.argsort(items, kind="stable")
        encoded[str(relation)] = Attribute(
            Vocabulary(str(relation), entities),
            _offsets(np.bincount(items, minlength=len(item_ids) + 1)),
            numbers[order],
            rows[columns.ROW].to_numpy(dtype=np.int64)[order],
        )
    return encoded


def _offsets(lengths: Int64Array) -> Int64Array:
    """Where each group begins and the last one ends, int64 [n_groups + 1]."""
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
