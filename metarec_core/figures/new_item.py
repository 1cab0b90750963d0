"""What becomes of a new item, as tables and in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd

from metarec_core.data import columns
from metarec_core.figures.parts import part_names, part_style
from metarec_core.figures.text import count, percent
from metarec_core.language import later, say
from metarec_core.recommend.new_item import NewItem

SHOWN: Final = 20


def reach_words(found: NewItem, k: int = 10) -> str:
    """In how many lists it would be."""
    asked = len(found.users)
    of = (
        say("of {asked:,} users", asked=asked)
        if asked == found.n_users
        else say("of {asked:,} users checked, out of {all:,}", asked=asked, all=found.n_users)
    )
    reached = found.reached(k)
    if not reached:
        return say("It would be in nobody's top {k} ({of}).", k=k, of=of)
    return say(
        "It would be in the top {k} of {lists} ({share} {of}).",
        k=k,
        lists=count(reached, "list"),
        share=percent(reached / max(asked, 1)),
        of=of,
    )


def users_table(found: NewItem) -> pd.DataFrame:
    """The users with the best places for it: user, place, score, a column a part that says something of it."""
    rows = found.users.head(SHOWN)
    parts = [part for part in part_names(rows.columns) if rows[columns.PART_PREFIX + part].any()]
    return pd.DataFrame(
        {
            later("User"): rows[columns.USER_ID].to_numpy(),
            later("Rank"): rows[columns.RANK].to_numpy(),
            later("Score"): rows[columns.SCORE].to_numpy().round(3),
            **{part_style(part).title: rows[columns.PART_PREFIX + part].to_numpy().round(3) for part in parts},
        }
    )


def neighbours_table(found: NewItem, title: Callable[[str], str]) -> pd.DataFrame:
    """The items most like it."""
    rows = found.neighbours
    return pd.DataFrame(
        {
            later("Similar in"): [say(part_style(name).title) for name in rows["by"]],
            later("Title"): [title(item) for item in rows[columns.ITEM_ID]],
            later("Similarity"): rows["similarity"].to_numpy(dtype=float).round(3),
            later("Item ID"): rows[columns.ITEM_ID].to_numpy(),
        }
    )


def lenders_table(found: NewItem, title: Callable[[str], str]) -> pd.DataFrame:
    """The items that it borrows from, with their shares."""
    rows = found.lenders
    return pd.DataFrame(
        {
            later("Title"): [title(item) for item in rows[columns.ITEM_ID]],
            later("Share"): rows["share"].to_numpy(dtype=float),
            later("Item ID"): rows[columns.ITEM_ID].to_numpy(),
        }
    )
