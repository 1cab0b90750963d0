"""What a data set can support, from popularity alone to a model of sequences, with the thresholds and what would help.

The thresholds are rules of thumb, not laws: below them a model can be trained, but the log is too small for its gain to show.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from metarec_core.data.profile import Profile

FEWEST_COMPARABLE_USERS: Final = 100
"""Users with two events, for "who chose this also chose that"."""
EVENTS_AN_ITEM: Final = 2.0
"""Below, most items were chosen once: nothing goes with them."""
FEWEST_STEPS: Final = 1_000
"""Pairs of consecutive events, for what comes next."""
MOST_TIES: Final = 0.5
"""Above, the order of most events is unknown."""
FEWEST_SEQUENCE_EVENTS: Final = 10_000
LONG: Final = 5
FEWEST_LONG_USERS: Final = 500
"""Users with ``LONG`` events or more, for a model of whole histories."""
FEWEST_MEASURED_USERS: Final = 200
"""From about here on intervals of measures become narrow."""
ENOUGH_COVERED: Final = 0.5
"""Share of items with text or attributes, so that new items can be placed by them."""


@dataclass(frozen=True)
class Support:
    """One thing that data can support, or not.

    Attributes:
        what: In a few words.
        enough: Whether the data supports it.
        reason: What it takes and what there is, one sentence.
        bring: What to bring to get there; empty where it is enough.
    """

    what: str
    enough: bool
    reason: str
    bring: str = ""


@dataclass(frozen=True)
class Verdict:
    """What a data set can support.

    Attributes:
        headline: The whole in a sentence.
        ladder: From popularity to sequences; what comes later asks for more.
        others: New items, new users, measuring.
    """

    headline: str
    ladder: tuple[Support, ...]
    others: tuple[Support, ...]


def verdict(profile: Profile) -> Verdict:
    """What a data set can support, why, and what to bring to get further."""
    ladder, others = _ladder(profile), _others(profile)
    best = "popularity only"
    for support in ladder:
        if not support.enough:
            break
        best = support.what
    content = [support.what.removeprefix("new items from ") for support in others[:2] if support.enough]
    cold = f"New items can be placed by their {' and '.join(content)}." if content else "New items cannot be placed."
    return Verdict(f"This data can support {best}. {cold}", ladder, others)


def _ladder(profile: Profile) -> tuple[Support, ...]:
    pairs = int((profile.user_events >= 2).sum())
    an_item = profile.n_events / max(int((profile.item_events > 0).sum()), 1)
    steps = int(np.maximum(profile.user_events - 1, 0).sum() * (1 - profile.ties))
    long = int((profile.user_events >= LONG).sum())
    return (
        Support(
            "popularity only",
            True,
            f"Lists of what is chosen most need nothing but events; there are {profile.n_events:,}.",
        ),
        _support(
            "what goes together",
            pairs >= FEWEST_COMPARABLE_USERS and an_item >= EVENTS_AN_ITEM,
            f"“Who chose this also chose that” needs {FEWEST_COMPARABLE_USERS:,} users with two events and "
            f"{EVENTS_AN_ITEM:g} events for an item that was chosen at all; there are {pairs:,} and {an_item:.1f}.",
            "a longer log, or leave out items that were chosen once",
        ),
        _support(
            "what comes next",
            steps >= FEWEST_STEPS and profile.ties <= MOST_TIES,
            f"Steps from one event to the next need an order: {FEWEST_STEPS:,} steps, at most {MOST_TIES:.0%} of events at the "
            f"same time as the one before; there are {steps:,} and {profile.ties:.0%}.",
            "times to the second, or a longer log",
        ),
        _support(
            "a sequence model",
            profile.n_events >= FEWEST_SEQUENCE_EVENTS and long >= FEWEST_LONG_USERS and profile.ties <= MOST_TIES,
            f"A model of whole histories needs {FEWEST_SEQUENCE_EVENTS:,} events and {FEWEST_LONG_USERS:,} users with {LONG} "
            f"or more; there are {profile.n_events:,} and {long:,}.",
            "more users, or a longer log of the same users",
        ),
    )


def _others(profile: Profile) -> tuple[Support, ...]:
    items = [coverage for coverage in profile.coverage if coverage.table == "items"]
    shared = [coverage for coverage in items if coverage.n_values < coverage.share * profile.n_items]
    best = max(shared, key=lambda coverage: coverage.share, default=None)
    covered = best.share if best is not None else 0.0
    facts = f", and {profile.n_facts:,} facts" if profile.n_facts else ""
    return (
        _support(
            "new items from text",
            profile.text.share >= ENOUGH_COVERED,
            f"An item that nobody chose yet is placed by what is written about it: {profile.text.share:.0%} of items have two "
            f"words or more, {ENOUGH_COVERED:.0%} should.",
            "an item file with titles and descriptions",
        ),
        _support(
            "new items from attributes",
            covered >= ENOUGH_COVERED or profile.n_facts >= profile.n_items > 0,
            "Attributes that items share, or facts, place them too: "
            + (f"{best.name} is filled for {covered:.0%} of items" if best is not None else "no attribute is shared")
            + f"{facts}; {ENOUGH_COVERED:.0%}, or a fact an item, is enough.",
            "an item file with categories, brands, tags …, or facts",
        ),
        _support(
            "measuring",
            profile.evaluable_users >= FEWEST_MEASURED_USERS,
            f"Measuring needs users with three events or more, {FEWEST_MEASURED_USERS} for narrow intervals; there are "
            f"{profile.evaluable_users:,}.",
            "more users with three events or more",
        ),
        _support(
            "a split by time",
            profile.first is not None and not isinstance(profile.cold.get("time"), str),
            "Training on the past and asking about the future is nearest to use, and needs real times"
            + (" and users who come back." if profile.first is not None else "; there is only an order."),
            "a time for each event, over a longer period",
        ),
    )


def _support(what: str, enough: bool, reason: str, bring: str) -> Support:
    return Support(what, enough, reason, "" if enough else f"Bring {bring}.")
