"""What two items have in common: values of attributes and facts, and words."""

from __future__ import annotations

from typing import Final

import numpy as np

from metarec_core.data.dataset import Attribute, Int32Array
from metarec_core.recommend.recommender import Recommender
from metarec_core.text.words import item_words

MOST_SHARED: Final = 4

RARE: Final = 0.02
"""Share of all items up to which a word says something of those that have it."""


def shared(recommender: Recommender, item: int, other: int, *, words: bool) -> tuple[str, ...]:
    """The rarest things that two items share, such as ``genre: drama`` or ``word: submarine``, at most ``MOST_SHARED``.

    Args:
        recommender: Whose items.
        item, other: Item numbers.
        words: Whether words of titles and descriptions count too.
    """
    data = recommender.dataset
    found = [
        (
            float(np.count_nonzero(attribute.value_numbers == value)) / data.n_items,
            f"{name}: {attribute.vocabulary.id(value)}",
        )
        for name, attribute in {**data.attributes, **data.facts}.items()
        for value in np.intersect1d(_values(attribute, item), _values(attribute, other)).tolist()
    ]
    if words:
        shares = recommender.word_shares
        both = item_words(recommender.items, item - 1) & item_words(recommender.items, other - 1)
        found += [(shares[word], f"word: {word}") for word in both if shares.get(word, 1.0) <= RARE]
    return tuple(text for _, text in sorted(found)[:MOST_SHARED])


def _values(attribute: Attribute, item: int) -> Int32Array:
    return attribute.value_numbers[attribute.offsets[item] : attribute.offsets[item + 1]]
