"""What people read, in their language.

A message is written in English where it is said, with named places for what changes; that text is its key in the catalogues of
the other languages. So code reads as what it says, and English needs no catalogue::

    say("{n:,} events of {name}", n=3, name=title)

    HELP: Final = later("Rank without the part")   # made when a module is imported, when nobody reads yet
    say(HELP)

``zh/`` has one catalogue a room, so that each is short: ``pages``, ``figures``, ``settings`` (names and tooltips of the
config's fields) and ``core``, the rest. ``python docs/catalogue.py`` brings them up to date with the code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final, Literal

Language = Literal["en", "zh"]

LANGUAGES: Final[dict[Language, str]] = {"en": "English", "zh": "简体中文"}
"""Languages by code, each with its own name for itself."""

ENGLISH: Final[Language] = "en"

_spoken: ContextVar[Language | None] = ContextVar("spoken", default=None)
_ask: Callable[[], Language] = lambda: ENGLISH  # noqa: E731


def say(message: str, /, **values: object) -> str:
    """A message in the language of who reads, with its places filled; in English where the catalogue lacks it.

    Args:
        message: English, a literal or what ``later`` marked. Without values braces mean nothing.
        values: By the names of the places, formatted as the message says; never read as a message.
    """
    said = catalogue(language()).get(message, message)
    return said.format(**values) if values else said


def several(n: float, one: str, many: str, /, **values: object) -> str:
    """The message for one thing, or that for any other number of them; ``n`` fills its place too."""
    return say(one if n == 1 else many, n=n, **values)


def later(message: str, /) -> str:
    """Marks a message that is made before anybody reads; it goes through ``say`` when somebody does."""
    return message


def language() -> Language:
    """The language of who reads; English on the command line and in every file."""
    return _spoken.get() or _ask()


def read_by(ask: Callable[[], Language]) -> None:
    """Who reads is known to the screen alone: it says here, once, how to ask."""
    global _ask
    _ask = ask


@contextmanager
def speaking(code: Language) -> Iterator[None]:
    """One language whoever reads: for a record that is kept, or a test."""
    token = _spoken.set(code)
    try:
        yield
    finally:
        _spoken.reset(token)


@cache
def catalogue(code: Language) -> dict[str, str]:
    """Messages of all rooms by their English."""
    found: dict[str, str] = {}
    for file in sorted((Path(__file__).parent / code).glob("*.json")):
        found |= {english: said for english, said in json.loads(file.read_text(encoding="utf-8")).items() if said}
    return found
