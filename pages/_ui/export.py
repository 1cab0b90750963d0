"""Downloads. The framework's own table export is switched off, because it leaves formulas in cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from metarec_core.figures.export import csv_bytes


def csv_button(label: str, frames: Callable[[], Iterable[Any]], file_name: str, *, help: str | None = None) -> None:
    """A button that makes a CSV file when it is pressed, from frames with the same columns."""
    st.download_button(
        label,
        lambda: csv_bytes(frames()),
        file_name,
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        help=help,
    )


def file_button(label: str, make: Callable[[], bytes], file_name: str, mime: str) -> None:
    """A button that makes a file when it is pressed."""
    st.download_button(label, make, file_name, mime, icon=":material/download:", on_click="ignore")
