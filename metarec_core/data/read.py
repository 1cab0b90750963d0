"""A table in whatever format into columns of text, each row with its line in the file."""

from __future__ import annotations

import csv
import io
import itertools
import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pacsv

from metarec_core.data import formats
from metarec_core.data.columns import distinct
from metarec_core.data.decode import Source, decode, read_bytes, source_name
from metarec_core.errors import DataError
from metarec_core.language import say
from metarec_core.limits import require_file, require_rows

SEPARATORS = (",", "\t", ";", "|")

MISSING_TEXTS = ("", "nan", "NaN", "NAN", "null", "NULL", "None", "N/A", "#N/A", "<NA>", "NaT", "\\N")
"""Cells that stand for no value, besides those that hold only spaces."""

MAX_COLUMNS = 20_000

_BLOCK_BYTES = 1 << 24
_SNIFFED_BYTES, _SNIFFED_ROWS = 1 << 16, 50
_PREVIEWED_BYTES = 1 << 20
_REPLACED = "\ufffd".encode()
_RARE = "\x1f"  # the character that was made to stand between units; no keyboard has it


@dataclass(frozen=True)
class RawTable:
    """A file as it is: every cell a text.

    Attributes:
        name: The file's name.
        encoding: The encoding the file was in; for files that are no text their format: Parquet, Excel, JSON.
        separator: What stands between its cells; empty where the format has no separator.
        cells: Columns of text under the file's (distinct) names.
        lines: int64 [n_rows], line of the file at which each row begins; the header is line 1. A quoted cell may hold
            line ends, so the next row's line can be more than one further. Blank lines count as lines, not as rows.
        n_ragged: Rows left out because they have more or fewer cells than the header.
        ragged: Those: line and text.
        unbalanced: Lines in which a quotation mark was removed, because it was never closed.
        undecodable: Lines with bytes that are no character of the encoding; each became ``�``.
    """

    name: str
    encoding: str
    separator: str
    cells: pa.Table
    lines: npt.NDArray[np.int64]
    n_ragged: int = 0
    ragged: tuple[tuple[int, str], ...] = ()
    unbalanced: tuple[int, ...] = ()
    undecodable: tuple[int, ...] = ()

    @property
    def n_rows(self) -> int:
        """Rows of the file, those left out included."""
        return len(self.lines) + self.n_ragged

    def texts(self, positions: npt.NDArray[np.int64]) -> pa.ChunkedArray:
        """Rows written out again as lines, large_string [n]: cells in quotation marks where they need them."""
        separator = self.separator or ","
        needy = f'["\\r\\n{separator}]'
        mark, nothing = pa.scalar('"', pa.large_string()), pa.scalar("", pa.large_string())
        cells = []
        for column in self.cells.take(positions).columns:
            texts = column.cast(pa.large_string())
            quoted = pc.binary_join_element_wise(mark, pc.replace_substring(texts, '"', '""'), mark, nothing)
            cells.append(pc.if_else(pc.match_substring_regex(texts, needy), quoted, texts))
        return pc.binary_join_element_wise(*cells, pa.scalar(separator, pa.large_string()))


@dataclass(frozen=True)
class Reading:
    """How a text file is to be read where someone knows better than what is found.

    Attributes:
        encoding: One of ``decode.ENCODINGS``.
        separator: What stands between cells.
        header: Column names of a file that has no header line.
        quotes: Whether quotation marks hold a cell together; in some exports they are plain text.
    """

    encoding: str | None = None
    separator: str | None = None
    header: tuple[str, ...] = ()
    quotes: bool = True


AS_FOUND = Reading()


def read_head(source: Source | RawTable, reading: Reading = AS_FOUND) -> RawTable:
    """The first rows of a file.

    Raises:
        DataError: The file is missing or no table.
    """
    if isinstance(source, RawTable):
        return source
    return _read(read_bytes(source), source_name(source), reading, _PREVIEWED_BYTES)


def read_raw(source: Source | RawTable, reading: Reading = AS_FOUND) -> RawTable:
    """A whole file; a table that was read already is given back.

    Raises:
        DataError: The file is missing, not a table, has no rows, or none of its rows fits the header.
    """
    if isinstance(source, RawTable):
        return source
    name = source_name(source)
    require_file(source, name)
    raw = _read(read_bytes(source), name, reading)
    require_rows(raw.n_rows, name)
    require_some_rows(raw)
    if len(raw.lines) == 0:
        line, row = raw.ragged[0]
        raise DataError(
            say(
                "No row of {name} fits its header of {num_columns} columns; the first, on line {line}, reads "
                "{row!r}: check that the file has a header line and one separator throughout.",
                name=name,
                num_columns=raw.cells.num_columns,
                line=line,
                row=row[:80],
            )
        )
    return raw


def require_some_rows(raw: RawTable) -> None:
    """Refuse a table that is a header and nothing else.

    Raises:
        DataError: It is.
    """
    if raw.n_rows == 0:
        raise DataError(say("{name} has a header but no rows: export it again with its data.", name=raw.name))


