"""What parts go by, in plain words. Titles are the analyst's text: a sentence is escaped where it is shown as markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from metarec_core.explain.explanation import Count, PartValue, TrustReason

Titles = Callable[[str], str]

NAMED: Final = 2
"""Events that a sentence names."""

_MEANT: Final = {
    "transition": "It is often chosen soon after",
    "cooccurrence": "It goes together with",
    "regression": "The latest events together lead to it, most of all",
    "text": "It is described like",
    "modes": "Its pictures, sounds or other vectors are like those of",
    "graph": "Items of its kind often follow items like",
}
_SMALL = 0.005  # a change of 1 + k below which nothing has moved


@dataclass(frozen=True)
class Known:
    """How much is known of a pair.

    Attributes:
        history_length: Events of the user that the model sees.
        last_item_events: How often the user's latest item was chosen by anyone.
        item_events: How often the item was.
    """

    history_length: int
    last_item_events: int
    item_events: int


def reason(part: PartValue, title: Titles) -> str:
    """What a part goes by; "" where nothing is known of it."""
    if part.count is not None:
        return _count(part.name, part.count)
    if part.name == "context":
        return _context(part)
    if part.name == "sequence":
        return "The network's reading of the latest events in their order."
    carrying = [event for event in part.events if event.value > 0]
    if part.name not in _MEANT and not part.events:
        return ""
    if not carrying:
        return "Nothing in the history speaks for it." if part.value <= 0 else ""
    named = [_event(event.item_id, event.shared, event.others, part.name, title) for event in carrying[:NAMED]]
    n_more = len(carrying) - len(named) + part.n_other_events
    more = f", and {n_more} more" if n_more else ""
    return f"{_MEANT.get(part.name, 'It is carried by')} {' and '.join(named)}{more}."


def sequence_reason(strongest: Sequence[tuple[str, float]], title: Titles) -> str:
    """What the network goes by, from its gradients.

    Args:
        strongest: Item ids with the share of each event, strongest first.
        title: Titles of items.
    """
    named = [f"“{title(item)}”" for item, share in strongest if share > 0][:NAMED]
    words = "The network's reading of the latest events in their order"
    return f"{words}, most of all {' and '.join(named)}." if named else f"{words}: none of them speaks for it."


def feature(name: str, known: Known) -> str:
    """One thing that meta-knowledge looks at."""
    kind, _, part = name.partition("_")
    if kind == "says":
        return f"what {part} says of the item"
    if kind == "sure":
        return f"how far the best item of {part} stands out"
    return {
        "place": "the item's place among the best",
        "item_events": f"the item was chosen {_times(known.item_events)}",
        "history_length": f"the history has {_events(known.history_length)}",
        "last_item": f"its latest item was chosen {_times(known.last_item_events)}",
    }[name]


def trust_reason(part: str, factor: float, reasons: Sequence[TrustReason]) -> str:
    """Why 1 + k of a pair is what it is.

    Args:
        part: Name of the part.
        factor: 1 + k.
        reasons: What moved it, the strongest first.
    """
    change = factor - 1
    if abs(change) < _SMALL:
        return f"{part} counts as much as for everybody."
    towards = [r for r in reasons if r.effect * change > 0 and abs(r.effect) >= _SMALL][:NAMED]
    words = f"{part} counts {abs(change):.0%} {'more' if change > 0 else 'less'} than for everybody"
    if not towards:
        return f"{words}; no single thing decides it."
    return f"{words}, most of all because of this: " + "; ".join(f"{r.words} ({r.effect:+.0%})" for r in towards) + "."


def _count(part: str, count: Count) -> str:
    place = f"place {count.rank:,} of {count.n_items:,}"
    if part in ("recent", "recent_popular"):
        return f"Of what was chosen lately it has {place} (recent events count more: {count.events:,.1f} in all)."
    return f"It was chosen {_times(round(count.events))} by anyone: {place}."


def _context(part: PartValue) -> str:
    if not part.situations:
        return "The situation of the request is not known."
    return " ".join(
        f"With {situation.column} {situation.value} it is chosen {situation.times:.2f} times as often as anywhere."
        for situation in part.situations
    )


def _event(item_id: str, shared: Sequence[str], others: int | None, part: str, title: Titles) -> str:
    words = f"“{title(item_id)}”"
    if shared:
        return f"{words} ({', '.join(shared)})"
    if others:
        return f"{words} ({others:,} {'user' if others == 1 else 'users'} {_did(part)})"
    return words


def _did(part: str) -> str:
    return "made the step" if part == "transition" else "chose both"


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n:,} times"


def _events(n: int) -> str:
    return "1 event" if n == 1 else f"{n:,} events"
