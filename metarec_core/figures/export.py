"""Tables as files that a spreadsheet opens rightly: known as UTF-8, and no cell that it would run as a formula."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable

import pandas as pd

from metarec_core.recommend.export import write_csv


def csv_bytes(frames: Iterable[pd.DataFrame]) -> bytes:
    """Frames with the same columns as one CSV file with a byte order mark, formulas escaped, numbers as they are."""
    file = io.BytesIO(codecs.BOM_UTF8)
    file.seek(0, io.SEEK_END)
    write_csv(frames, file)
    return file.getvalue()
