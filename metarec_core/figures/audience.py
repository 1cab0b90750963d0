"""Users that were searched for: as a table, with the words for what they are sorted by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pandas as pd

from metarec_core.data import columns
from metarec_core.figures.parts import part_names, part_style
from metarec_core.figures.text import percent
from metarec_core.language import later, say
from metarec_core.recommend.audience import BEST, BUSY, COLD, NDCG, PART, PLACE, WORST

_ORDERS: Final = {
    COLD: later("Cold: fewest events"),
    BUSY: later("Busy: most events"),
    WORST: later("Worst served in the test"),
    BEST: later("Best served in the test"),
}


def order_title(order: str) -> str:
    """What users are sorted by, in words."""
    if order in _ORDERS:
        return say(_ORDERS[order])
    return say("Most explained by {part}", part=say(part_style(order.removeprefix(PART)).title))


def users_table(found: pd.DataFrame) -> pd.DataFrame:
    """Users with their events, how they were served, and the part that carries their lists most."""
    parts = part_names(found.columns)
    shares = found[[columns.PART_PREFIX + part for part in parts]].rename(columns=dict(_titled(parts)))
    strongest = shares.fillna(-1).idxmax(axis=1) if len(found) and parts else pd.Series("", index=found.index)
    most = shares.max(axis=1)
    carried = [
        f"{name} {percent(share)}" if share == share else "" for name, share in zip(strongest, most, strict=True)
    ]
    asked = (
        {later("NDCG@10"): found[NDCG].round(3), later("Rank of the answer"): found[PLACE].round().astype("Int64")}
        if found[NDCG].any()
        else {}
    )
    table = {
        later("User"): found[columns.USER_ID],
        later("Events"): found["events"],
        **asked,
        later("Main part"): carried,
    }
    return pd.DataFrame(table).reset_index(drop=True)


def _titled(parts: Iterable[str]) -> Iterable[tuple[str, str]]:
    return ((columns.PART_PREFIX + part, say(part_style(part).title)) for part in parts)
