"""What a data set can support, from popularity alone to a model of sequences, with the thresholds and what would help.

The thresholds are rules of thumb, not laws: below them a model can be trained, but the log is too small for its gain to show.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from metarec_core.data.profile import Profile
from metarec_core.language import later, say

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
    best = ladder[0].what
    for support in ladder:
        if not support.enough:
            break
        best = support.what
    by_text, by_attributes = (support.enough for support in others[:2])
    if by_text and by_attributes:
        cold = say("New items can be placed by their text and attributes.")
    elif by_text:
        cold = say("New items can be placed by their text.")
    elif by_attributes:
        cold = say("New items can be placed by their attributes.")
    else:
        cold = say("New items cannot be placed.")
    return Verdict(say("This data can support {best}. {cold}", best=best, cold=cold), ladder, others)


def _ladder(profile: Profile) -> tuple[Support, ...]:
    pairs = int((profile.user_events >= 2).sum())
    an_item = profile.n_events / max(int((profile.item_events > 0).sum()), 1)
    steps = int(np.maximum(profile.user_events - 1, 0).sum() * (1 - profile.ties))
    long = int((profile.user_events >= LONG).sum())
    return (
        Support(
            say("popularity only"),
            True,
            say("Lists of the most popular items need only events; there are {n:,}.", n=profile.n_events),
        ),
        _support(
            say("what goes together"),
            pairs >= FEWEST_COMPARABLE_USERS and an_item >= EVENTS_AN_ITEM,
            say(
                "“Who chose this also chose that” needs {least_users:,} users with two events and "
                "{least_events:g} events per item that was chosen at all; there are {users:,} and "
                "{events:.1f}.",
                least_users=FEWEST_COMPARABLE_USERS,
                least_events=EVENTS_AN_ITEM,
                users=pairs,
                events=an_item,
            ),
            later("Use a longer log, or leave out items that were chosen only once."),
        ),
        _support(
            say("what comes next"),
            steps >= FEWEST_STEPS and profile.ties <= MOST_TIES,
            say(
                "Steps from one event to the next need an order: {least_steps:,} steps, with at most "
                "{most_ties:.0%} of events at the same time as the previous one; there are {steps:,} and "
                "{ties:.0%}.",
                least_steps=FEWEST_STEPS,
                most_ties=MOST_TIES,
                steps=steps,
                ties=profile.ties,
            ),
            later("Provide times to the second, or a longer log."),
        ),
        _support(
            say("a sequence model"),
            profile.n_events >= FEWEST_SEQUENCE_EVENTS and long >= FEWEST_LONG_USERS and profile.ties <= MOST_TIES,
            say(
                "A model of whole histories needs {least_events:,} events and {least_users:,} users with {long} or more; "
                "there are {events:,} and {users:,}.",
                least_events=FEWEST_SEQUENCE_EVENTS,
                least_users=FEWEST_LONG_USERS,
                long=LONG,
                events=profile.n_events,
                users=long,
            ),
            later("Use a log with more users, or a longer log of the same users."),
        ),
    )


def _others(profile: Profile) -> tuple[Support, ...]:
    items = [coverage for coverage in profile.coverage if coverage.table == "items"]
    shared = [coverage for coverage in items if coverage.n_values < coverage.share * profile.n_items]
    best = max(shared, key=lambda coverage: coverage.share, default=None)
    covered = best.share if best is not None else 0.0
    there = (
        say("no attribute is shared")
        if best is None
        else say("{attribute} is filled for {share:.0%} of items", attribute=best.name, share=covered)
    )
    if profile.n_facts:
        there = say("{there}, and {n:,} facts", there=there, n=profile.n_facts)
    timed = profile.first is not None
    return (
        _support(
            say("new items from text"),
            profile.text.share >= ENOUGH_COVERED,
            say(
                "An item that nobody has chosen yet is placed by its text: {share:.0%} of items have two "
                "words or more; at least {least:.0%} should.",
                share=profile.text.share,
                least=ENOUGH_COVERED,
            ),
            later("Provide an item file with titles and descriptions."),
        ),
        _support(
            say("new items from attributes"),
            covered >= ENOUGH_COVERED or profile.n_facts >= profile.n_items > 0,
            say(
                "Attributes that items share, or facts, place them too: {there}; {least:.0%}, or one "
                "fact per item, is enough.",
                there=there,
                least=ENOUGH_COVERED,
            ),
            later("Provide an item file with categories, brands, tags …, or facts."),
        ),
        _support(
            say("testing"),
            profile.evaluable_users >= FEWEST_MEASURED_USERS,
            say(
                "Testing needs users with three events or more, {least} for narrow intervals; there are {users:,}.",
                least=FEWEST_MEASURED_USERS,
                users=profile.evaluable_users,
            ),
            later("Use a log with more users who have three events or more."),
        ),
        _support(
            say("a split by time"),
            timed and not isinstance(profile.cold.get("time"), str),
            say(
                "Training on the past and testing on the future is closest to real use; it needs real "
                "times and users who return."
                if timed
                else "Training on the past and testing on the future is closest to real use; it needs real "
                "times, and there is only an order."
            ),
            later("Provide a time for each event, over a longer period."),
        ),
    )


def _support(what: str, enough: bool, reason: str, bring: str) -> Support:
    return Support(what, enough, reason, "" if enough else say(bring))
