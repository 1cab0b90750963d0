"""Files that are no text table (Parquet, Excel, JSON) as columns of text, each row with its place in the file."""

from __future__ import annotations

import ast
import io
import json
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import json as pajson

from metarec_core.data.columns import distinct
from metarec_core.data.typed import as_cells
from metarec_core.errors import DataError
from metarec_core.language import say

MAX_CELLS_PER_BYTE = 200
"""A Parquet file that claims more cells than this for each of its bytes was made to fill memory."""

_JSON_BLOCK_BYTES = 1 << 26


@dataclass(frozen=True)
class Typed:
    """A file's cells as texts.

    Attributes:
        cells: Columns of text under the file's names.
        lines: int64 [n_rows], line (of JSON) or row (of a sheet or Parquet file, the header being 1) of each.
        unreadable: Lines that are no record: their number and text.
    """

    cells: pa.Table
    lines: npt.NDArray[np.int64]
    unreadable: list[tuple[int, str]] = field(default_factory=list)


def is_parquet(content: bytes) -> bool:
    return content.startswith(b"PAR1")


def is_sheet(content: bytes) -> bool:
    return content.startswith(b"PK")  # other zip files were opened when the file was read


def is_json(text: bytes) -> bool:
    """Whether a text begins like JSON objects, one a line or in a list."""
    return re.match(rb"\s*(\[\s*)?\{\s*[\"'}]", text[:4096]) is not None


def read_parquet(content: bytes, name: str) -> Typed:
    """A Parquet file.

    Raises:
        DataError: It is damaged or too large.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        n_cells = file.metadata.num_rows * file.metadata.num_columns
        if n_cells > MAX_CELLS_PER_BYTE * max(len(content), 1 << 20):
            raise DataError(
                say(
                    "{name} unpacks to {n_cells:,} cells, more than any table of its size: it was not opened.",
                    name=name,
                    n_cells=n_cells,
                )
            )
        table = file.read()
    except (OSError, pa.ArrowException, ValueError):
        raise DataError(say("{name} is a damaged Parquet file: export it again.", name=name)) from None
    return _typed(table)


def read_sheet(content: bytes, name: str) -> Typed:
    """The first sheet of an Excel workbook that has rows.

    Raises:
        DataError: It is damaged, no workbook, or has no rows.
    """
    import openpyxl  # only where there is a workbook to read: it takes a moment to load

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations, which do not matter here
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            for sheet in book.worksheets:
                rows = list(_sheet_rows(sheet))
                if rows:
                    return _from_rows(rows)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, zipfile.BadZipFile, SyntaxError):
        raise DataError(say("{name} is not a readable Excel workbook: save it again, or as CSV.", name=name)) from None
    raise DataError(say("{name} has no rows in any sheet: provide a table with a header line and rows.", name=name))


def read_json(text: bytes, name: str) -> Typed:
    """JSON objects, one a line, or all in one list. A line that is no object is left out and named.

    Raises:
        DataError: There is no object in it.
    """
    if text.lstrip().startswith(b"["):
        return _from_list(text, name)
    try:
        table = _read_json_lines(text)
        n_lines = text.count(b"\n") + (not text.endswith(b"\n"))
        if table.num_rows == n_lines:
            return Typed(_cells(table), np.arange(1, n_lines + 1, dtype=np.int64))
    except (pa.ArrowException, ValueError):
        pass  # a broken line, or a column of several types
    records, lines, unreadable = [], [], []
    for number, line in enumerate(text.split(b"\n"), start=1):
        if not line.strip():
            continue
        record = _record(line)
        if record is None:
            unreadable.append((number, line[:2_000].decode(errors="replace").strip()))
        else:
            records.append(record)
            lines.append(number)
    if not records:
        raise DataError(say("{name} looks like JSON, but no line is an object: write one object per line.", name=name))
    return Typed(_from_records(records), np.array(lines, dtype=np.int64), unreadable)


def _read_json_lines(text: bytes) -> pa.Table:
    read = pajson.ReadOptions(block_size=_JSON_BLOCK_BYTES)
    table = pajson.read_json(pa.BufferReader(text), read_options=read)
    moments = [f.name for f in table.schema if pa.types.is_timestamp(f.type)]
    if moments:  # texts that look like times are texts until someone says that they are times
        schema = pa.schema([(moment, pa.string()) for moment in moments])
        parse = pajson.ParseOptions(explicit_schema=schema)
        table = pajson.read_json(pa.BufferReader(text), read_options=read, parse_options=parse)
    return table


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        try:
            record = ast.literal_eval(line.decode().strip())  # a Python dictionary, as some exports write them
        except (ValueError, SyntaxError, RecursionError, MemoryError, UnicodeDecodeError):
            return None
    return record if isinstance(record, dict) else None


def _from_list(text: bytes, name: str) -> Typed:
    try:
        records = json.loads(text)
    except (ValueError, RecursionError):
        records = None
    if not isinstance(records, list) or not records or not all(isinstance(record, dict) for record in records):
        raise DataError(say("{name} looks like a JSON list, but not of objects: write one object per line.", name=name))
    return Typed(_from_records(records), np.arange(1, len(records) + 1, dtype=np.int64))


def _from_records(records: list[dict[str, Any]]) -> pa.Table:
    names = list(dict.fromkeys(key for record in records for key in record))
    return _table({key: [_text(record.get(key)) for record in records] for key in names})


def _text(value: Any) -> str:
    """One JSON value or sheet cell as the text that a CSV file would hold."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()  # a lone surrogate is no character
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, datetime):
        return str(value.date()) if (value.hour, value.minute, value.second) == (0, 0, 0) else value.isoformat(" ")
    if isinstance(value, list) and all(isinstance(part, str | int) for part in value):
        return "|".join(_text(part) for part in value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
    return str(value)


def _sheet_rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        texts = [_text(value) for value in row]
        if any(texts):
            yield number, texts


def _from_rows(rows: list[tuple[int, list[str]]]) -> Typed:
    (_, header), *body = rows
    width = max(len(row) for _, row in rows)
    while width > 1 and not any(row[width - 1 : width] not in ([], [""]) for _, row in rows):
        width -= 1  # cells that were once formatted
    names = distinct([*header, *[""] * (width - len(header))][:width])
    filled = [[*row, *[""] * (width - len(row))] for _, row in body]
    cells = _table({name: [row[place] for row in filled] for place, name in enumerate(names)})
    return Typed(cells, np.array([number for number, _ in body], dtype=np.int64))


def _typed(table: pa.Table) -> Typed:
    return Typed(_cells(table), np.arange(2, table.num_rows + 2, dtype=np.int64))


def _cells(table: pa.Table) -> pa.Table:
    return pa.Table.from_arrays([as_cells(column) for column in table.columns], names=distinct(table.column_names))


def _table(texts: dict[str, list[str]]) -> pa.Table:
    return pa.table({name: pa.chunked_array([column], type=pa.string()) for name, column in texts.items()})
