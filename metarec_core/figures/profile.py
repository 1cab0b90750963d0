"""The charts of a data set's profile in words and in numbers, for those who cannot see them or want to go on with them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from metarec_core.data.profile import Coverage, Profile
from metarec_core.figures.text import day, listed, percent
from metarec_core.language import later, say

MOST_TAIL_POINTS = 300
MOST_ATTRIBUTES = 12
ACTIVITY_TITLES = {
    "day": later("Events per day"),
    "week": later("Events per week"),
    "month": later("Events per month"),
    "events": later("Events in file order"),
}
"""By the period of a profile's activity."""
FILLED = later("Share filled")
SHARES = (later("Share of the catalogue"), later("Share of events"), FILLED)
"""Columns of the tables below that are shares."""


def activity_words(profile: Profile) -> str:
    """From when to when, how few and how many, and the peak."""
    title, events = say(ACTIVITY_TITLES[profile.period]), profile.activity["events"]
    if not len(events):
        return title
    starts = _starts(profile)
    return say(
        "{title}, {first} to {last}: from {least:,} to {most:,}, the peak at {peak}.",
        title=title,
        first=starts[0],
        last=starts[-1],
        least=int(events.min()),
        most=int(events.max()),
        peak=starts[int(events.to_numpy().argmax())],
    )


def activity_table(profile: Profile) -> pd.DataFrame:
    """Events in each period: From, Events."""
    return pd.DataFrame({later("From"): _starts(profile), later("Events"): profile.activity["events"].to_numpy()})


def tail_words(profile: Profile) -> str:
    """What the top of the catalogue has of the events."""
    return say(
        "Share of events by share of the catalogue: the most popular 1% of items have {first}, the top 10% {tenth}, the "
        "top half {half}.",
        first=percent(profile.share_of_top(0.01)),
        tenth=percent(profile.share_of_top(0.1)),
        half=percent(profile.share_of_top(0.5)),
    )


def tail_table(profile: Profile) -> pd.DataFrame:
    """Points of the curve: Items (the most popular ones), Share of the catalogue, Share of events."""
    n = len(profile.item_events)
    places = np.unique(np.linspace(0, n, min(n, MOST_TAIL_POINTS) + 1).round().astype(int))
    events = np.concatenate([[0], np.cumsum(profile.item_events)])[places]
    catalogue, share = SHARES[:2]
    return pd.DataFrame(
        {later("Items"): places, catalogue: places / max(n, 1), share: events / max(profile.n_events, 1)}
    )


def lengths_words(profile: Profile) -> str:
    """The fewest, the most and the middle."""
    if not len(profile.user_events):
        return say("Users by number of events")
    return say(
        "Users by number of events: from {least:,} to {most:,} events, with a median of {middle:,.0f}.",
        least=int(profile.user_events.min()),
        most=int(profile.user_events.max()),
        middle=np.median(profile.user_events),
    )


def lengths_table(profile: Profile) -> pd.DataFrame:
    """Users in bins that double, so that a few heavy users do not flatten the rest: Events of a user, Users."""
    edges = length_edges(profile)
    counts, _ = np.histogram(profile.user_events, bins=edges)
    spans = [
        f"{low}" if high - low == 1 else say("{low} to {high}", low=low, high=high - 1) for low, high in pairwise(edges)
    ]
    return pd.DataFrame({later("Events of a user"): spans, later("Users"): counts})


def length_edges(profile: Profile) -> npt.NDArray[np.int64]:
    """Where the bins of ``lengths_table`` begin, and where the last one ends."""
    edges: npt.NDArray[np.int64] = 2 ** np.arange(0, int(np.log2(max(int(profile.user_events.max(initial=1)), 1))) + 2)
    return edges


def coverage_words(profile: Profile) -> str:
    """Each attribute with the share of rows that have it."""
    filled = [f"{attribute_title(one)} {percent(one.share)}" for one in profile.coverage[:MOST_ATTRIBUTES]]
    return say("Share of rows with a value, by attribute: {values}", values=listed(filled))


def coverage_table(profile: Profile) -> pd.DataFrame:
    """Every attribute, also those beyond the bars: Attribute, Share that is filled, Values."""
    return pd.DataFrame(
        {
            later("Attribute"): [attribute_title(one) for one in profile.coverage],
            FILLED: [one.share for one in profile.coverage],
            later("Values"): [one.n_values for one in profile.coverage],
        }
    )


def attribute_title(one: Coverage) -> str:
    """The column, with whose it is where it is not the items'."""
    return say("{name} (users)", name=one.name) if one.table == "users" else one.name


def _starts(profile: Profile) -> list[str]:
    """When each period begins; its place in the order where there is only an order."""
    starts = profile.activity["start"]
    return [f"{int(place):,}" for place in starts] if profile.period == "events" else [day(time) for time in starts]
