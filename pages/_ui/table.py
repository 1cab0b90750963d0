"""Tables of numbers for people: thousands apart, three digits after the point, no row numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import streamlit as st


def table(
    frame: Any,
    alt: str,
    *,
    height: int | None = None,
    help: Mapping[str, str] | None = None,
    percentages: Collection[str] = (),
    widths: Mapping[str, int] | None = None,
) -> None:
    """Show a frame.

    Args:
        frame: A display table; whole numbers are shown whole, others with three digits.
        alt: What it holds, in a sentence.
        height: Pixels; as high as its rows when not given.
        help: Tooltips of columns.
        percentages: Columns of shares, shown as percentages.
        widths: Pixels of text columns that would push the others out of a narrow place; longer text is cut there.
    """
    formats = column_formats(frame, help or {}, percentages)
    for name, width in (widths or {}).items():
        formats[name] = st.column_config.TextColumn(width=width, help=(help or {}).get(name))
    st.dataframe(frame, hide_index=True, height=height or "auto", column_config=formats, alt=alt)


def column_formats(frame: Any, help: Mapping[str, str], percentages: Collection[str] = ()) -> dict[str, Any]:
    """A column setting for each column with numbers or a tooltip."""
    formats: dict[str, Any] = {}
    for name, kind in frame.dtypes.items():
        tip = help.get(str(name))
        if name in percentages:
            formats[str(name)] = st.column_config.NumberColumn(format="percent", help=tip)
        elif kind.kind in "iu":
            formats[str(name)] = st.column_config.NumberColumn(format="localized", help=tip)
        elif kind.kind == "f":
            formats[str(name)] = st.column_config.NumberColumn(format="%.3f", help=tip)
        elif tip:
            formats[str(name)] = st.column_config.TextColumn(help=tip)
    return formats
