"""Ids outside, numbers inside: the only translation between an analyst's ids and array positions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from metarec_core.errors import UnknownIdError
from metarec_core.language import later, say

PADDING: int = 0
"""The number that stands for "nothing" in every array of user, item or value numbers."""

_UNKNOWN = {
    "user": later("There is no user {id!r} in this data ({n:,} users).{example}"),
    "item": later("There is no item {id!r} in this data ({n:,} items).{example}"),
}
_UNKNOWN_VALUE = later("There is no {kind} {id!r} in this data ({n:,} {kind}s).{example}")


@dataclass(frozen=True)
class Vocabulary:
    """Ids and their numbers: the first id has number 1, number 0 is padding.

    Attributes:
        kind: What the ids name, in the singular ("user", "item"); used in messages.
        ids: Distinct ids, in the order of their numbers.
    """

    kind: str
    ids: Sequence[str] = field(repr=False)

    @cached_property
    def _number_by_id(self) -> dict[str, int]:
        return {id_: number for number, id_ in enumerate(self.ids, start=1)}

    def __len__(self) -> int:
        """Number of ids, padding not counted."""
        return len(self.ids)

    def __contains__(self, id_: str) -> bool:
        return id_ in self._number_by_id

    def number(self, id_: str) -> int:
        """The number of one id.

        Raises:
            UnknownIdError: The id is not in the vocabulary.
        """
        try:
            return self._number_by_id[id_]
        except KeyError:
            example = say(" IDs look like {example!r}.", example=self.ids[0]) if self.ids else ""
            raise UnknownIdError(
                say(_UNKNOWN.get(self.kind, _UNKNOWN_VALUE), kind=self.kind, id=id_, n=len(self), example=example)
            ) from None

    def numbers(self, ids: Iterable[str]) -> npt.NDArray[np.int32]:
        """The numbers of several ids, int32 [n].

        Raises:
            UnknownIdError: One of the ids is not in the vocabulary.
        """
        return np.array([self.number(id_) for id_ in ids], dtype=np.int32)

    def id(self, number: int) -> str:
        """The id of a number ≥ 1."""
        if number < 1:
            raise IndexError(f"{self.kind} number {number} is padding or negative, it has no id")
        return self.ids[number - 1]
