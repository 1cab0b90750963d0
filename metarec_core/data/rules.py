"""Rules of cleaning that compare events with each other: each says which rows it takes, and none loops over users.

All take the same arrays over the rows of the file, and give bool [n_rows], True for the rows to take:

* ``users``, ``items``: int64 [n_rows], equal ids are equal numbers from 0 on.
* ``times``: int64 [n_rows], microseconds since 1970 (or positions, where nothing says otherwise).
* ``alive``: bool [n_rows], rows that earlier rules left.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

BoolArray = npt.NDArray[np.bool_]
Int64Array = npt.NDArray[np.int64]

SECOND = 1_000_000
DAY = 86_400 * SECOND
FEWEST_GAPS = 50
"""Fewer gaps than this may be even by chance."""
EVEN_GAPS = 0.1
"""Gaps whose standard deviation is less than this share of their mean are those of a clock; people's are above 1."""


def come_again(users: Int64Array, items: Int64Array, alive: BoolArray) -> BoolArray:
    """Rows whose user has the same item in another row as well; no rule that is about repeats needs to look at the rest."""
    rows = np.flatnonzero(alive)
    found = np.zeros(len(users), dtype=np.bool_)
    found[rows] = pd.Series(_pairs(users[rows], items[rows])).duplicated(keep=False).to_numpy()
    return found


def repeated(users: Int64Array, items: Int64Array, times: Int64Array, alive: BoolArray) -> BoolArray:
    """Rows that repeat user, item and time of an earlier row."""
    rows = np.flatnonzero(alive)
    taken = np.zeros(len(users), dtype=np.bool_)
    taken[rows] = pd.DataFrame({"pair": _pairs(users[rows], items[rows]), "time": times[rows]}).duplicated().to_numpy()
    return taken


def repeated_within(
    users: Int64Array, items: Int64Array, times: Int64Array, alive: BoolArray, window: int
) -> BoolArray:
    """Rows at most ``window`` microseconds, but not zero, after the same user's last row with the same item."""
    rows = np.flatnonzero(alive)
    taken = np.zeros(len(users), dtype=np.bool_)
    codes = _pairs(users[rows], items[rows])
    order = np.lexsort((times[rows], codes))
    rows, codes = rows[order], codes[order]
    gaps = np.diff(times[rows])
    taken[rows[1:]] = (codes[1:] == codes[:-1]) & (gaps > 0) & (gaps <= window)
    return taken


def busy(users: Int64Array, times: Int64Array, alive: BoolArray, limit: int) -> BoolArray:
    """All rows of users with more than ``limit`` rows on one day (UTC)."""
    taken = np.zeros(len(users), dtype=np.bool_)
    suspects = np.flatnonzero(
        alive & _more_than(users, alive, limit)
    )  # who has few events in all needs no look at days
    days = pd.DataFrame({"user": users[suspects], "day": times[suspects] // DAY})
    found = days.value_counts().loc[lambda counts: counts > limit].index.get_level_values("user")
    taken[suspects] = np.isin(users[suspects], found)
    return taken


def regular(users: Int64Array, times: Int64Array, alive: BoolArray) -> BoolArray:
    """All rows of users who act as evenly as a clock: at least ``FEWEST_GAPS`` gaps, hardly different from each other."""
    taken = np.zeros(len(users), dtype=np.bool_)
    rows = _by_user_and_time(users, times, alive & _more_than(users, alive, FEWEST_GAPS))
    if len(rows) == 0:
        return taken
    same = np.diff(users[rows]) == 0
    owners, gaps = users[rows][1:][same], np.diff(times[rows])[same] / SECOND
    n = np.maximum(np.bincount(owners, minlength=users.max() + 1), 1)
    means = np.bincount(owners, gaps, minlength=len(n)) / n
    spread = np.sqrt(np.bincount(owners, (gaps - means[owners]) ** 2, minlength=len(n)) / n)
    taken[rows] = ((means > 0) & (spread < EVEN_GAPS * means))[users[rows]]
    return taken


def bursts(users: Int64Array, times: Int64Array, alive: BoolArray, limit: int, window: int = 60 * SECOND) -> BoolArray:
    """Rows of a user of which more than ``limit`` lie within less than ``window`` microseconds."""
    taken = np.zeros(len(users), dtype=np.bool_)
    rows = _by_user_and_time(users, times, alive & _more_than(users, alive, limit))
    if len(rows) == 0:
        return taken
    first, last = rows[:-limit], rows[limit:]
    begins = (users[first] == users[last]) & (times[last] - times[first] < window)
    marks = np.zeros(len(rows) + 1, dtype=np.int64)  # +1 where a burst begins, -1 after its end: running sums cover it
    marks[: len(begins)] += begins
    marks[limit + 1 : limit + 1 + len(begins)] -= begins
    taken[rows] = np.cumsum(marks)[:-1] > 0
    return taken


def too_few(users: Int64Array, items: Int64Array, alive: BoolArray, user_min: int, item_min: int) -> BoolArray:
    """Rows outside the k-core: of users or items with too few rows, again until all that are left have enough."""
    rows = np.flatnonzero(alive)
    while len(rows):
        enough = (np.bincount(users[rows]) >= user_min)[users[rows]] & (np.bincount(items[rows]) >= item_min)[
            items[rows]
        ]
        if enough.all():
            break
        rows = rows[enough]
    taken = alive.copy()
    taken[rows] = False
    return taken


def _pairs(users: Int64Array, items: Int64Array) -> Int64Array:
    pairs: Int64Array = users * (items.max(initial=0) + 1) + items
    return pairs


def _more_than(users: Int64Array, alive: BoolArray, limit: int) -> BoolArray:
    """Rows whose user has more than ``limit`` rows left, bool [n_rows]."""
    more: BoolArray = (np.bincount(users[alive], minlength=users.max(initial=0) + 1) > limit)[users]
    return more


def _by_user_and_time(users: Int64Array, times: Int64Array, chosen: BoolArray) -> Int64Array:
    rows = np.flatnonzero(chosen)
    return rows[np.lexsort((times[rows], users[rows]))]
