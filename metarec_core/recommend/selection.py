"""What somebody wants of lists: which items they may have, and how unlike each other those have to be."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from metarec_core.data.dataset import Attribute, Dataset
from metarec_core.errors import InputError
from metarec_core.language import say
from metarec_core.recommend.link import LONGEST, pack, unpack

BoolArray = npt.NDArray[np.bool_]
Float64Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Selection:
    """Filters of a list.

    Attributes:
        values: Values by attribute; a listed item has one of them in each attribute named.
        ranges: Lowest and highest number by attribute; a listed item has a number between them.
        seen: Whether items that the user has had may be listed.
        only_new: Whether only items without events may be.
        diversity: 0 lists by score alone, 1 looks only at how unlike an item is to those above it; see ``varied``.
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    seen: bool = False
    only_new: bool = False
    diversity: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.diversity <= 1:
            raise InputError(
                say(
                    "A diversity of {diversity:g} is not possible: choose a value from 0 to 1.",
                    diversity=self.diversity,
                )
            )

    @property
    def filters(self) -> bool:
        """Whether it leaves any item out that would be listed otherwise."""
        return self.only_new or any(self.values.values()) or bool(self.ranges)

    def to_link(self) -> str:
        """As text for an address, which ``from_link`` reads; empty where everything may be listed.

        Raises:
            InputError: It is too long for a link.
        """
        values = {
            "values": {name: list(values) for name, values in self.values.items() if values},
            "ranges": {name: list(ends) for name, ends in self.ranges.items()},
            "seen": self.seen,
            "only_new": self.only_new,
            "diversity": self.diversity,
        }
        wanted = {name: value for name, value in values.items() if value}
        text = pack(wanted) if wanted else ""
        if len(text) > LONGEST:
            raise InputError(say("So many filters are too long for a link: choose fewer values."))
        return text

    @classmethod
    def from_link(cls, text: str) -> Self:
        """Read the text of an address.

        Raises:
            InputError: It holds no filters.
        """
        if not text:
            return cls()
        try:
            wanted: Any = json.loads(unpack(text)) if len(text) <= LONGEST else None
            values, ranges = wanted.get("values", {}), wanted.get("ranges", {})
            return cls(
                {str(name): tuple(str(value) for value in chosen) for name, chosen in values.items()},
                {str(name): (_finite(low), _finite(high)) for name, (low, high) in ranges.items()},
                wanted.get("seen") is True,
                wanted.get("only_new") is True,
                _finite(wanted.get("diversity", 0.0)),
            )
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise InputError(say("The filters in this link cannot be read: ask for the link again.")) from None


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def kept_items(data: Dataset, selection: Selection, new: BoolArray) -> BoolArray:
    """Items that a list may have, bool [N + 1].

    Args:
        data: Whose items.
        selection: What is wanted.
        new: bool [N + 1], items without events.

    Raises:
        InputError: There is no such attribute, or it has no numbers.
        UnknownIdError: It has no such value.
    """
    kept = np.ones(data.n_items + 1, dtype=bool)
    for name, values in selection.values.items():
        if values:
            kept &= items_with(data, name, values)
    for name, (low, high) in selection.ranges.items():
        numbers = item_numbers_of(_known(data, name))
        if numbers is None:
            raise InputError(
                say("Attribute {name!r} has values that are not numbers: filter by values instead.", name=name)
            )
        kept &= (numbers >= low) & (numbers <= high)
    return kept & new if selection.only_new else kept


def items_with(data: Dataset, attribute: str, values: tuple[str, ...]) -> BoolArray:
    """Items that have one of some values of an attribute, bool [N + 1].

    Raises:
        InputError: There is no such attribute.
        UnknownIdError: It has no such value.
    """
    known = _known(data, attribute)
    found = np.isin(known.value_numbers, known.vocabulary.numbers(values))
    owners = np.repeat(np.arange(data.n_items + 1), np.diff(known.offsets))
    has = np.zeros(data.n_items + 1, dtype=bool)
    has[owners[found]] = True
    return has


def item_numbers_of(attribute: Attribute) -> Float64Array | None:
    """An attribute as numbers, float64 [N + 1], NaN where an item has none; None where a value is no finite number, or an item
    has two."""
    values = pd.to_numeric(pd.Series(list(attribute.vocabulary.ids), dtype=object), errors="coerce").to_numpy(float)
    counts = np.diff(attribute.offsets)
    if not len(values) or not np.isfinite(values).all() or counts.max(initial=0) > 1:
        return None
    numbers = np.full(len(counts), math.nan)
    numbers[counts > 0] = values[attribute.value_numbers - 1]
    return numbers


def number_ranges(data: Dataset) -> dict[str, tuple[float, float]]:
    """Lowest and highest number of each attribute that has numbers, and more than one."""
    found = {}
    for name, attribute in data.attributes.items():
        numbers = item_numbers_of(attribute)
        if numbers is not None:
            low, high = float(np.nanmin(numbers)), float(np.nanmax(numbers))
            if low < high:
                found[name] = (low, high)
    return found


def _known(data: Dataset, attribute: str) -> Attribute:
    known = data.attributes.get(attribute)
    if known is None:
        names = ", ".join(data.attributes) or "none"
        raise InputError(
            say(
                "There is no item attribute {attribute!r}: choose one of {names}.",
                attribute=attribute,
                names=names,
            )
        )
    return known
