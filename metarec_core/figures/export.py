"""Tables as files that a spreadsheet opens rightly: known as UTF-8, and no cell that it would run as a formula."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable
from typing import BinaryIO, Final

import pandas as pd

from metarec_core.recommend.export import write_csv, write_parquet

KINDS: Final = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
"""Formats of lists, with their media types."""


def csv_bytes(frames: Iterable[pd.DataFrame]) -> bytes:
    """Frames with the same columns as one CSV file with a byte order mark, formulas escaped, numbers as they are; names of rows
    are a column."""
    file = io.BytesIO(codecs.BOM_UTF8)
    file.seek(0, io.SEEK_END)
    write_csv((frame.reset_index() if frame.index.name else frame for frame in frames), file)
    return file.getvalue()


def write_lists(frames: Iterable[pd.DataFrame], file: BinaryIO, kind: str) -> None:
    """Write frames with the same columns to an open file as they come, as one of ``KINDS``; a CSV as ``csv_bytes`` has it."""
    if kind == "parquet":
        write_parquet(frames, file)
    else:
        file.write(codecs.BOM_UTF8)
        write_csv(frames, file)
