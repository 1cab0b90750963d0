"""Two models side by side, as a table and in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import pandas as pd

from metarec_core.data import columns
from metarec_core.figures import evaluate
from metarec_core.figures.parts import PART_STYLES
from metarec_core.recommend.comparison import Comparison, Stability

_LISTS: Final = {"both": "both", "first": "this run", "second": "the other"}


STABILITY_HELP: Final = (
    "Training begins with random numbers. Where only those differ, a list that can be relied on stays much the same, and so do "
    "the parts' shares of the scores, which are the reasons given for it."
)
NO_SEEDS: Final = (
    "Evaluate trains this run again with two more seeds at a press: then it can be seen here whether lists and "
    "reasons hold."
)
OVERLAPS: Final = ("Items in common",)
"""Columns of ``stability_table`` that are shares."""


def seeds_words(seed: int, others: Sequence[int]) -> str:
    """Which runs there are that differ in the seed only."""
    named = ", ".join(map(str, others))
    words = f"This run has the seed {seed}; trained in the same way with another seed: {named}."
    return words if len(others) > 1 else f"{words} A third run would say more."


def stability_table(found: Stability, seeds: Sequence[int]) -> pd.DataFrame:
    """A row for each two runs: their seeds, the share of items in common, how alike the reasons are."""
    rows = found.frame
    return pd.DataFrame(
        {
            "Seeds": [f"{seeds[one]} and {seeds[two]}" for one, two in zip(rows["first"], rows["second"], strict=True)],
            "Items in common": rows["overlap"].to_numpy(),
            "Reasons alike (correlation)": rows["correlation"].to_numpy(),
        }
    )


def model_title(name: str) -> str:
    """A run's id, or a simple model's name for people."""
    return f"Run {name}" if name[:1].isdigit() else f"Simple model: {evaluate.model_title(name)}"


def comparison_table(found: Comparison, title: Callable[[str], str]) -> pd.DataFrame:
    """A row for each item in either list: title, both places, in which list, and what sets it apart."""
    rows = found.frame
    return pd.DataFrame(
        {
            "Title": [title(item) for item in rows[columns.ITEM_ID]],
            "Place here": rows[columns.RANK].to_numpy(),
            "Place there": rows["rank_other"].to_numpy(),
            "Listed by": [_LISTS[name] for name in rows["in"]],
            "Sets apart": [_part(why) for why in rows["why"]],
            "Item id": rows[columns.ITEM_ID].to_numpy(),
        }
    )


def stability_words(found: Stability) -> str:
    """How far runs agree."""
    words = f"Over {found.n_users:,} users, two of these runs share {found.overlap:.0%} of the first {found.k} items. "
    if math.isnan(found.correlation):
        return words + "There was nothing to compare reasons by."
    return words + f"The parts' shares of the scores, which are the reasons, correlate at {found.correlation:.2f}."


def _part(why: str) -> str:
    side, _, name = why.partition(" ")
    title = PART_STYLES[name].title if name in PART_STYLES else evaluate.model_title(name)
    return f"{title} {'here' if side == '1' else 'there'}" if name else ""
