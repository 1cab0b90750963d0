"""Rules that compare events, on arrays small enough to count by hand."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from metarec_core.data import rules

SECOND, DAY = rules.SECOND, rules.DAY


def log(rows: list[tuple[int, int, float]]):
    """users, items, times from (user, item, seconds)."""
    users, items, seconds = (np.array(column) for column in zip(*rows, strict=True))
    return users.astype(np.int64), items.astype(np.int64), (seconds * SECOND).astype(np.int64)


def everything(users):
    return np.ones(len(users), dtype=bool)


def test_a_second_click_within_the_window_goes_and_a_chain_of_clicks_is_one():
    users, items, times = log([(0, 0, 10.0), (0, 0, 11.0), (0, 0, 12.0), (0, 0, 20.0), (0, 1, 10.5), (1, 0, 10.5)])
    taken = rules.repeated_within(users, items, times, everything(users), SECOND)
    assert taken.tolist() == [False, True, True, False, False, False]


def test_the_window_leaves_exact_repeats_to_the_rule_that_is_called_so():
    users, items, times = log([(0, 0, 10.0), (0, 0, 10.0)])
    assert not rules.repeated_within(users, items, times, everything(users), SECOND).any()
    assert rules.repeated(users, items, times, everything(users)).tolist() == [False, True]


def test_file_order_does_not_matter_to_the_window():
    users, items, times = log([(0, 0, 11.0), (0, 0, 10.0)])
    assert rules.repeated_within(users, items, times, everything(users), SECOND).tolist() == [True, False]


def test_rows_that_are_gone_neither_count_nor_are_taken():
    users, items, times = log([(0, 0, 10.0), (0, 0, 10.5), (0, 0, 11.0)])
    alive = np.array([False, True, True])
    assert rules.repeated_within(users, items, times, alive, SECOND).tolist() == [False, False, True]
    assert rules.too_few(users, items, alive, 3, 1).tolist() == [False, True, True]


def test_a_user_who_acts_like_a_clock_is_regular_and_one_with_pauses_is_not():
    clock = [(0, n, 60.0 * n + 0.5 * (n % 2)) for n in range(60)]
    person = [(1, n, 60.0 * n + 3_600 * (n // 10)) for n in range(60)]
    newcomer = [(2, n, 60.0 * n) for n in range(50)]  # 49 gaps: too few to tell
    users, _, times = log(clock + person + newcomer)
    taken = rules.regular(users, times, everything(users))
    assert set(users[taken]) == {0}
    assert taken.sum() == 60


def test_events_all_at_one_time_are_not_regular():
    users, _, times = log([(0, n, 5.0) for n in range(60)])
    assert not rules.regular(users, times, everything(users)).any()


def test_a_burst_takes_its_own_rows_and_no_others():
    seconds = [0.0, 10.0, 20.0, 30.0, 200.0, 400.0, 460.0]
    users, _, times = log([(0, n, second) for n, second in enumerate(seconds)] + [(1, 0, 15.0)])
    taken = rules.bursts(users, times, everything(users), limit=3)
    assert taken.tolist() == [True, True, True, True, False, False, False, False]
    assert not rules.bursts(users, times, everything(users), limit=4).any()


def test_bursts_that_overlap_are_one():
    users, _, times = log([(0, 0, second) for second in (0.0, 40.0, 70.0, 120.0)])
    assert rules.bursts(users, times, everything(users), limit=1).tolist() == [True] * 4
    assert rules.bursts(users, times, everything(users), limit=2).tolist() == [False] * 4


def test_the_core_is_found_again_until_all_have_enough():
    # item 2 goes with user 1, who has one row; then user 2 has one row left and goes too
    users, items, _ = log([(0, 0, 0), (0, 1, 0), (1, 2, 0), (2, 2, 0), (2, 0, 0), (3, 0, 0), (3, 1, 0)])
    taken = rules.too_few(users, items, everything(users), 2, 2)
    assert taken.tolist() == [False, False, True, True, True, False, False]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=40), st.integers(1, 4), st.integers(1, 4))
def test_in_a_core_everyone_has_enough_and_it_is_the_largest_such_set(pairs, user_min, item_min):
    users, items, _ = log([(u, i, 0) for u, i in pairs] or [(0, 0, 0)])
    taken = rules.too_few(users, items, everything(users), user_min, item_min)
    left = set(np.flatnonzero(~taken).tolist())
    slowly = set(range(len(users)))
    while True:
        out = {
            n
            for n in slowly
            if sum(users[m] == users[n] for m in slowly) < user_min
            or sum(items[m] == items[n] for m in slowly) < item_min
        }
        if not out:
            break
        slowly -= out
    assert left == slowly
