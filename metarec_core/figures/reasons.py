"""Why a score is what it is: what each part goes by in words, and the past events that carry it with their shares."""

from __future__ import annotations

from typing import Final

import pandas as pd

from metarec_core.explain.explanation import EventShare, Explanation, PartValue
from metarec_core.figures.parts import part_style
from metarec_core.figures.recommendations import Titles, ordered_parts
from metarec_core.figures.text import event_when, listed
from metarec_core.language import later, say, several

SHARE_OF_PART: Final = later("Share of the part")
"""Column of ``carriers_table`` with shares, to be shown as percentages."""

HELP: Final = {
    "Adds": later("What this event adds to the score through the part."),
    SHARE_OF_PART: later("The same as a share of the part; more than 100% if other events count against it."),
    "Because": later("What the event's item and this one have in common, or how many others did the same."),
}


def reasons_table(why: Explanation) -> pd.DataFrame:
    """A row a part that counts: its name, what it goes by, and where that is not the same for all why it is trusted so far."""
    parts = [part for part in ordered_parts(why) if part.value]
    said: dict[str, list[str]] = {
        later("Part"): [say(part_style(part.name).title) for part in parts],
        later("Based on"): [part.reason or _meaning(part) for part in parts],
    }
    if any(part.trust_reason for part in parts):
        said[later("Why it counts that much")] = [_trust(part) for part in parts]
    return pd.DataFrame(said).set_index("Part")


def carriers_table(why: Explanation, title: Titles) -> pd.DataFrame:
    """The past events that carry the parts, the strongest first."""
    rows = [
        (
            say(part_style(part.name).title),
            title(event.item_id),
            event_when(event.time),
            event.value,
            event.value / part.value if part.value else None,
            _because(part, event),
        )
        for part in ordered_parts(why)
        for event in part.events
    ]
    rows.sort(key=lambda row: -abs(row[3]))
    names = [later("Part"), later("Event"), later("When"), later("Adds"), SHARE_OF_PART, later("Because")]
    table = pd.DataFrame(rows, columns=names)
    return table.astype({"Adds": float, SHARE_OF_PART: float})


def _because(part: PartValue, event: EventShare) -> str:
    if event.shared:
        return listed(event.shared)
    if not event.others:
        return ""
    if part.name == "transition":
        return several(event.others, "{n:,} user made this step", "{n:,} users made this step")
    return several(event.others, "{n:,} user chose both", "{n:,} users chose both")


def _meaning(part: PartValue) -> str:
    return say("{meaning}.", meaning=say(part_style(part.name).meaning)).capitalize()


def _trust(part: PartValue) -> str:
    """Why k is what it is, with the part under its name for people."""
    return part.trust_reason.replace(part.name, say(part_style(part.name).title), 1)
