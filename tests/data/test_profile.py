"""The profile of three events by hand; the figures' tests look at more of it."""

import io

from metarec_core.data.clean import read_tables
from metarec_core.data.profile import ColdShare, Coverage, profile

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


def test_ties_sessions_and_repeats_are_counted_by_user() -> None:
    log = (
        "user,item,time\nann,i1,2026-01-01 10:00\nann,i2,2026-01-01 10:00\nann,i3,2026-01-01 10:30\n"
        "ann,i1,2026-01-01 11:01\nbob,i1,2026-01-01 11:01\n"
    )
    shape = profile(read_tables(io.BytesIO(log.encode()), name="visits"))
    assert (shape.ties, shape.repeat_rate) == (1 / 5, 1 / 5)
    assert sorted(shape.session_events) == [1, 1, 3]


def test_without_clock_times_there_are_no_sessions_and_no_split_by_time() -> None:
    shape = profile(read_tables(io.BytesIO(b"user,item\nann,a\nann,b\nann,a\nbob,b\n"), name="ordered"))
    assert len(shape.session_events) == 0
    assert str(shape.cold["time"]).startswith("The times in this log give only an order")
    assert shape.cold["leave_one_out"] == ColdShare(n_questions=1, items=0.0, users=0.0)


def test_cold_answers_are_those_that_training_never_saw() -> None:
    shape = profile(read_tables(io.BytesIO(b"user,item\nann,a\nann,b\nann,c\nbob,a\nbob,b\nbob,a\n"), name="new"))
    assert shape.cold["leave_one_out"] == ColdShare(n_questions=2, items=0.5, users=0.0)


def test_attributes_of_items_and_users_are_covered_and_text_is_known_by_its_script() -> None:
    shape = profile(
        read_tables(
            io.BytesIO(b"user,item\nann,a\nbob,b\n"),
            io.BytesIO("item_id,title,kind\na,红色 ab,x\nb,,\n".encode()),
            users=io.BytesIO(b"user_id,age\nann,30\nbob,\n"),
            name="covered",
        )
    )
    assert shape.coverage == (Coverage("items", "kind", 0.5, 1), Coverage("users", "age", 0.5, 1))
    assert (shape.text.share, shape.text.median_characters) == (0.5, 5.0)
    assert shape.text.scripts == {"Latin": 0.5, "Chinese": 0.5}
