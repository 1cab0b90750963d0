"""The profile of three events by hand; the figures' tests look at more of it."""

import io

from metarec_core.data.clean import read_tables
from metarec_core.data.profile import profile

TABLES = read_tables(
    io.BytesIO(b"user,item,time\nann,i1,2026-01-01\nann,i2,2026-01-02\nann,i1,2026-01-03\nbob,i1,2026-01-03\n"),
    io.BytesIO(b"item_id,title\ni1,Tent\ni2,Stove\ni3,Rope\n"),
    name="camping",
)


def test_sizes_count_users_with_events_and_all_items_of_the_catalogue() -> None:
    shape = profile(TABLES)
    assert (shape.n_users, shape.n_items, shape.n_events, shape.n_facts) == (2, 3, 4, 0)
    assert list(shape.user_events) == [3, 1]
    assert list(shape.item_events) == [3, 1, 0]
    assert (shape.repeats, shape.cold_items, shape.evaluable_users) == (1, 1, 1)


def test_density_counts_a_pair_once_however_often_it_happened() -> None:
    assert profile(TABLES).density == 3 / 6


def test_the_share_of_the_top_takes_one_item_at_least() -> None:
    assert profile(TABLES).share_of_top(0.1) == 3 / 4


def test_activity_covers_every_day_between_first_and_last() -> None:
    shape = profile(TABLES)
    assert (shape.period, list(shape.activity["events"])) == ("day", [1, 1, 2])
    assert (f"{shape.first:%d}", f"{shape.last:%d}") == ("01", "03")
