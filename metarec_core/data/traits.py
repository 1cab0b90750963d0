"""What a user table says of users, as further columns of a request: one value a user, each shared by some users."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
import pandas as pd

from metarec_core.data.dataset import Attribute, Int32Array
from metarec_core.data.vocabulary import Vocabulary

FEWEST_A_VALUE: Final = 5
"""Users that a value has on average. With fewer, such as postcodes, it says who somebody is and not of what kind."""

MOST_NUMBERS: Final = 10
"""Different numbers up to which each is a value of its own; more are cut into bands."""

BANDS: Final = 5
"""Of about equally many users each."""


def traits(attributes: Mapping[str, Attribute], taken: Collection[str]) -> tuple[tuple[Vocabulary, ...], Int32Array]:
    """The attributes that can be such a column; those with several values a user, or hardly any user a value, are left out.

    Args:
        attributes: Of users.
        taken: Names of other columns; an attribute of such a name is called "user <name>".

    Returns:
        A vocabulary a column, and value numbers, int32 [n_users + 1, T], 0 where unknown.
    """
    vocabularies, columns = [], []
    for name, attribute in attributes.items():
        lengths = np.diff(attribute.offsets)
        if lengths.max(initial=0) != 1:
            continue
        numbers = np.zeros(len(lengths), dtype=np.int32)
        numbers[lengths == 1] = attribute.value_numbers
        values, numbers = _banded(list(attribute.vocabulary.ids), numbers)
        if len(values) > 1 and np.count_nonzero(numbers) >= FEWEST_A_VALUE * len(values):
            vocabularies.append(Vocabulary(f"user {name}" if name in taken else name, values))
            columns.append(numbers)
    if not columns:
        return (), np.zeros((0, 0), dtype=np.int32)
    return tuple(vocabularies), np.stack(columns, axis=1)


def _banded(values: list[str], numbers: Int32Array) -> tuple[list[str], Int32Array]:
    """Many different numbers become bands, named by the least and the largest number in them; other values stay."""
    sizes = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce").to_numpy(dtype=np.float64)
    if len(values) <= MOST_NUMBERS or not np.isfinite(sizes).all():
        return values, numbers
    known = sizes[numbers[numbers > 0] - 1]
    edges = np.unique(np.quantile(known, np.arange(1, BANDS) / BANDS, method="lower"))
    band = np.unique(np.searchsorted(edges, sizes), return_inverse=True)[1]
    names = []
    for number in range(band.max() + 1):
        inside = np.flatnonzero(band == number)
        inside = inside[np.argsort(sizes[inside])]
        least, largest = values[inside[0]], values[inside[-1]]
        names.append(least if least == largest else f"{least}–{largest}")
    return names, np.append(0, band + 1).astype(np.int32)[numbers]