def is_missing(texts: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Which cells (without spaces around them) hold no value, bool [n]."""
    return np.asarray(pc.is_in(texts, value_set=pa.array(MISSING_TEXTS)))


def _read(content: bytes, name: str, reading: Reading, most: int | None = None) -> RawTable:
    """A file in whatever format it is; of a text only the lines within its first ``most`` bytes, and one at least."""
    if formats.is_parquet(content):
        return _from_typed(formats.read_parquet(content, name), name, "Parquet")
    if formats.is_sheet(content):
        return _from_typed(formats.read_sheet(content, name), name, "Excel")
    text, encoding = decode(content, name, reading.encoding)
    head = text[:most]
    if len(head) < len(text):
        text = head[: head.rfind(b"\n") + 1] or head
    if formats.is_json(text) and not reading.separator:
        return _from_typed(formats.read_json(text, name), name, "JSON")
    raw = _parse(text, name, reading)
    mended = text.count(_REPLACED) - content.count(_REPLACED) if encoding == "utf-8" else 0
    return replace(raw, encoding=encoding, undecodable=_lines_with(raw, "\ufffd") if mended else ())


def _check_width(n_columns: int, name: str) -> None:
    if n_columns > MAX_COLUMNS:
        raise DataError(
            say(
                "{name} has more than {max_columns:,} columns: provide a table with one row per event or item.",
                name=name,
                max_columns=MAX_COLUMNS,
            )
        )


def _lines_with(raw: RawTable, mark: str) -> tuple[int, ...]:
    found = np.zeros(len(raw.lines), dtype=np.bool_)
    for column in raw.cells.columns:
        found |= pc.match_substring(column, mark).to_numpy()
    return tuple(raw.lines[found].tolist())


def _from_typed(typed: formats.Typed, name: str, format_: str) -> RawTable:
    _check_width(typed.cells.num_columns, name)
    ragged = tuple(typed.unreadable)
    return RawTable(name, format_, "", typed.cells, typed.lines, len(typed.unreadable), ragged)


def _parse(text: bytes, name: str, reading: Reading) -> RawTable:
    if not text.endswith(b"\n"):
        text += b"\n"
    separator = reading.separator
    if separator and len(separator) > 1:  # such as "::"; pyarrow knows separators of one character
        text, separator = text.replace(_RARE.encode(), b" ").replace(separator.encode(), _RARE.encode()), _RARE
    if reading.header:
        line = io.StringIO()
        csv.writer(line, delimiter=separator or ",", lineterminator="\n").writerow(reading.header)
        text = line.getvalue().encode() + text
    separator, columns, blank_lines = _header(text, name, separator)
    _check_width(len(columns), name)
    blank_lines -= bool(reading.header)
    text = text[_start(text) :]
    parsed = _parse_cells(text, separator, columns, reading.quotes)
    unbalanced: tuple[int, ...] = ()
    if reading.quotes and (parsed is None or _swallows_rows(parsed[0], separator)):
        mended_text, odd_lines = _without_unbalanced_quotes(text)
        mended = _parse_cells(mended_text, separator, columns, True)
        # where more rows fit badly than before, what looked like swallowed rows were paragraphs of a description
        if mended is not None and (parsed is None or len(mended[1]) <= len(parsed[1])):
            parsed, text, unbalanced = mended, mended_text, odd_lines
    if parsed is None:
        raise DataError(
            say(
                "{name} has a cell of more than {block_bytes:.0f} MiB: export it again as CSV.",
                name=name,
                block_bytes=_BLOCK_BYTES / 2**20,
            )
        )
    cells, invalid = parsed

    lines = _lines(text, cells, invalid) + blank_lines
    positions = [number - 1 for number, _ in invalid]
    ragged = tuple((int(lines[p]), row) for p, (_, row) in zip(positions, invalid, strict=True))
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
    blank = re.match(rb"[\r\n]*", text)
    return blank.end() if blank else 0


def _header(text: bytes, name: str, given: str | None = None) -> tuple[str, list[str], int]:
    """The separator, distinct column names, and the number of blank lines above the header.

    The separator is the one that cuts the most of the first rows into as many cells as the header, more than one.
    """
    start = _start(text)
    first_line_end = text.find(b"\n", start, start + _PREVIEWED_BYTES)
    head = text[start : max(start + _SNIFFED_BYTES, first_line_end)].decode(errors="ignore")
    best: tuple[float, int, str, list[str]] = (-1.0, 0, "", [])
    for separator in (given,) if given else SEPARATORS:
        reader = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
        try:
            rows = [row for row in itertools.islice(reader, _SNIFFED_ROWS) if row]
        except csv.Error:  # a cell of more than 128 KiB, which a header does not have
            continue
        if not rows:
            continue
        width = len(rows[0])
        agreeing = sum(len(row) == width for row in rows) / len(rows) if width > 1 else 0.0
        if (agreeing, width) > best[:2]:
            best = (agreeing, width, separator, rows[0])
    _, _, separator, names = best
    if not names:
        raise DataError(
            say(
                "{name} begins with a cell that is too large for a column name: provide a table with a header line.",
                name=name,
            )
        )
    return separator, distinct(names), text[:start].count(b"\n")


def _parse_cells(
    text: bytes, separator: str, columns: list[str], quotes: bool
) -> tuple[pa.Table, list[tuple[int, str]]] | None:
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
                    quote_char='"' if quotes else False,
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
