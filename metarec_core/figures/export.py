"""Tables as files that a spreadsheet opens rightly: known as UTF-8, and no cell that it would run as a formula."""

from __future__ import annotations

import codecs
import io
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final

import pandas as pd

from metarec_core.recommend.export import write_csv, write_parquet
from metarec_core.recommend.selection import Selection

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


def lists_command(store: Path, run_id: str, k: int, selection: Selection, kind: str) -> str:
    """The command line that writes the same lists of all users, for a shell on the server."""
    words = ["--store", str(store), "--run", run_id, "--all", "-k", str(k)]
    for name, values in selection.values.items():
        words += [word for value in values for word in ("--filter", f"{name}={value}")]
    for name, (low, high) in selection.ranges.items():
        words += ["--between", f"{name}={low!r}:{high!r}"]
    words += ["--seen"] if selection.seen else []
    words += ["--only-new"] if selection.only_new else []
    words += ["--variety", f"{selection.diversity:g}"] if selection.diversity else []
    words += ["--format", kind, "--output", f"metarec-{run_id}-all-users.{kind}"]
    return f"python -m metarec_core recommend {shlex.join(words)}"
