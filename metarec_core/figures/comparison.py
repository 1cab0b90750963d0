"""Two models side by side, as a table and in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import pandas as pd

from metarec_core.data import columns
from metarec_core.figures import evaluate
from metarec_core.figures.parts import PART_STYLES
from metarec_core.figures.text import listed, sentences
from metarec_core.language import later, say
from metarec_core.recommend.comparison import Comparison, Stability

_LISTS: Final = {"both": later("both"), "first": later("this run"), "second": later("the other")}


STABILITY_HELP: Final = later(
    "Training starts from random numbers. If only those differ, a reliable list stays much the same, and "
    "so do the parts' shares of the scores, which are the reasons given for it."
)
NO_SEEDS: Final = later(
    "On Evaluate, one click trains this run again with two more seeds; then this page shows whether "
    "lists and reasons hold."
)
OVERLAPS: Final = (later("Items in common"),)
"""Columns of ``stability_table`` that are shares."""


def seeds_words(seed: int, others: Sequence[int]) -> str:
    """Which runs there are that differ in the seed only."""
    named = listed(map(str, others))
    if len(others) > 1:
        return say(
            "This run has the seed {seed}; trained the same way with another seed: {named}.", seed=seed, named=named
        )
    return say(
        "This run has the seed {seed}; trained the same way with another seed: {named}. A third run would say more.",
        seed=seed,
        named=named,
    )


def stability_table(found: Stability, seeds: Sequence[int]) -> pd.DataFrame:
    """A row for each two runs: their seeds, the share of items in common, how alike the reasons are."""
    rows = found.frame
    return pd.DataFrame(
        {
            later("Seeds"): [
                say("{a} and {b}", a=seeds[one], b=seeds[two])
                for one, two in zip(rows["first"], rows["second"], strict=True)
            ],
            later("Items in common"): rows["overlap"].to_numpy(),
            later("Similarity of reasons (correlation)"): rows["correlation"].to_numpy(),
        }
    )


def model_title(name: str) -> str:
    """A run's id, or a simple model's name for people."""
    if name[:1].isdigit():
        return say("Run {id}", id=name)
    return say("Simple model: {name}", name=evaluate.model_title(name))


def comparison_table(found: Comparison, title: Callable[[str], str]) -> pd.DataFrame:
    """A row for each item in either list: title, both places, in which list, and what sets it apart."""
    rows = found.frame
    return pd.DataFrame(
        {
            later("Title"): [title(item) for item in rows[columns.ITEM_ID]],
            later("Rank here"): rows[columns.RANK].to_numpy(),
            later("Rank there"): rows["rank_other"].to_numpy(),
            later("In the list of"): [say(_LISTS[name]) for name in rows["in"]],
            later("Main difference"): [_part(why) for why in rows["why"]],
            later("Item ID"): rows[columns.ITEM_ID].to_numpy(),
        }
    )


def stability_words(found: Stability) -> str:
    """How far runs agree."""
    words = say(
        "Over {n:,} users, two of these runs share {overlap:.0%} of the top {k} items.",
        n=found.n_users,
        overlap=found.overlap,
        k=found.k,
    )
    if math.isnan(found.correlation):
        return sentences(words, say("There was nothing to compare reasons by."))
    return sentences(
        words,
        say(
            "The parts' shares of the scores, which are the reasons, correlate at {correlation:.2f}.",
            correlation=found.correlation,
        ),
    )


def _part(why: str) -> str:
    side, _, name = why.partition(" ")
    if not name:
        return ""
    title = say(PART_STYLES[name].title) if name in PART_STYLES else evaluate.model_title(name)
    return say("{part} here", part=title) if side == "1" else say("{part} there", part=title)
