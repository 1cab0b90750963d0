"""Which events train, which choose, which judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from metarec_core.config import Protocol, Targets
from metarec_core.data.dataset import Dataset, Int32Array, Int64Array, Interactions
from metarec_core.errors import DataError
from metarec_core.language import say

WINDOWS: Final = 10
"""Parts of equally many events into which a time split cuts the log: the last is the test, the one before it validation."""

TENTHS: Final = 10
"""One of so many users tests in a user split, and another validates."""

MOST_QUESTIONS: Final = 20_000
"""So many test questions are drawn where a protocol asks for every event, so that a large log is measured in its time."""

ENOUGH_USERS: Final = 100
"""With fewer users to ask in its window, "auto" does not split by time: hardly any difference would show."""


@dataclass(frozen=True)
class Queries:
    """Questions with known answers: "given this user's events before this one, which item comes?".

    Attributes:
        user_numbers: int32 [Q].
        events: int64 [Q], position of the answer in the dataset's event arrays. The answer's item, time and context are those
            of the event.
        history_ends: int64 [Q], one past the last event of the history, which begins with the user's first event.
        n_without_history: Events that nobody is asked about because their user has nothing before them.
        n_not_drawn: Questions left out at random because there are more than ``MOST_QUESTIONS``.
    """

    user_numbers: Int32Array
    events: Int64Array
    history_ends: Int64Array
    n_without_history: int = 0
    n_not_drawn: int = 0

    def __len__(self) -> int:
        return len(self.events)

    @property
    def n_users(self) -> int:
        """How many users are asked."""
        return len(np.unique(self.user_numbers))

    def some(self, rows: slice | Int64Array) -> Queries:
        """The questions at some places."""
        return Queries(self.user_numbers[rows], self.events[rows], self.history_ends[rows])


def drawn(queries: Queries) -> Queries:
    """At most ``MOST_QUESTIONS`` of them, whatever the seed of a run, so that runs are asked the same."""
    left_out = len(queries) - MOST_QUESTIONS
    if left_out <= 0:
        return queries
    rows = np.sort(np.random.default_rng(0).choice(len(queries), MOST_QUESTIONS, replace=False))
    return replace(queries.some(rows), n_without_history=queries.n_without_history, n_not_drawn=left_out)


@dataclass(frozen=True)
class Split:
    """Training events are a prefix of each user's events; validation and test are later events.

    Attributes:
        dataset: What was split.
        train_ends: int64 [n_users + 1]. Training events of user ``u`` are ``offsets[u]:train_ends[u]``.
        known_ends: int64 [n_users + 1]. The same with validation events included: what may be learned from before the test.
        validation: Queries that choose (weights, early stopping).
        test: Queries that judge, looked at once.
        validation_from: Second since 1970 UTC from which on events validate; None where every user has a last event of its own.
        test_from: Second from which on events test, or None.
        protocol: How it was made.
        targets: Which events of those held out are questions.
    """

    dataset: Dataset
    train_ends: Int64Array
    known_ends: Int64Array
    validation: Queries
    test: Queries
    validation_from: int | None = None
    test_from: int | None = None
    protocol: Protocol = "leave_one_out"
    targets: Targets = "last"

    @property
    def train(self) -> Interactions:
        """Training events only."""
        return prefixes(self.dataset.events, self.train_ends)

    @property
    def known(self) -> Interactions:
        """Training and validation events: for refitting once everything is chosen."""
        return prefixes(self.dataset.events, self.known_ends)


def queries_about(events: Interactions, asked: Int64Array) -> Queries:
    """Questions for events at these positions, int64 [n], without those whose user has nothing before them."""
    users, ends = events.user_numbers()[asked], events.history_ends()[asked]
    answerable = ends > events.offsets[users]
    return Queries(users[answerable], asked[answerable], ends[answerable], int((~answerable).sum()))


def leave_one_out(dataset: Dataset) -> Split:
    """Each user's last event is the test, the one before it validation; users with fewer than three events only train.

    Raises:
        DataError: No user has three events; or ties are sets, and nobody has events of two moments.
    """
    events = dataset.events
    starts, ends = events.offsets[:-1], events.offsets[1:]
    users = np.flatnonzero(ends - starts >= 3)
    if len(users) == 0:
        raise DataError(
            say(
                "No user has three events, so nothing can be held out for testing: use a longer log, or "
                "relax the cleaning rules."
            )
        )
    train_ends, known_ends = ends.copy(), ends.copy()
    train_ends[users] -= 2
    known_ends[users] -= 1
    validation, test = queries_about(events, ends[users] - 2), queries_about(events, ends[users] - 1)
    if not (len(validation) and len(test)):
        raise DataError(
            say(
                "All events of each user happened at the same time, so as sets they leave no history to "
                "ask about: choose data.ties=file_order."
            )
        )
    return Split(dataset, train_ends, known_ends, validation, test)


def time_split(dataset: Dataset, targets: Targets = "successive") -> Split:
    """The last tenth of all events by time is the test, the tenth before it validation, and everything earlier trains.

    Every event of a window is a question, with all events of its user before it as history, those of the window too. So a
    user who comes late counts from the second event on; the first has no history, is left out, and counted. Events of the
    second in which a window begins all lie in it, so it may hold a little more than a tenth.

    Args:
        dataset: What to split.
        targets: "successive" asks for each event of a window, "last" for each user's last one in it.

    Raises:
        DataError: Times are only an order, nothing is left to train on, or a window has no question.

    Source: Gusak et al. 2025, "Time to Split" (global temporal split with successive targets).
    """
    events = dataset.events
    if not dataset.has_clock_times:
        raise DataError(
            say(
                "The times in this log give only an order, so no point in time splits it for all users: "
                "choose evaluation.protocol=leave_one_out."
            )
        )
    ordered = np.sort(events.times)
    validation_from, test_from = (int(ordered[events.n_events * (WINDOWS - w) // WINDOWS]) for w in (2, 1))
    train, known = events.times < validation_from, events.times < test_from
    validation, test = (
        queries_about(events, np.flatnonzero(window if targets == "successive" else _lasts(events, window)))
        for window in (known & ~train, ~known)
    )
    if not (train.any() and len(validation) and len(test)):
        lacking = say("to train on" if not train.any() else "to validate on" if not len(validation) else "to test on")
        raise DataError(
            say(
                "Split by time, this log leaves nothing {lacking}: too few distinct times, or too few "
                "users who return. Use a longer log, or choose evaluation.protocol=leave_one_out.",
                lacking=lacking,
            )
        )
    ends = _ends(events, train), _ends(events, known)
    return Split(dataset, *ends, validation, drawn(test), validation_from, test_from, "time", targets)


def user_split(dataset: Dataset, targets: Targets = "successive") -> Split:
    """A tenth of the users test, another tenth validate, and the others train: how well users are served who came later.

    Nothing of an asked user is learned from; a question's history is what that user did before it. Who is asked is drawn
    once, whatever the seed of a run, so that runs are measured on the same users.

    Args:
        dataset: What to split.
        targets: "successive" asks for each event of a user after the first, "last" for the last one.

    Raises:
        DataError: There are too few users with two events.

    Source: Liang et al. 2018, section 4.1 (strong generalisation).
    """
    events = dataset.events
    users = np.flatnonzero(events.lengths() > 1)
    n = len(users) // TENTHS
    order = np.random.default_rng(0).permutation(users)
    tested, validated = np.zeros((2, events.n_users + 1), dtype=bool)
    tested[order[:n]], validated[order[n : 2 * n]] = True, True
    of_events = events.user_numbers()
    asked = (
        window if targets == "successive" else _lasts(events, window)
        for window in (validated[of_events], tested[of_events])
    )
    validation, test = (queries_about(events, np.flatnonzero(window)) for window in asked)
    if not (len(validation) and len(test)):
        raise DataError(
            say(
                "A split by users needs {tenths} users with events at two or more times, and this log "
                "has too few: use a longer log, or choose evaluation.protocol=leave_one_out.",
                tenths=TENTHS,
            )
        )
    starts, ends = events.offsets[:-1], events.offsets[1:]
    train_ends, known_ends = np.where(tested | validated, starts, ends), np.where(tested, starts, ends)
    return Split(dataset, train_ends, known_ends, validation, drawn(test), protocol="users", targets=targets)


def usual_split(dataset: Dataset, targets: Targets = "successive") -> Split:
    """By time, as in use, where times are real and ``ENOUGH_USERS`` come back in the test's window; else leave one out.

    Raises:
        DataError: Neither is possible.
    """
    if dataset.has_clock_times:
        try:
            split = time_split(dataset, targets)
        except DataError:
            return leave_one_out(dataset)
        if split.test.n_users >= ENOUGH_USERS:
            return split
    return leave_one_out(dataset)


SPLITS: Final[Mapping[Protocol, Callable[[Dataset, Targets], Split]]] = MappingProxyType(
    {
        "leave_one_out": lambda dataset, _: leave_one_out(dataset),
        "time": time_split,
        "users": user_split,
        "auto": usual_split,
    }
)
"""By the name of the protocol in ``config.evaluation``."""


def _lasts(events: Interactions, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Each user's last one of the chosen events, bool [n_events]."""
    positions = np.flatnonzero(chosen)
    users = events.user_numbers()[positions]
    lasts = np.zeros(events.n_events, dtype=bool)
    lasts[positions[np.diff(users, append=-1) != 0]] = True
    return lasts


def _ends(events: Interactions, prefix: npt.NDArray[np.bool_]) -> Int64Array:
    """Where each user's first events, those of a prefix, end; int64 [n_users + 1]."""
    kept = np.concatenate([[0], np.cumsum(prefix)])
    ends: Int64Array = events.offsets[:-1] + np.diff(kept[events.offsets])
    return ends


def before(events: Interactions, ends: Int64Array) -> npt.NDArray[np.bool_]:
    """Which events are before their user's end, bool [n_events]."""
    earlier: npt.NDArray[np.bool_] = np.arange(events.n_events) < np.repeat(ends, events.lengths())
    return earlier


def prefixes(events: Interactions, ends: Int64Array) -> Interactions:
    """Each user's events before the user's end."""
    lengths = ends - events.offsets[:-1]
    kept = before(events, ends)
    return replace(
        events,
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        item_numbers=events.item_numbers[kept],
        times=events.times[kept],
    )
