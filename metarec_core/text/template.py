"""An item as one text: what an encoder reads."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from metarec_core.data import columns

DESCRIPTION_WORDS: Final = 50
"""Of a description: its first sentences say what an item is; measured, more words only blur what title and tags say."""

_MAKERS: Final = ("brand", "author", "artist", "director", "maker", "manufacturer", "publisher", "品牌", "作者", "导演")
_LONGEST_WORD = 40
_SAYS_SOMETHING = re.compile(r"[^\W\d_]|^\d{1,4}$")  # a letter of any script, or a year, a level, a season


def item_texts(items: pd.DataFrame) -> list[str]:
    """One text an item: ``title. brand or author. categories, tags, other attributes. start of the description``.

    Left out is what says nothing in words: a title that only repeats the id, prices, long numbers, addresses of pages, images.

    Args:
        items: ``Tables.items``.

    Returns:
        [n_items], in the table's order; "" where an item says nothing.
    """
    known = {columns.ITEM_ID, columns.TITLE, columns.DESCRIPTION, columns.ROW, *columns.IMAGES}
    attributes = sorted((name for name in items.columns if name not in known), key=lambda name: name not in _MAKERS)
    ids = items[columns.ITEM_ID]
    fields = [items[columns.TITLE].where(items[columns.TITLE] != ids, "")] if columns.TITLE in items else []
    fields += [items[name].map(_values) for name in attributes]
    fields += [items[columns.DESCRIPTION].map(_start)] if columns.DESCRIPTION in items else []
    if not fields:
        return [""] * len(items)
    return [". ".join(filter(None, map(str.strip, row))) for row in zip(*fields, strict=True)]


def _values(text: str) -> str:
    values = (value.strip() for value in text.split(columns.VALUE_SEPARATOR))
    return ", ".join(value for value in values if _SAYS_SOMETHING.search(value) and "://" not in value)


def _start(description: str) -> str:
    """The first words; scripts without spaces are cut by characters."""
    words = description.split(maxsplit=DESCRIPTION_WORDS)[:DESCRIPTION_WORDS]
    return " ".join(words)[: DESCRIPTION_WORDS * _LONGEST_WORD]
