"""Tables as files for other programs: UTF-8 that a spreadsheet recognises, and no cell that it would run as a formula."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from metarec_core.recommend.export import escape_formulas


def csv_bytes(frames: Iterable[pd.DataFrame]) -> bytes:
    """Frames with the same columns as one CSV file, one after the other.

    Text that a spreadsheet would take for a formula is written with a leading apostrophe; numbers stay as they are.
    """
    parts = [
        escape_formulas(frame).to_csv(index=False, header=number == 0, lineterminator="\n")
        for number, frame in enumerate(frames)
    ]
    return "\ufeff".encode() + "".join(parts).encode()
