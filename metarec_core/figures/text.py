"""Foreign text in figures, which plotly reads a few HTML tags in, and numbers with their nouns, times and lists for people."""

from __future__ import annotations

import html
from collections.abc import Iterable
from datetime import date, datetime
from functools import reduce
from typing import Final

from metarec_core.evaluation.significance import signed
from metarec_core.language import later, say, several

MAX_LABEL: int = 42

_COUNTS: Final = {
    "answer": (later("{n:,.0f} answer"), later("{n:,.0f} answers")),
    "customer": (later("{n:,.0f} customer"), later("{n:,.0f} customers")),
    "day": (later("{n:,.0f} day"), later("{n:,.0f} days")),
    "edge": (later("{n:,.0f} edge"), later("{n:,.0f} edges")),
    "event": (later("{n:,.0f} event"), later("{n:,.0f} events")),
    "item": (later("{n:,.0f} item"), later("{n:,.0f} items")),
    "line": (later("{n:,.0f} line"), later("{n:,.0f} lines")),
    "list": (later("{n:,.0f} list"), later("{n:,.0f} lists")),
    "more event": (later("{n:,.0f} more event"), later("{n:,.0f} more events")),
    "neighbour": (later("{n:,.0f} neighbour"), later("{n:,.0f} neighbours")),
    "path": (later("{n:,.0f} path"), later("{n:,.0f} paths")),
    "product": (later("{n:,.0f} product"), later("{n:,.0f} products")),
    "question": (later("{n:,.0f} question"), later("{n:,.0f} questions")),
    "recommendation": (later("{n:,.0f} recommendation"), later("{n:,.0f} recommendations")),
    "recommended item": (later("{n:,.0f} recommended item"), later("{n:,.0f} recommended items")),
    "row": (later("{n:,.0f} row"), later("{n:,.0f} rows")),
    "run": (later("{n:,.0f} run"), later("{n:,.0f} runs")),
    "step": (later("{n:,.0f} step"), later("{n:,.0f} steps")),
    "test answer": (later("{n:,.0f} test answer"), later("{n:,.0f} test answers")),
    "test question": (later("{n:,.0f} test question"), later("{n:,.0f} test questions")),
    "user": (later("{n:,.0f} user"), later("{n:,.0f} users")),
    "validation answer": (later("{n:,.0f} validation answer"), later("{n:,.0f} validation answers")),
    "value": (later("{n:,.0f} value"), later("{n:,.0f} values")),
}
"""Nouns that things are counted in, as one and as many."""


def label(text: str, longest: int = MAX_LABEL) -> str:
    """One line of plain text, safe inside a plotly label or hover box."""
    line = " ".join(text.split())
    if len(line) > longest:
        line = line[: longest - 1].rstrip() + "…"
    return html.escape(line)


def count(number: float, noun: str) -> str:
    """A number with its noun: ``1 user``, ``1,204 users``."""
    return several(number, *_COUNTS[noun])


def percent(share: float) -> str:
    """A share as people write it: ``34%``, ``3.4%``, and ``< 0.1%`` where it is less but not nothing."""
    if 0 < share < 0.001:
        return "< 0.1%"
    return f"{100 * share:.1f}%" if 0 < share < 0.0995 else f"{100 * share:.0f}%"


def when(time: datetime | str) -> str:
    """A time, or its ISO text, as people write it: ``24 Nov 2026, 08:30``."""
    if isinstance(time, str):
        time = datetime.fromisoformat(time)
    return say("{day} {time:%b %Y, %H:%M}", day=time.day, time=time)


def day(time: date) -> str:
    """A day as people write it: ``24 Nov 2026``."""
    return say("{day} {time:%b %Y}", day=time.day, time=time)


def event_when(time: str) -> str:
    """When an event was: an ISO time, or its place where there is only an order."""
    return say("event {place:,}", place=int(time)) if time.lstrip("-").isdigit() else when(time)


def duration(seconds: float) -> str:
    """Seconds in the two largest units: ``45 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return say("{s} s", s=whole)
    if whole < 3600:
        return say("{min} min {s} s", min=whole // 60, s=whole % 60)
    return say("{h} h {min} min", h=whole // 3600, min=whole % 3600 // 60)


def listed(names: Iterable[str]) -> str:
    """Names one after the other: ``a, b, c``."""
    return say(", ").join(names)


def sentences(*said: str) -> str:
    """Sentences that are said already, one after the other; those that are empty left out."""
    there = [one for one in said if one]
    return reduce(lambda first, then: say("{first} {then}", first=first, then=then), there) if there else ""


def span(low: float, high: float, form: str) -> str:
    """An interval: ``0.210 to 0.250``."""
    return say("{low} to {high}", low=number(low, form), high=number(high, form))


def number(value: float, form: str) -> str:
    """A number in a format such as ``.3f``; differences, whose format begins with a plus, as ``signed`` writes them."""
    return signed(value, int(form[2:-1])) if form.startswith("+") else f"{value:{form}}"


def added(value: float) -> str:
    """What a part adds to a score: ``+0.250``, and never ``-0.000``."""
    text = f"{value:+.3f}"
    return text[1:] if float(text) == 0 else text
