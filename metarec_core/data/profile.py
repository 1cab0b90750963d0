"""What a data set looks like before anything is trained on it: sizes, density, long tail, activity over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from metarec_core.data import columns
from metarec_core.data.tables import Tables

MOST_PERIODS = 90
"""Bars of activity over time at most; the period is chosen to stay below."""


@dataclass(frozen=True)
class Profile:
    """Sizes and shapes of one data set.

    Attributes:
        n_users: Users with events.
        n_items: Items of the catalogue.
        n_events: Events.
        n_facts: Facts about items, 0 where none were brought.
        user_events: int64 [n_users], events of each user, most active first.
        item_events: int64 [n_items], events of each item, most popular first; 0 for items nobody chose.
        repeats: Events whose user had the item before.
        activity: Events in each period: start (time, or event position), events.
        period: "day", "week", "month" or "events" (where the data has only an order).
        first: Time of the first event, None where the data has only an order.
        last: Time of the last event, None where the data has only an order.
    """

    n_users: int
    n_items: int
    n_events: int
    n_facts: int
    user_events: npt.NDArray[np.int64]
    item_events: npt.NDArray[np.int64]
    repeats: int
    activity: pd.DataFrame
    period: str
    first: pd.Timestamp | None
    last: pd.Timestamp | None

    @property
    def density(self) -> float:
        """Share of all user-item pairs that happened, 0 to 1."""
        pairs = self.n_users * self.n_items
        return (self.n_events - self.repeats) / pairs if pairs else 0.0

    @property
    def cold_items(self) -> int:
        """Items without a single event."""
        return int((self.item_events == 0).sum())

    @property
    def evaluable_users(self) -> int:
        """Users with three events or more: one can be held out to choose with and one to measure with."""
        return int((self.user_events >= 3).sum())

    def share_of_top(self, share: float) -> float:
        """Share of all events that falls on the most popular ``share`` of the catalogue, both 0 to 1."""
        top = max(1, round(self.n_items * share))
        return float(self.item_events[:top].sum() / self.n_events) if self.n_events else 0.0


def profile(tables: Tables) -> Profile:
    """Look over a data set once; linear in its events."""
    events = tables.events
    user_events: npt.NDArray[np.int64] = np.asarray(events[columns.USER_ID].value_counts(), dtype=np.int64)
    chosen = events[columns.ITEM_ID].value_counts()
    item_events = np.zeros(len(tables.items), dtype=np.int64)
    item_events[: len(chosen)] = chosen.to_numpy()
    period, activity = _activity(events[columns.TIME], tables.has_clock_times)
    times = events[columns.TIME] if tables.has_clock_times and len(events) else None
    return Profile(
        n_users=len(user_events),
        n_items=len(tables.items),
        n_events=len(events),
        n_facts=0 if tables.facts is None else len(tables.facts),
        user_events=user_events,
        item_events=item_events,
        repeats=int(events.duplicated([columns.USER_ID, columns.ITEM_ID]).sum()),
        activity=activity,
        period=period,
        first=None if times is None else times.min(),
        last=None if times is None else times.max(),
    )


def _activity(times: pd.Series, has_clock_times: bool) -> tuple[str, pd.DataFrame]:
    if times.empty:
        return "events", pd.DataFrame({"start": [], "events": []})
    if not has_clock_times:
        span = int(times.max()) - int(times.min()) + 1
        width = max(1, -(-span // MOST_PERIODS))
        starts = times - (times - times.min()) % width
        counts = starts.value_counts().sort_index()
        return "events", pd.DataFrame({"start": counts.index, "events": counts.to_numpy()})
    span_days = (times.max() - times.min()).days + 1
    period, rule = next(
        (name, rule)
        for name, rule, days in (("day", "D", 1), ("week", "W-MON", 7), ("month", "MS", 10**9))
        if span_days / days <= MOST_PERIODS
    )
    resampler = pd.Series(1, index=pd.DatetimeIndex(times)).resample(rule, closed="left", label="left")
    counts = resampler.sum()
    return period, pd.DataFrame({"start": counts.index, "events": counts.to_numpy()})
