"""Columns that have a type (Parquet, JSON, spreadsheets) as the texts that a CSV file would hold."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from metarec_core.data import columns

_WHOLE = 2.0**53
"""Whole numbers below are exact as float64."""


def as_cells(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of any type as texts, missing values as empty ones.

    A whole number in a column of floats loses its point (``1.0`` is ``1``: an id that met a missing value on its way); a
    list of texts or whole numbers becomes ``a|b|c``, a list of floats (a vector) ``[0.5, 1]``; anything nested is JSON.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_null(kind):
        return pa.chunked_array([pa.repeat(pa.scalar("", pa.string()), len(column))], type=pa.string())
    if pa.types.is_floating(kind):
        texts = _floats(column)
    elif pa.types.is_timestamp(kind):
        texts = pc.cast(column.cast(pa.timestamp("us", kind.tz), safe=False), pa.string())
        texts = pc.replace_substring(texts, ".000000", "")
    elif pa.types.is_decimal(kind):
        texts = pc.replace_substring_regex(pc.cast(column, pa.string()), r"\.0+$", "")
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        texts = _lists(column)
    elif pa.types.is_nested(kind):
        texts = _json(column)
    else:
        try:
            texts = pc.cast(column, pa.string())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # bytes that are no text; intervals
            texts = pa.chunked_array([[None if v is None else str(v) for v in column.to_pylist()]], type=pa.string())
    return texts.cast(pa.string()).fill_null("")


def _floats(column: pa.ChunkedArray) -> pa.ChunkedArray:
    texts = pc.cast(column, pa.string())
    numbers = pc.cast(column, pa.float64())
    whole = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), _WHOLE)).fill_null(False)
    if not pc.any(whole).as_py():
        return texts
    return pc.if_else(whole, pc.cast(pc.cast(pc.if_else(whole, numbers, 0.0), pa.int64()), pa.string()), texts)


def _lists(column: pa.ChunkedArray) -> pa.ChunkedArray:
    inner = column.type.value_type
    if pa.types.is_nested(inner):
        return _json(column)
    texts = []
    for chunk in column.chunks:
        lists = chunk.cast(pa.large_list(inner))
        values = as_cells(pa.chunked_array([lists.values])).combine_chunks()
        if isinstance(values, pa.ChunkedArray):
            values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], pa.string())
        cells = pa.LargeListArray.from_arrays(lists.offsets, values)
        joined = pc.binary_join(cells, ", " if pa.types.is_floating(inner) else columns.VALUE_SEPARATOR)
        if pa.types.is_floating(inner):
            joined = pc.binary_join_element_wise("[", joined, "]", "")
        texts.append(pc.if_else(pc.is_valid(chunk), joined, None).cast(pa.string()))
    return pa.chunked_array(texts, type=pa.string())


def _json(column: pa.ChunkedArray) -> pa.ChunkedArray:
    texts = [None if v is None else _json_text(v) for v in column.to_pylist()]
    return pa.chunked_array([texts], type=pa.string())


def _json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
