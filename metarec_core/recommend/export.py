"""Lists for other programs: written as they come, so that memory does not grow with the number of users."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, BinaryIO, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First characters after which a spreadsheet takes a cell for a formula; the last four are full-width."""


def escape_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy with an apostrophe before every text cell and header that a spreadsheet would run; numbers stay numbers.

    Args:
        frame: Any frame; it is not changed.
    """
    columns = {
        name: column if pd.api.types.is_numeric_dtype(column) else column.map(_escaped)
        for name, column in frame.items()
    }
    return pd.DataFrame(columns, index=frame.index).rename(columns=_escaped)


def write_csv(frames: Iterable[pd.DataFrame], file: BinaryIO) -> None:
    """Write frames with the same columns as one UTF-8 CSV file, formulas escaped."""
    for number, frame in enumerate(frames):
        text = escape_formulas(frame).to_csv(index=False, header=number == 0, lineterminator="\n")
        file.write(text.encode())


def write_json(frames: Iterable[pd.DataFrame], file: BinaryIO) -> None:
    """Write frames as one UTF-8 JSON list with an object a row, a line each."""
    separator = "[\n"
    for frame in frames:
        for row in frame.to_dict("records"):
            file.write((separator + json.dumps(row, ensure_ascii=False)).encode())
            separator = ",\n"
    file.write(b"\n]\n" if separator == ",\n" else b"[]\n")


def write_parquet(frames: Iterable[pd.DataFrame], file: BinaryIO) -> None:
    """Write frames with the same columns as one Parquet file, a row group each."""
    writer: pq.ParquetWriter | None = None
    for frame in frames:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        writer = writer or pq.ParquetWriter(file, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _escaped(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
