"""Explanations are data: what a page draws and a review archives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from metarec_core.graph.paths import Paths

Badge = Literal["agrees", "weak", "misleading"]

TRUST_FORMAT: Final = 2
"""Version of an ``AttentionTrust`` in a file; what is kept in another is measured again."""


@dataclass(frozen=True)
class EventShare:
    """What one event of the history adds to one part of the score.

    Attributes:
        item_id: Item of the past event.
        time: When it happened: ISO 8601 in UTC, or the event's position where the data has only an order.
        value: Its signed share, in units of the score.
        shared: What this item and the explained one have in common where the part reads that: ``genre: drama``, ``word: war``.
        others: How many users chose the explained item soon after this one (transition), or both (co-occurrence), among all
            events of the data; None where that is not what the part goes by. This user counts too where that is so.
    """

    item_id: str
    time: str
    value: float
    shared: tuple[str, ...] = ()
    others: int | None = None


@dataclass(frozen=True)
class Count:
    """How often everybody chose the item.

    Attributes:
        events: How often, each event as much as the part counts it (recent ones more in ``recent``).
        rank: Place among all items by that number; equals share the best place.
        n_items: Of how many.
    """

    events: float
    rank: int
    n_items: int


@dataclass(frozen=True)
class Situation:
    """How much more often the item is chosen in one situation of the request.

    Attributes:
        column: Context column, such as ``device``.
        value: Its value in the request.
        times: How many times more often than anywhere; below 1 less often.
    """

    column: str
    value: str
    times: float


@dataclass(frozen=True)
class TrustReason:
    """Why meta-knowledge trusts a part more or less for this pair: one thing that it looks at.

    Attributes:
        feature: What it looks at: ``history_length``, ``last_item``, ``item_events``, ``place``, ``says_<part>`` (what that
            part says of the item) or ``sure_<part>`` (how far its best item stands out).
        words: The same in words, with its value here.
        effect: By how much 1 + k would be lower, were this as it is on average; from running the network again.
    """

    feature: str
    words: str
    effect: float


@dataclass(frozen=True)
class PartValue:
    """One part of a score.

    Attributes:
        name: The part's name.
        value: Its signed share of the score.
        rank_without: Rank of the item were this part left out, among those that the user may get; None when the item is not
            one of them or the model has no other part.
        correction: How much of the value is meta-knowledge of this user and this item: k(u, i) times what the part says under
            the weights that are the same for all.
        reason: What the part goes by, in a sentence; titles in it are the analyst's text.
        events: Events of the history that carry it, the strongest first, where the part is a sum over events. With
            ``other_events`` they add up to ``value``.
        other_events: What all further events add together.
        n_other_events: How many they are.
        count: For popularity.
        situations: For context.
        borrowed_from: Items that lend this part to an item of which the model has no events, those that lend it most first.
            Then there are no ``count`` and no ``situations``: it has none of its own.
        trust: What 1 + k of this pair comes from, the strongest first; empty where k is the same for all.
        trust_reason: The same in a sentence, and that meta-knowledge does not look at this pair where it does not; "" where k
            is the same for all.
    """

    name: str
    value: float
    rank_without: int | None
    correction: float = 0.0
    reason: str = ""
    events: tuple[EventShare, ...] = ()
    other_events: float = 0.0
    n_other_events: int = 0
    count: Count | None = None
    situations: tuple[Situation, ...] = ()
    borrowed_from: tuple[str, ...] = ()
    trust: tuple[TrustReason, ...] = ()
    trust_reason: str = ""


@dataclass(frozen=True)
class AttentionWeight:
    """Where the encoder looked; never without the event it looked at.

    Attributes:
        item_id: Item of the past event.
        time: When it happened: ISO 8601 in UTC, or the event's position where the data has only an order.
        weight: Share of the attention, 0 to 1; over all events of the history it adds up to 1.
        heads: The same of each head in ``Explanation.heads``; empty where there is one only.
    """

    item_id: str
    time: str
    weight: float
    heads: tuple[float, ...] = ()


@dataclass(frozen=True)
class EventEffect:
    """What one event of the history really does for the item.

    Attributes:
        item_id: Item of the past event.
        time: When it happened, as in ``AttentionWeight``.
        effect: The item's score minus its score without this event, the whole model run again: positive events support it.
        gradient: The event's share of the sequence part by integrated gradients, in units of the score; None without a
            sequence part or where that part does not see the event.
    """

    item_id: str
    time: str
    effect: float
    gradient: float | None = None


@dataclass(frozen=True)
class Completeness:
    """How far integrated gradients add up to what they divide, as they should.

    Attributes:
        value: What the sequence part says of the item, in units of the score.
        start: What it says after as many events of the average item; gradients divide the difference.
        total: Sum of the events' gradients.
        residual: What is missing or too much, as a share of the difference; over .05 is not to be relied on.
    """

    value: float
    start: float
    total: float
    residual: float


@dataclass(frozen=True)
class Curve:
    """How an item's score falls as events are taken out, or rises as they are put in, one step after the other.

    Attributes:
        scores: The score at each of ``Faithfulness.steps``; for the random order the mean of several.
        area: Mean of ``scores`` over the steps (trapezoids): under deletion a lower one means that events that matter came
            first, under insertion a higher one.
    """

    scores: tuple[float, ...]
    area: float


@dataclass(frozen=True)
class Orders:
    """One kind of curve for each order of the events.

    Attributes:
        attention: Most attended first.
        reverse: Least attended first.
        random: Mean over random orders.
        effect: The event with the greatest real effect first: about as good as any order can be.
    """

    attention: Curve
    reverse: Curve
    random: Curve
    effect: Curve


@dataclass(frozen=True)
class Faithfulness:
    """Whether attention tells which events matter for this item, tested on the whole model.

    Attributes:
        badge: ``agrees``, ``weak`` or ``misleading``.
        rule: What the badge means, with the bounds.
        correlation: Spearman's rank correlation of the attention with the sizes of the effects, over the events attended to;
            None where either is the same for all.
        recovered: How far deleting events in the order of attention goes from a random order (0) towards the order of the
            real effects (1); below 0 it is worse than random. None where no order makes a difference.
        steps: How many of the attended events are out (deletion) or in (insertion) at each point of the curves.
        deletion: Events taken out of the history.
        insertion: Events put back into a history from which all attended ones were taken.
    """

    badge: Badge
    rule: str
    correlation: float | None
    recovered: float | None
    steps: tuple[int, ...]
    deletion: Orders
    insertion: Orders


@dataclass(frozen=True)
class Explanation:
    """Why one user was shown one item.

    Attributes:
        rank: Rank of the item among those that the user may get; None when the user has seen it, and items do not come again.
        parts: They sum to ``score``.
        attention: One entry a past event the encoder saw, oldest first; empty for models without attention.
        probability: Chance that the item is the very next one, as fitted on validation events; None without a rank, and where
            the model was not calibrated.
        heads: Names of the attention heads where there are several.
        effects: One entry a past event the model saw, oldest first; empty where they were not asked for.
        completeness: Of the gradients; None without them.
        faithfulness: Whether attention tells which events matter; None without attention or effects.
        paths: Ways through the knowledge graph from the history to the item; None where they were not asked for.
    """

    user_id: str
    item_id: str
    score: float
    rank: int | None
    parts: tuple[PartValue, ...]
    attention: tuple[AttentionWeight, ...]
    probability: float | None = None
    heads: tuple[str, ...] = ()
    effects: tuple[EventEffect, ...] = ()
    completeness: Completeness | None = None
    faithfulness: Faithfulness | None = None
    paths: Paths | None = None

    @property
    def badge(self) -> Badge | None:
        """Whether attention can be trusted here; None if that was not tested."""
        return None if self.faithfulness is None else self.faithfulness.badge

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class PastEvent:
    """One event of a history.

    Attributes:
        item_id: Its item.
        time: When, as in ``AttentionWeight``.
    """

    item_id: str
    time: str


@dataclass(frozen=True)
class Removal:
    """Events without which the item would not be in the list.

    Attributes:
        events: What has to go, oldest first.
        rank: Rank of the item without them, from running the whole model again; their items stay out of the list.
        smallest: Whether no smaller set does it: proven, by trying them all. Otherwise every event of the set is needed,
            but another, smaller set might do.
    """

    events: tuple[PastEvent, ...]
    rank: int
    smallest: bool


@dataclass(frozen=True)
class ContextChange:
    """A situation in which the item would be on the other side of the list's end.

    Attributes:
        column: Context column that changes; one is enough.
        value: What it would have to be.
        rank: Rank of the item then, from running the whole model again.
        instead_of: What it is; "" where it is unknown.
    """

    column: str
    value: str
    rank: int
    instead_of: str = ""


@dataclass(frozen=True)
class ItemValue:
    """Something that an item has.

    Attributes:
        name: Its attribute, or its relation in the facts.
        value: The value, or the entity.
    """

    name: str
    value: str


@dataclass(frozen=True)
class AttributeChange:
    """Values of the item itself, with or without which it would be on the other side of the list's end.

    Attributes:
        removed: What the item would have to lack; for an item in the list.
        added: What it would have to have; for an item outside the list.
        rank: Rank of the item then, from running the whole model again on the item so changed.
        smallest: Whether no smaller set does it: proven, by trying them all. Of what is added only one is ever proven.
        enough: Whether that is on the other side; otherwise it is as far as the search came.
    """

    removed: tuple[ItemValue, ...]
    added: tuple[ItemValue, ...]
    rank: int
    smallest: bool
    enough: bool = True


@dataclass(frozen=True)
class Addition:
    """Items after which the item would be in the list.

    Attributes:
        items: What would have to be chosen next, in this order.
        rank: Rank of the item after that, from running the whole model again.
        enough: Whether that is in the list; otherwise it is as far as the search came.
    """

    items: tuple[str, ...]
    rank: int
    enough: bool


@dataclass(frozen=True)
class Counterfactuals:
    """What would have to be different for an item to leave the list, or to come into it.

    Attributes:
        user_id, item_id: Whose list, and which item.
        k: Length of the list.
        rank: Rank of the item as things are; None when the user has had it, and items do not come again.
        removal: For an item in the list; None for others, and where no removal was found.
        context: None where no single change of context that was tried is enough.
        addition: For an item outside the list; None for others, and where nothing that was tried lifts it.
        attributes: What the item would have to lack, or to have; None where no such change was found.
        remarks: What was not found or not looked for, and why, in sentences.
    """

    user_id: str
    item_id: str
    k: int
    rank: int | None
    removal: Removal | None
    context: ContextChange | None
    addition: Addition | None
    remarks: tuple[str, ...] = ()
    attributes: AttributeChange | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class AttentionTrust:
    """How often attention can be trusted in one run, over some of its users.

    Attributes:
        rows: One a slice: ``kind``, what it is cut by ("All", "History", "Item popularity" in thirds of all events, "User: …"),
            ``slice``, which one, ``pairs``, the shares ``agrees``, ``weak`` and ``misleading``, the quartiles
            ``correlation_low``, ``correlation`` and ``correlation_high``, and the medians ``recovered``, ``deletion``,
            ``deletion_random``, ``insertion`` and ``insertion_random``: areas under the curves, as shares of the way from the
            score without the attended events to the whole score. None where there is nothing to take a median of.
        n_users: Users sampled, each with the top item of the list.
        seed: Of the sample.
    """

    rows: tuple[dict[str, Any], ...]
    n_users: int
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, with the ``TRUST_FORMAT`` they have."""
        return {"format": TRUST_FORMAT, **asdict(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> AttentionTrust:
        """What ``to_dict`` wrote.

        Raises:
            KeyError, TypeError, ValueError: The values are none, or have another format.
        """
        if values["format"] != TRUST_FORMAT:
            raise ValueError(f"format {values['format']}, not {TRUST_FORMAT}")
        return cls(tuple(dict(row) for row in values["rows"]), int(values["n_users"]), int(values["seed"]))
