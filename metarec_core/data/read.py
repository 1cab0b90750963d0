"""A table in whatever format into columns of text, each row with its line in the file."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pacsv

from metarec_core.data import formats
from metarec_core.data.columns import TableName, distinct, match_columns
from metarec_core.data.decode import Source, decode, read_bytes, source_name
from metarec_core.errors import DataError

SEPARATORS = (",", "\t", ";", "|")
AFFECTED_ROWS = 1_000
"""Most rows kept as examples of one rule."""

MISSING_TEXTS = ("", "nan", "NaN", "NAN", "null", "NULL", "None", "N/A", "#N/A", "<NA>", "NaT", "\\N")
"""Cells that stand for no value, besides those that hold only spaces."""

_BLOCK_BYTES = 1 << 24
_SNIFFED_BYTES, _SNIFFED_ROWS = 1 << 16, 50
_PREVIEWED_BYTES = 1 << 20


@dataclass(frozen=True)
class RawTable:
    """A file as it is: every cell a text.

    Attributes:
        name: The file's name.
        encoding: The encoding the file was in; for files that are no text their format: Parquet, Excel, JSON.
        separator: What stands between its cells.
        cells: Columns of text under the file's (distinct) names.
        lines: int64 [n_rows], line of the file at which each row begins; the header is line 1. A quoted cell may hold
            line ends, so the next row's line can be more than one further. Blank lines count as lines, not as rows.
        n_ragged: Rows left out because they have more or fewer cells than the header.
        ragged: The first of those: line and text.
        unbalanced: Lines in which a quotation mark was removed, because it was never closed.
    """

    name: str
    encoding: str
    separator: str
    cells: pa.Table
    lines: npt.NDArray[np.int64]
    n_ragged: int = 0
    ragged: tuple[tuple[int, str], ...] = ()
    unbalanced: tuple[int, ...] = ()

    @property
    def n_rows(self) -> int:
        """Rows of the file, those left out included."""
        return len(self.lines) + self.n_ragged

    def texts(self, positions: npt.NDArray[np.int64]) -> list[str]:
        """Rows written out again as lines."""
        rows = zip(*(column.to_pylist() for column in self.cells.take(positions).columns), strict=True)
        return [_line(row, self.separator) for row in rows]


@dataclass(frozen=True)
class Preview:
    """The head of a file, for someone to check what was recognised.

    Attributes:
        name: The file's name.
        encoding: The encoding it is in.
        separator: What stands between its cells.
        columns: Its column names.
        rows: Its first rows, text.
        mapping: Guessed: column inside MetaRec → the file's column.
        ignored: Columns that nothing would use.
    """

    name: str
    encoding: str
    separator: str
    columns: tuple[str, ...]
    rows: pd.DataFrame
    mapping: Mapping[str, str]
    ignored: tuple[str, ...]


def preview(source: Source, table: TableName = "events", n_rows: int = 20) -> Preview:
    """The head of a file and what its columns seem to be.

    Raises:
        DataError: The file is not a text table.
    """
    name = source_name(source)
    raw = _read(read_bytes(source), name, _PREVIEWED_BYTES)
    match = match_columns(raw.cells.column_names, table)
    rows = raw.cells.slice(0, n_rows).to_pandas()
    return Preview(name, raw.encoding, raw.separator, tuple(raw.cells.column_names), rows, match.used, match.ignored)


def read_raw(source: Source) -> RawTable:
    """A whole file.

    Raises:
        DataError: The file is missing, not a text table, has no rows, or none of its rows fits the header.
    """
    name = source_name(source)
    raw = _read(read_bytes(source), name)
    if raw.n_rows == 0:
        raise DataError(f"{name} has a header and no rows: export it again, with its data.")
    if len(raw.lines) == 0:
        line, row = raw.ragged[0]
        raise DataError(
            f"No row of {name} fits its header of {raw.cells.num_columns} columns; the first, on line {line}, reads "
            f"{row[:80]!r}: check that the file has a header line and one separator throughout."
        )
    return raw


def is_missing(texts: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Which cells (without spaces around them) hold no value, bool [n]."""
    return np.asarray(pc.is_in(texts, value_set=pa.array(MISSING_TEXTS)))


def _read(content: bytes, name: str, most: int | None = None) -> RawTable:
    """A file in whatever format it is; of a text only the lines within its first ``most`` bytes, and one at least."""
    if formats.is_parquet(content):
        return _from_typed(formats.read_parquet(content, name), name, "Parquet")
    if formats.is_sheet(content):
        return _from_typed(formats.read_sheet(content, name), name, "Excel")
    text, encoding = decode(content, name)
    head = text[:most]
    if len(head) < len(text):
        text = head[: head.rfind(b"\n") + 1] or head
    if formats.is_json(text):
        return _from_typed(formats.read_json(text, name), name, "JSON")
    return replace(_parse(text, name), encoding=encoding)


def _from_typed(typed: formats.Typed, name: str, format_: str) -> RawTable:
    ragged = tuple(typed.unreadable[:AFFECTED_ROWS])
    return RawTable(name, format_, ",", typed.cells, typed.lines, len(typed.unreadable), ragged)


