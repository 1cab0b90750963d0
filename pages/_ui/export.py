"""Downloads. The framework's own table export is switched off, because it leaves formulas in cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

import streamlit as st

from metarec_core import access, audit
from metarec_core.figures.export import csv_bytes
from metarec_core.language import ENGLISH, speaking
from pages._ui import session


def csv_button(
    label: str,
    frames: Callable[[], Iterable[Any]],
    file_name: str,
    *,
    help: str | None = None,
    type: Literal["secondary", "tertiary"] = "secondary",
    key: str | None = None,
) -> None:
    """A button that makes a CSV file when it is pressed, from frames with the same columns."""
    st.download_button(
        label,
        told(lambda: csv_bytes(frames()), file_name),
        file_name,
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        help=help,
        type=type,
        key=key,
    )


def told(make: Callable[[], bytes], file_name: str) -> Callable[[], bytes]:
    """Makes a file in English and in the name of who is here now, and tells the audit log: it is made later, outside of the
    session."""
    person, store = access.who(), session.workspace()

    def made() -> bytes:
        with access.acting(person), speaking(ENGLISH):
            content = make()
            audit.write(store, "download", file=file_name)
            return content

    return made


def file_button(label: str, make: Callable[[], bytes], file_name: str, mime: str) -> None:
    """A button that makes a file when it is pressed."""
    st.download_button(label, told(make, file_name), file_name, mime, icon=":material/download:", on_click="ignore")
