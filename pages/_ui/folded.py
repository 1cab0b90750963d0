"""What is folded away is made when somebody opens it, so that a page is no heavier for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from pages._ui.errors import shown

TABLE: Final = ":material/table_view:"


def folded(
    label: str,
    make: Callable[[], None],
    *,
    key: str,
    icon: str,
    expanded: bool = False,
    steers: bool = False,
) -> None:
    """A piece of the page under a label that opens and closes it.

    Args:
        label: In the language of who reads.
        make: Places what is in it.
        key: One of its kind on the page.
        icon: Beside the label.
        expanded: Whether it is open at first.
        steers: Whether what is in it changes other pieces of the page. One that only shows is a fragment: to open it runs
            nothing else.
    """

    def piece() -> None:
        if expanded:
            st.session_state.setdefault(key, True)  # the framework's own default would be another piece when it changes
        place = st.expander(label, key=key, icon=icon, on_change="rerun")
        if place.open:
            with place, shown():
                make()

    (piece if steers else st.fragment(piece))()
