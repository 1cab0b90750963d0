"""The words of items, and how many items have each: what two texts have in common is told by their rare words."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import pandas as pd

from metarec_core.data import columns

SAMPLE: Final = 2_000
"""Items, the first ones, by which it is told how rare a word is."""

_WORD = re.compile(r"[^\W\d_]{4,}")


def item_words(items: pd.DataFrame, place: int) -> set[str]:
    """Words of four letters or more in the title and description of the item at a place of ``Tables.items``."""
    fields = [name for name in (columns.TITLE, columns.DESCRIPTION) if name in items]
    return set(_WORD.findall(" ".join(str(items[name].iat[place]) for name in fields).lower()))


def word_shares(items: pd.DataFrame) -> dict[str, float]:
    """Share of the first ``SAMPLE`` items that have each word."""
    n = min(len(items), SAMPLE)
    counts = Counter(word for place in range(n) for word in item_words(items, place))
    return {word: count / n for word, count in counts.items()}
