"""Tables of numbers for people: thousands apart, three digits after the point, no row numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st


def table(frame: Any, alt: str, *, height: int | None = None, help: Mapping[str, str] | None = None) -> None:
    """Show a frame.

    Args:
        frame: A display table; whole numbers are shown whole, others with three digits.
        alt: What it holds, in a sentence.
        height: Pixels; as high as its rows when not given.
        help: Tooltips of columns.
    """
    st.dataframe(
        frame, hide_index=True, height=height or "auto", column_config=column_formats(frame, help or {}), alt=alt
    )


def column_formats(frame: Any, help: Mapping[str, str]) -> dict[str, Any]:
    """A column setting for each column with numbers or a tooltip."""
    formats: dict[str, Any] = {}
    for name, kind in frame.dtypes.items():
        tip = help.get(str(name))
        if kind.kind in "iu":
            formats[str(name)] = st.column_config.NumberColumn(format="localized", help=tip)
        elif kind.kind == "f":
            formats[str(name)] = st.column_config.NumberColumn(format="%.3f", help=tip)
        elif tip:
            formats[str(name)] = st.column_config.TextColumn(help=tip)
    return formats
