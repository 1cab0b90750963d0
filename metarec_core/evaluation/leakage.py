"""What a model could have known of the answers before it was asked: counted, not assumed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from metarec_core.data.dataset import Int64Array
from metarec_core.data.split import Split


@dataclass(frozen=True)
class Leakage:
    """Ways in which a split lets the future through.

    Attributes:
        learned_answers: Answers that are among the events learned from, or were copied there: same user, item and time.
        tied_answers: Answers at the same time as the last event of their history, so that "next" is only the file's order.
        later_events: Mean over questions of the share of learned events that happened after the question; 0 in a split by time.
            None where times are only an order.
        unborn_answers: Answers whose item nobody had had before the question, but which was learned from later events.
        n_queries: How many questions were looked at.
    """

    learned_answers: int
    tied_answers: int
    later_events: float | None
    unborn_answers: int | None
    n_queries: int


def leakage(split: Split) -> Leakage:
    """Look at a split's test queries, and at everything that may be learned from before they are asked."""
    data, queries, known = split.dataset, split.test, split.known
    events = data.events
    users, asked = queries.user_numbers, queries.events
    items, times = events.item_numbers[asked], events.times[asked]
    learned = asked < split.known_ends[users]
    for lag, rows in _ties(split):
        same = (events.item_numbers[asked[rows] - lag] == items[rows]) & (
            asked[rows] - lag < split.known_ends[users[rows]]
        )
        learned[rows[same]] = True
    tied = events.times[queries.history_ends - 1] == times
    later: float | None = None
    unborn: int | None = None
    if data.has_clock_times:
        ordered = np.sort(known.times)
        later = float(1 - np.searchsorted(ordered, times, side="right").mean() / max(len(ordered), 1))
        firsts = np.full(events.n_items + 1, np.iinfo(np.int64).max)
        np.minimum.at(firsts, known.item_numbers, known.times)
        unborn = int(((firsts[items] > times) & (firsts[items] < np.iinfo(np.int64).max)).sum())
    return Leakage(int(learned.sum()), int(tied.sum()), later, unborn, len(queries))


def _ties(split: Split) -> Iterator[tuple[int, Int64Array]]:
    """How many places back, and for which questions the event there is at the answer's time, by the same user."""
    events, queries = split.dataset.events, split.test
    starts = events.offsets[queries.user_numbers]
    rows, lag = np.arange(len(queries)), 0
    while len(rows):
        lag += 1
        rows = rows[queries.events[rows] - lag >= starts[rows]]
        asked = queries.events[rows]
        rows = rows[events.times[asked - lag] == events.times[asked]]
        yield lag, rows
