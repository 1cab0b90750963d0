"""The numbers of a chart, folded away beneath it: as a table, and as a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from metarec_core.language import say
from pages._ui import export
from pages._ui.folded import TABLE, folded
from pages._ui.table import table
from pages._ui.text import plain


@dataclass(frozen=True)
class Numbers:
    """What a chart is drawn from.

    Attributes:
        words: What they are, in a sentence or a title in the language of who reads.
        make: Makes the display table.
        file: Name of the CSV file, one of its kind on the page.
        percentages: Columns of shares.
    """

    words: str
    make: Callable[[], Any]
    file: str
    percentages: tuple[str, ...] = ()


def twin(*charts: Numbers) -> None:
    """The tables of one chart, or of charts that are side by side."""

    def tables() -> None:
        for numbers in charts:
            if len(charts) > 1:
                st.markdown(f"**{plain(numbers.words)}**")
            with st.container(gap="xxsmall"):
                table(numbers.make(), numbers.words, percentages=numbers.percentages)
                frames = partial(_made, numbers.make)  # again: a file is in English whoever reads the page
                export.csv_button(say("CSV"), frames, numbers.file, type="tertiary", key=f"table.{numbers.file}")

    folded(say("As a table, and as a file"), tables, key=f"twin.{charts[0].file}", icon=TABLE)


def _made(make: Callable[[], Any]) -> list[Any]:
    return [make()]
