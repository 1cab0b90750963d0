"""Why a score is what it is: what each part goes by in words, and the past events that carry it with their shares."""

from __future__ import annotations

from typing import Final

import pandas as pd

from metarec_core.explain.explanation import EventShare, Explanation, PartValue
from metarec_core.figures.parts import part_style
from metarec_core.figures.recommendations import Titles, ordered_parts
from metarec_core.figures.text import count, when

SHARE_OF_PART: Final = "Of the part"
"""Column of ``carriers_table`` with shares, to be shown as percentages."""

HELP: Final = {
    "Adds": "What this event adds to the score through the part.",
    SHARE_OF_PART: "The same as a share of the part; more than 100 % where other events speak against it.",
    "Because": "What the event's item and this one have in common, or how many others did the same.",
}


def reasons_table(why: Explanation) -> pd.DataFrame:
    """A row a part that counts: its name, what it goes by, and where that is not the same for all why it is trusted so far."""
    parts = [part for part in ordered_parts(why) if part.value]
    said: dict[str, list[str]] = {
        "Part": [part_style(part.name).title for part in parts],
        "Goes by": [part.reason or f"{part_style(part.name).meaning}.".capitalize() for part in parts],
    }
    if any(part.trust_reason for part in parts):
        said["Why it counts that much"] = [_trust(part) for part in parts]
    return pd.DataFrame(said).set_index("Part")


def carriers_table(why: Explanation, title: Titles) -> pd.DataFrame:
    """The past events that carry the parts, the strongest first."""
    rows = [
        (
            part_style(part.name).title,
            title(event.item_id),
            _when(event.time),
            event.value,
            event.value / part.value if part.value else None,
            _because(part, event),
        )
        for part in ordered_parts(why)
        for event in part.events
    ]
    rows.sort(key=lambda row: -abs(row[3]))
    table = pd.DataFrame(rows, columns=["Part", "Event", "When", "Adds", SHARE_OF_PART, "Because"])
    return table.astype({"Adds": float, SHARE_OF_PART: float})


def _because(part: PartValue, event: EventShare) -> str:
    if event.shared:
        return ", ".join(event.shared)
    if not event.others:
        return ""
    return f"{count(event.others, 'user')} {'made the step' if part.name == 'transition' else 'chose both'}"


def _trust(part: PartValue) -> str:
    """Why k is what it is, with the part under its name for people."""
    return part.trust_reason.replace(part.name, part_style(part.name).title, 1)


def _when(time: str) -> str:
    return f"event {int(time):,}" if time.lstrip("-").isdigit() else when(time)