def _parse(text: bytes, name: str) -> RawTable:
    if not text.endswith(b"\n"):
        text += b"\n"
    separator, columns, blank_lines = _header(text)
    text = text[_start(text) :]
    parsed = _parse_cells(text, separator, columns)
    unbalanced: tuple[int, ...] = ()
    if parsed is None or _swallows_rows(parsed[0], separator):
        mended_text, odd_lines = _without_unbalanced_quotes(text)
        mended = _parse_cells(mended_text, separator, columns)
        # where more rows fit badly than before, what looked like swallowed rows were paragraphs of a description
        if mended is not None and (parsed is None or len(mended[1]) <= len(parsed[1])):
            parsed, text, unbalanced = mended, mended_text, odd_lines
    if parsed is None:
        raise DataError(f"{name} has a cell of more than {_BLOCK_BYTES / 2**20:.0f} MiB: export it again as CSV.")
    cells, invalid = parsed

    lines = _lines(text, cells, invalid) + blank_lines
    positions = [number - 1 for number, _ in invalid]
    ragged = tuple((int(lines[p]), row) for p, (_, row) in zip(positions, invalid[:AFFECTED_ROWS], strict=False))
    lines = np.delete(lines, positions)[1:]
    filled = _filled(cells)
    if not filled.all():
        cells, lines = cells.filter(pa.array(filled)), lines[filled]
    return RawTable(
        name=name,
        encoding="utf-8",
        separator=separator,
        cells=cells,
        lines=lines,
        n_ragged=len(invalid),
        ragged=ragged,
        unbalanced=tuple(line + blank_lines for line in unbalanced),
    )


def _start(text: bytes) -> int:
    return len(text) - len(text.lstrip(b"\r\n"))


def _header(text: bytes) -> tuple[str, list[str], int]:
    """The separator, distinct column names, and the number of blank lines above the header.

    The separator is the one that cuts the most of the first rows into as many cells as the header, more than one.
    """
    start = _start(text)
    head = text[start : start + _SNIFFED_BYTES].decode(errors="ignore")
    best: tuple[float, int, str, list[str]] = (-1.0, 0, "", [])
    for separator in SEPARATORS:
        reader = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
        rows = [row for row in itertools.islice(reader, _SNIFFED_ROWS) if row]
        width = len(rows[0])
        agreeing = sum(len(row) == width for row in rows) / len(rows) if width > 1 else 0.0
        if (agreeing, width) > best[:2]:
            best = (agreeing, width, separator, rows[0])
    _, _, separator, names = best
    return separator, distinct(names), text[:start].count(b"\n")


def _parse_cells(text: bytes, separator: str, columns: list[str]) -> tuple[pa.Table, list[tuple[int, str]]] | None:
    """Cells, and the rows that do not fit the header: their position in the file (header is 1) and text.

    None where a cell is too large to be one: its quotation mark is never closed.
    """
    invalid: list[tuple[int, str]] = []

    def note(row: Any) -> str:
        invalid.append((row.number, row.text))
        return "skip"

    for in_order in (False, True):  # pyarrow numbers rows only when it reads them one after another, which is slower
        try:
            cells = pacsv.read_csv(
                pa.BufferReader(text),
                pacsv.ReadOptions(
                    column_names=columns, skip_rows_after_names=1, block_size=_BLOCK_BYTES, use_threads=not in_order
                ),
                pacsv.ParseOptions(
                    delimiter=separator,
                    newlines_in_values=True,
                    ignore_empty_lines=False,
                    invalid_row_handler=note if in_order else None,
                ),
                pacsv.ConvertOptions(column_types=dict.fromkeys(columns, pa.string()), check_utf8=False),
            )
        except pa.ArrowInvalid:
            continue
        return cells, invalid
    return None


def _swallows_rows(cells: pa.Table, separator: str) -> bool:
    """Whether a cell seems to hold whole rows of the table, as it does when its closing quotation mark is missing."""
    for column in cells.columns:
        for cell in pc.unique(column.filter(pc.match_substring(column, "\n"))).to_pylist():
            inner = cell.split("\n")[1:-1]
            if inner and all(line.count(separator) == cells.num_columns - 1 for line in inner):
                return True
    return False


def _without_unbalanced_quotes(text: bytes) -> tuple[bytes, tuple[int, ...]]:
    """The text without the quotation marks of lines that have an odd number of them, and the numbers of those lines."""
    lines = text.split(b"\n")
    unbalanced = tuple(number for number, line in enumerate(lines, start=1) if line.count(b'"') % 2)
    for number in unbalanced:
        lines[number - 1] = lines[number - 1].replace(b'"', b"")
    return b"\n".join(lines), unbalanced


def _lines(text: bytes, cells: pa.Table, invalid: list[tuple[int, str]]) -> npt.NDArray[np.int64]:
    """The line at which each record begins, int64 [1 + rows + invalid rows], the header's first."""
    n_records = 1 + cells.num_rows + len(invalid)
    numbers = np.arange(1, n_records + 1, dtype=np.int64)
    if text.count(b"\n") <= n_records:
        return numbers
    invalid_positions = [number - 1 for number, _ in invalid]
    inside = np.zeros(n_records, dtype=np.int64)
    inside[invalid_positions] = [row.count("\n") for _, row in invalid]
    inside[0] = sum(name.count("\n") for name in cells.column_names)
    read = np.delete(np.arange(n_records), invalid_positions)[1:]
    for column in cells.columns:
        inside[read] += pc.count_substring(column, "\n").to_numpy()
    numbers += np.cumsum(inside) - inside
    return numbers


def _filled(cells: pa.Table) -> npt.NDArray[np.bool_]:
    """False for blank lines, which are read as rows of empty cells; bool [n_rows]."""
    blank = np.ones(cells.num_rows, dtype=np.bool_)
    for column in cells.columns:
        blank &= pc.equal(column, "").to_numpy()
        if not blank.any():
            break
    return ~blank


def _line(row: Iterable[str], separator: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="").writerow(row)
    return text.getvalue()
