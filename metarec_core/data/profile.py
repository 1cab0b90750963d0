"""What a data set looks like before anything is trained on it: sizes, long tail, time, sessions, cold items, coverage, text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from metarec_core.config import Protocol
from metarec_core.data import columns
from metarec_core.data.dataset import Dataset, Interactions
from metarec_core.data.encode import encode
from metarec_core.data.split import SPLITS
from metarec_core.data.tables import Tables, as_texts
from metarec_core.errors import DataError

MOST_PERIODS = 90
"""Bars of activity over time at most; the period is chosen to stay below."""

SESSION_GAP_S: Final = 1_800
"""A user who did nothing for longer than half an hour begins a new session: what web analytics takes for one."""

PROTOCOLS: Final[tuple[Protocol, ...]] = ("time", "leave_one_out")

SCRIPTS: Final = {
    "Latin": r"\p{Latin}",
    "Chinese": r"\p{Han}",
    "Japanese kana": r"[\p{Hiragana}\p{Katakana}]",
    "Korean": r"\p{Hangul}",
    "Cyrillic": r"\p{Cyrillic}",
    "Greek": r"\p{Greek}",
    "Arabic": r"\p{Arabic}",
    "Hebrew": r"\p{Hebrew}",
    "Devanagari": r"\p{Devanagari}",
    "Thai": r"\p{Thai}",
}
TEXT_SAMPLE: Final = 5_000
"""Items whose text is looked at, evenly over the catalogue."""


@dataclass(frozen=True)
class Coverage:
    """How far a column is filled.

    Attributes:
        table: "items" or "users".
        name: The column.
        share: Share of the table's rows with a value, 0 to 1.
        n_values: Different values; of columns with several values in a cell, different cells.
    """

    table: str
    name: str
    share: float
    n_values: int


@dataclass(frozen=True)
class TextProfile:
    """What there is to read about items: title (where it is more than the id) and description.

    Attributes:
        share: Share of items with a text of two words or ten characters at least, 0 to 1.
        median_characters: Of items with any text.
        scripts: Share of all letters by script, most frequent first. A script is not a language, but tells which encoder can
            read the text; letters of unlisted scripts are left out.
    """

    share: float
    median_characters: float
    scripts: Mapping[str, float]


@dataclass(frozen=True)
class ColdShare:
    """How many test questions are about what training never saw.

    Attributes:
        n_questions: Test questions under the split.
        items: Share of them whose answer is an item without an event before the test, 0 to 1.
        users: Share of them whose user has no event before the test, 0 to 1.
    """

    n_questions: int
    items: float
    users: float


@dataclass(frozen=True)
class Profile:
    """Sizes and shapes of one data set.

    Attributes:
        n_users: Users with events.
        n_items: Items of the catalogue.
        n_events: Events.
        n_facts: Facts about items, 0 if there are none.
        user_events: int64 [n_users], events of each user, most active first.
        item_events: int64 [n_items], events of each item, most popular first; 0 for items nobody chose.
        repeats: Events whose user had the item before.
        activity: Events in each period: start (time, or event position), events.
        period: "day", "week", "month" or "events" (where the data has only an order).
        first: Time of the first event, None where the data has only an order.
        last: Time of the last event, None where the data has only an order.
        ties: Share of events at the same time (second, or place in the order) as their user's event before, 0 to 1.
        session_events: int64 [n_sessions], events of each session (half an hour without any ends one); empty without real
            times.
        coverage: Attributes of items, then of users.
        text: What there is to read about items.
        modes: Share of items with a vector, 0 to 1, by mode.
        cold: By protocol; the sentence that says why where the split is not possible.
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
    ties: float = 0.0
    session_events: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    coverage: tuple[Coverage, ...] = ()
    text: TextProfile = TextProfile(0.0, 0.0, {})
    modes: Mapping[str, float] = field(default_factory=dict)
    cold: Mapping[Protocol, ColdShare | str] = field(default_factory=dict)

    @property
    def repeat_rate(self) -> float:
        """Share of events whose user had the item before, 0 to 1."""
        return self.repeats / self.n_events if self.n_events else 0.0

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
    """Look over a data set once; linear in its events, but for one sort."""
    dataset = encode(tables)
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
        ties=_ties(dataset.events),
        session_events=_sessions(dataset.events) if tables.has_clock_times else np.zeros(0, dtype=np.int64),
        coverage=_coverage(tables),
        text=_text(tables),
        modes={mode: float((numbers != 0).any(axis=1).mean()) for mode, numbers in tables.vectors.items()},
        cold={protocol: _cold_share(dataset, protocol) for protocol in PROTOCOLS},
    )


def _ties(events: Interactions) -> float:
    users = events.user_numbers()
    tied = (np.diff(users) == 0) & (np.diff(events.times) == 0)
    return float(tied.sum() / events.n_events) if events.n_events else 0.0


def _sessions(events: Interactions) -> npt.NDArray[np.int64]:
    users = events.user_numbers()
    begins = (np.diff(users, prepend=-1) != 0) | (np.diff(events.times, prepend=0) > SESSION_GAP_S)
    lengths: npt.NDArray[np.int64] = np.diff(np.append(np.flatnonzero(begins), events.n_events))
    return lengths


def _coverage(tables: Tables) -> tuple[Coverage, ...]:
    found = []
    for table, frame, names in (
        ("items", tables.items, tables.attribute_names),
        ("users", tables.users, tables.user_attribute_names),
    ):
        for name in names:
            assert frame is not None  # noqa: S101  for the type checker
            filled = frame[name] != ""
            share = float(filled.mean()) if len(frame) else 0.0
            found.append(Coverage(table, name, share, int(frame[name][filled].nunique())))
    return tuple(found)


def _text(tables: Tables) -> TextProfile:
    places = np.unique(np.linspace(0, len(tables.items) - 1, min(len(tables.items), TEXT_SAMPLE)).astype(np.int64))
    items = tables.items.iloc[places]
    titles = items[columns.TITLE].where(items[columns.TITLE] != items[columns.ITEM_ID], "")
    described = [items[columns.DESCRIPTION]] if columns.DESCRIPTION in items else []
    space = pa.scalar(" ", pa.large_string())
    texts = pc.utf8_trim_whitespace(pc.binary_join_element_wise(*map(as_texts, [titles, *described]), space))
    lengths = pc.utf8_length(texts).to_numpy()
    words = pc.count_substring_regex(texts, r"[\pL\pN]+").to_numpy()
    letters = {script: pc.sum(pc.count_substring_regex(texts, regex)).as_py() or 0 for script, regex in SCRIPTS.items()}
    total = sum(letters.values())
    shares = sorted(((script, n / total) for script, n in letters.items() if n), key=lambda pair: -pair[1])
    return TextProfile(
        share=float(((words >= 2) | (lengths >= 10)).mean()) if len(lengths) else 0.0,
        median_characters=float(np.median(lengths[lengths > 0])) if (lengths > 0).any() else 0.0,
        scripts=dict(shares),
    )


def _cold_share(dataset: Dataset, protocol: Protocol) -> ColdShare | str:
    try:
        split = SPLITS[protocol](dataset, "successive")
    except DataError as error:
        return str(error)
    known = split.known
    seen = np.zeros(dataset.n_items + 1, dtype=np.bool_)
    seen[known.item_numbers] = True
    answers = dataset.events.item_numbers[split.test.events]
    return ColdShare(
        n_questions=len(split.test),
        items=float((~seen[answers]).mean()),
        users=float((known.lengths()[split.test.user_numbers] == 0).mean()),
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
