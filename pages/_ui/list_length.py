"""How many items a list has: one choice for all pages, so that it does not change on the way from one to the next."""

from __future__ import annotations

from typing import Final

from metarec_core.language import say
from pages._ui import session

LENGTHS: Final = ("5", "10", "20")
USUAL: Final = "10"


def list_length() -> int:
    """The length in the address, as buttons."""
    titles = dict(zip(LENGTHS, LENGTHS, strict=True))
    return int(session.switch("k", say("List length"), titles, default=USUAL, labelled=True))
