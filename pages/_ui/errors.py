"""Errors on a page: one sentence, no traceback, and the rest of the page stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from metarec_core.errors import MetaRecError
from pages._ui.text import plain


@contextmanager
def shown() -> Iterator[None]:
    """Show an error that is meant for people where it happens and go on after the block."""
    try:
        yield
    except MetaRecError as error:
        st.error(plain(str(error)), icon=":material/error:")
