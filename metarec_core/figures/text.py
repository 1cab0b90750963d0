"""Foreign text in figures: plotly reads a few HTML tags in every label, so item titles are escaped and kept short."""

from __future__ import annotations

import html
from datetime import datetime

MAX_LABEL: int = 42


def label(text: str, longest: int = MAX_LABEL) -> str:
    """One line of plain text, safe inside a plotly label or hover box."""
    line = " ".join(text.split())
    if len(line) > longest:
        line = line[: longest - 1].rstrip() + "…"
    return html.escape(line)


def count(number: float, noun: str) -> str:
    """A number with its noun: ``1 user``, ``1,204 users``."""
    return f"{number:,.0f} {noun}" + ("" if number == 1 else "s")


def percent(share: float) -> str:
    """A share as people write it: ``34 %``, ``3.4 %``, and ``< 0.1 %`` where it is less but not nothing."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    return f"{100 * share:.1f} %" if 0 < share < 0.0995 else f"{100 * share:.0f} %"


def when(time: datetime | str) -> str:
    """A time, or its ISO text, as people write it: ``24 Nov 2026, 08:30``."""
    if isinstance(time, str):
        time = datetime.fromisoformat(time)
    return f"{time.day} {time:%b %Y, %H:%M}"


def duration(seconds: float) -> str:
    """Seconds in the two largest units: ``45 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
