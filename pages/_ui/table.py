"""Tables of numbers for people: thousands apart, three digits after the point, no row numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Literal

import streamlit as st

from metarec_core.language import say
from pages._ui import export

MISSING: Final = "–"
"""What is not there; the framework would write *None*, whatever language is read."""
WHOLE: Final = 24
"""A table of so many rows is shown whole."""


def table(
    frame: Any,
    alt: str,
    *,
    height: int | None = None,
    help: Mapping[str, str] | None = None,
    percentages: Collection[str] = (),
    widths: Mapping[str, int] | None = None,
    only: Sequence[str] = (),
    foreign: bool = False,
    file: str | None = None,
) -> None:
    """Show a frame, with a button for it as a file.

    Args:
        frame: A display table; whole numbers are shown whole, others with three digits.
        alt: What it holds, in a sentence in the language of who reads.
        height: Pixels; when not given as high as its rows, of which a long table shows the first.
        help: Tooltips of columns, as the code says them.
        percentages: Columns of shares, shown as percentages.
        widths: Pixels of text columns that would push the others out of a narrow place; longer text is cut there.
        only: Columns that are shown in a narrow place, in this order; the others are in the table's menu and in the file. All
            when not given.
        foreign: Columns are called as somebody's file calls them, whatever these words mean elsewhere.
        file: Name of the CSV file; None where the page offers a fuller one below, or nobody may take it away.
    """
    formats = column_formats(frame, help or {}, percentages, foreign=foreign)
    for name, width in (widths or {}).items():
        tip = (help or {}).get(name)
        formats[name] = st.column_config.TextColumn(_label(name, foreign), width=width, help=tip and say(tip))
    with st.container(gap="xxsmall"):
        st.dataframe(
            frame,
            placeholder=MISSING,
            hide_index=True,
            height=height or ("content" if len(frame) <= WHOLE else "auto"),
            column_config=formats,
            column_order=[name for name in only if name in frame] or None,
            alt=alt,
        )
        _taken_as(file, frame)


def still(
    frame: Any,
    alt: str,
    *,
    file: str | None = None,
    shown: Any = None,
    hide_index: bool = False,
    width: Literal["stretch", "content"] = "stretch",
) -> None:
    """Show a small frame that is read whole, its columns named in the language of who reads.

    Args:
        frame: What its file holds.
        alt: What it holds, in a sentence in the language of who reads.
        file: As of ``table``.
        shown: The same, marked up for the page.
        hide_index: Whether rows have no names.
        width: As wide as the page, or as its words: sentences break early and look lost on a wide page.
    """
    words = worded(frame if shown is None else shown)
    with st.container(gap="xxsmall"):
        st.table(words, border="horizontal", hide_index=hide_index or None, width=width, alt=alt)
        _taken_as(file, frame)


def _taken_as(file: str | None, frame: Any) -> None:
    if file is not None:
        export.csv_button(say("CSV"), lambda: [frame], file, type="tertiary", key=f"table.{file}")


def column_formats(
    frame: Any, help: Mapping[str, str], percentages: Collection[str] = (), *, foreign: bool = False
) -> dict[str, Any]:
    """A column setting for each column with numbers, a tooltip or another name in the language of who reads."""
    formats: dict[str, Any] = {}
    for name, kind in frame.dtypes.items():
        label, tip = _label(str(name), foreign), help.get(str(name))
        tip = tip and say(tip)
        if name in percentages:
            formats[str(name)] = st.column_config.NumberColumn(label, format="percent", help=tip)
        elif kind.kind in "iu":
            formats[str(name)] = st.column_config.NumberColumn(label, format="localized", help=tip)
        elif kind.kind == "f":
            formats[str(name)] = st.column_config.NumberColumn(label, format="%.3f", help=tip)
        elif tip or label:
            formats[str(name)] = st.column_config.Column(label, help=tip)
    return formats


def column_labels(frame: Any) -> dict[str, Any]:
    """Names of a frame's columns in the language of who reads, where they are others; formats stay the frame's own."""
    labels = {str(name): _label(str(name), foreign=False) for name in frame.columns}
    return {name: st.column_config.Column(label) for name, label in labels.items() if label}


def worded(frame: Any) -> Any:
    """A small frame for ``st.table``, its columns, and what its rows are, named in the language of who reads."""
    named = frame.rename(columns=say)
    return named.rename_axis(index=say(named.index.name)) if named.index.name else named


def _label(name: str, foreign: bool) -> str | None:
    """What a column is called where that is not its name."""
    label = name if foreign else say(name)
    return None if label == name else label
