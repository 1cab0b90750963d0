"""What parts go by, in plain words. Titles are the analyst's text: a sentence is escaped where it is shown as markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from metarec_core.explain.explanation import Count, PartValue, TrustReason
from metarec_core.language import later, say, several

Titles = Callable[[str], str]

NAMED: Final = 2
"""Events that a sentence names."""

_MEANT: Final = {
    "transition": later("It is often chosen soon after {events}."),
    "cooccurrence": later("It goes together with {events}."),
    "regression": later("The latest events together point to it, above all {events}."),
    "text": later("Its description resembles that of {events}."),
    "modes": later("Its images, sounds or other vectors resemble those of {events}."),
    "graph": later("Items of its kind often follow items like {events}."),
}
_CARRIED: Final = later("It rests on {events}.")
_BORROWED: Final = {
    "transition": later(
        "The model has no events of it, and borrows from items like it ({lenders}): they are often chosen soon after {events}."
    ),
    "cooccurrence": later(
        "The model has no events of it, and borrows from items like it ({lenders}): they go together with {events}."
    ),
    "regression": later(
        "The model has no events of it, and borrows from items like it ({lenders}): the latest events "
        "together point to them, above all {events}."
    ),
    "popularity": later(
        "The model has no events of it, and borrows from items like it ({lenders}): how popular they are counts for it too."
    ),
    "recent": later(
        "The model has no events of it, and borrows from items like it ({lenders}): how popular they "
        "were recently counts for it too."
    ),
    "context": later(
        "The model has no events of it, and borrows from items like it ({lenders}): how often they are chosen in such a "
        "situation counts for it too."
    ),
}
"""Of parts in which an item without events has what others have."""
_SMALL = 0.005  # a change of 1 + k below which nothing has moved


@dataclass(frozen=True)
class Known:
    """How much is known of a pair.

    Attributes:
        history_length: Events of the user that the model sees.
        last_item_events: How often the user's latest item was chosen by anyone.
        item_events: How often the item was.
        borrows: Whether it was never chosen as far as the model knows, and is taken to be as well known as its lenders.
    """

    history_length: int
    last_item_events: int
    item_events: int
    borrows: bool = False


def reason(part: PartValue, title: Titles) -> str:
    """What a part goes by; "" where nothing is known of it."""
    if part.count is not None:
        return _count(part.name, part.count)
    if part.name in ("popularity", "recent", "context") and part.borrowed_from:
        return say(_BORROWED[part.name], lenders=_lenders(part, title))
    if part.name == "context":
        return _context(part)
    if part.name == "sequence":
        return say("The network's reading of the latest events in order.")
    carrying = [event for event in part.events if event.value > 0]
    if part.name not in _MEANT and not part.events:
        return ""
    if not carrying:
        return say("Nothing in the history supports it.") if part.value <= 0 else ""
    named = [_event(event.item_id, event.shared, event.others, part.name, title) for event in carrying[:NAMED]]
    events = _with_more(named, len(carrying) - len(named) + part.n_other_events)
    if part.name in _BORROWED and part.borrowed_from:
        return say(_BORROWED[part.name], lenders=_lenders(part, title), events=events)
    return say(_MEANT.get(part.name, _CARRIED), events=events)


def sequence_reason(strongest: Sequence[tuple[str, float]], title: Titles) -> str:
    """What the network goes by, from its gradients.

    Args:
        strongest: Item ids with the share of each event, strongest first.
        title: Titles of items.
    """
    named = [say("“{title}”", title=title(item)) for item, share in strongest if share > 0][:NAMED]
    if not named:
        return say("The network's reading of the latest events in order: none of them supports it.")
    events = say(" and ").join(named)
    return say("The network's reading of the latest events in order, above all {events}.", events=events)


def feature(name: str, known: Known) -> str:
    """One thing that meta-knowledge looks at."""
    kind, _, part = name.partition("_")
    if kind == "says":
        return say("what {part} says about the item", part=part)
    if kind == "sure":
        return say("how far the best item of {part} stands out", part=part)
    if name == "place":
        return say("the item's rank among the best")
    if name == "item_events" and known.borrows:
        return say("the model has no events of the item and treats it as being as well known as items like it")
    one, many, n = {
        "item_events": (later("the item was chosen once"), later("the item was chosen {n:,} times"), known.item_events),
        "history_length": (
            later("the history has 1 event"),
            later("the history has {n:,} events"),
            known.history_length,
        ),
        "last_item": (
            later("its latest item was chosen once"),
            later("its latest item was chosen {n:,} times"),
            known.last_item_events,
        ),
    }[name]
    return several(n, one, many)


def trust_reason(part: str, factor: float, reasons: Sequence[TrustReason]) -> str:
    """Why 1 + k of a pair is what it is.

    Args:
        part: Name of the part.
        factor: 1 + k.
        reasons: What moved it, the strongest first.
    """
    change = factor - 1
    if abs(change) < _SMALL:
        return say("{part} counts as much as for everyone.", part=part)
    towards = [r for r in reasons if r.effect * change > 0 and abs(r.effect) >= _SMALL][:NAMED]
    counts = (
        later("{part} counts {change:.0%} more than for everyone")
        if change > 0
        else later("{part} counts {change:.0%} less than for everyone")
    )
    words = say(counts, part=part, change=abs(change))
    if not towards:
        return say("{words}; no single factor decides it.", words=words)
    why = say("; ").join(say("{words} ({effect:+.0%})", words=r.words, effect=r.effect) for r in towards)
    return say("{words}, mainly for this reason: {why}.", words=words, why=why)


def not_looked_at(n: int) -> str:
    """That meta-knowledge of pairs has nothing to say of this one.

    Args:
        n: How many items it looks at.
    """
    return say(
        "Meta-knowledge of pairs looks at the {n} best items that are not in the history; this is not "
        "one of them, so its k is 0 here.",
        n=n,
    )


def _lenders(part: PartValue, title: Titles) -> str:
    named = [say("“{title}”", title=title(item)) for item in part.borrowed_from[:NAMED]]
    return _with_more(named, len(part.borrowed_from) - len(named))


def _with_more(named: Sequence[str], n_more: int) -> str:
    events = say(" and ").join(named)
    return say("{events}, and {n} more", events=events, n=n_more) if n_more else events


def _count(part: str, count: Count) -> str:
    place = say("rank {rank:,} of {n_items:,}", rank=count.rank, n_items=count.n_items)
    if part in ("recent", "recent_popular"):
        words = later("Among recent choices it has {place} (recent events count more: {events:,.1f} in all).")
        return say(words, place=place, events=count.events)
    n = round(count.events)
    return several(
        n, "It was chosen once overall: {place}.", "It was chosen {n:,} times overall: {place}.", place=place
    )


def _context(part: PartValue) -> str:
    if not part.situations:
        return say("The situation of the request is unknown.")
    words = later("With {column} {value} it is chosen {times:.2f} times as often as overall.")
    return " ".join(
        say(words, column=situation.column, value=situation.value, times=situation.times)
        for situation in part.situations
    )


def _event(item_id: str, shared: Sequence[str], others: int | None, part: str, title: Titles) -> str:
    words = say("“{title}”", title=title(item_id))
    if shared:
        return say("{event} ({shared})", event=words, shared=say(", ").join(shared))
    if not others:
        return words
    if part == "transition":
        return several(
            others, "{event} ({n:,} user made this step)", "{event} ({n:,} users made this step)", event=words
        )
    return several(others, "{event} ({n:,} user chose both)", "{event} ({n:,} users chose both)", event=words)
