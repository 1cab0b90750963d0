"""Explanations are data: what a page draws and a review archives."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class PartValue:
    """One part of a score.

    Attributes:
        name: The part's name.
        value: Its signed share of the score.
        rank_without: Rank of the item were this part left out, among items the user has not seen; None when the user has
            seen the item or the model has no other part.
        correction: How much of the value is meta-knowledge of this user and this item: k(u, i) times what the part says under
            the weights that are the same for all.
    """

    name: str
    value: float
    rank_without: int | None
    correction: float = 0.0


@dataclass(frozen=True)
class AttentionWeight:
    """Where the encoder looked; never without the event it looked at.

    Attributes:
        item_id: Item of the past event.
        time: When it happened: ISO 8601 in UTC, or the event's position where the data has only an order.
        weight: Share of the attention, 0 to 1; over all events of the history it adds up to 1.
    """

    item_id: str
    time: str
    weight: float


@dataclass(frozen=True)
class Explanation:
    """Why one user was shown one item.

    Attributes:
        rank: Rank of the item among those the user has not seen; None when the user has seen it.
        parts: They sum to ``score``.
        attention: One entry a past event the encoder saw, oldest first; empty for models without attention.
        probability: Chance that the item is the very next one, as fitted on validation events; None when the user has seen
            it or the model was not calibrated.
    """

    user_id: str
    item_id: str
    score: float
    rank: int | None
    parts: tuple[PartValue, ...]
    attention: tuple[AttentionWeight, ...]
    probability: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)
