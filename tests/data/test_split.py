from typing import get_args

import pandas as pd
import pytest

from metarec_core.config import Protocol
from metarec_core.data import split as module
from metarec_core.data.encode import encode
from metarec_core.data.split import SPLITS, leave_one_out, time_split, user_split, usual_split
from metarec_core.data.tables import CleaningReport, make_tables
from metarec_core.errors import DataError


def dataset(histories: dict[str, str]):
    """Users' items, one letter each, in order."""
    pairs = [(user, item) for user, items in histories.items() for item in items]
    events = pd.DataFrame(pairs, columns=["user_id", "item_id"])
    events["time"] = events["row"] = range(len(events))
    items = pd.DataFrame({"item_id": list("abcd"), "title": list("ABCD")})
    return encode(make_tables("tiny", events, items, None, CleaningReport({}, {}, (), {})))


def test_the_last_event_tests_and_the_one_before_validates():
    split = leave_one_out(dataset({"ann": "abcd", "bob": "ab", "cat": "dca"}))
    assert split.test.user_numbers.tolist() == split.validation.user_numbers.tolist() == [1, 3]
    assert split.test.events.tolist() == [3, 8]
    assert split.validation.events.tolist() == [2, 7]


def test_training_sees_only_what_comes_before_and_short_histories_whole():
    split = leave_one_out(dataset({"ann": "abcd", "bob": "ab", "cat": "dca"}))
    assert split.train.offsets.tolist() == [0, 0, 2, 4, 5]
    assert split.train.item_numbers.tolist() == [1, 2, 1, 2, 4]
    assert split.known.offsets.tolist() == [0, 0, 3, 5, 7]
    assert split.known.item_numbers.tolist() == [1, 2, 3, 1, 2, 4, 3]
    assert split.known.times.tolist() == [0, 1, 2, 4, 5, 6, 7]


def test_without_a_user_of_three_events_nothing_can_be_measured():
    with pytest.raises(DataError, match="No user has three events, so nothing can be held out for testing"):
        leave_one_out(dataset({"ann": "ab", "bob": "c"}))


def at(times: dict[str, list[int]], ties_are_sets: bool = False):
    """Users' events at these seconds, of one item after the other."""
    events = pd.DataFrame([(user, second) for user, seconds in times.items() for second in seconds])
    events.columns = ["user_id", "time"]
    events["item_id"] = [f"i{n}" for n in range(len(events))]
    events["time"] = pd.to_datetime(events["time"], unit="s", utc=True)
    events["row"] = range(len(events))
    items = pd.DataFrame({"item_id": events["item_id"], "title": events["item_id"]})
    return encode(make_tables("tiny", events, items, None, CleaningReport({}, {}, (), {})), ties_are_sets=ties_are_sets)


def questions(queries, data):
    """User, second of the answer and length of the history of each question."""
    starts = data.events.offsets[queries.user_numbers]
    answers = data.events.times[queries.events]
    lengths = queries.history_ends - starts
    return list(zip(queries.user_numbers.tolist(), answers.tolist(), lengths.tolist(), strict=True))


# 20 events at seconds 0 to 19: validation begins at 16, the test at 18
THREE = {"ann": [*range(15), 18], "bob": [15, 16, 17], "cat": [19]}


def test_a_time_split_asks_about_every_event_of_a_window_with_all_of_the_users_events_before_it():
    data = at(THREE)
    split = time_split(data)
    assert (split.validation_from, split.test_from) == (16, 18)
    assert questions(split.validation, data) == [(2, 16, 1), (2, 17, 2)]
    assert questions(split.test, data) == [(1, 18, 15)]


def test_a_time_split_learns_from_what_came_before_for_all_users_alike():
    split = time_split(at(THREE))
    assert split.train.times.tolist() == [*range(15), 15]
    assert split.train.offsets.tolist() == [0, 0, 15, 16, 16]
    assert split.known.times.tolist() == [*range(15), 15, 16, 17]
    assert split.known.offsets.tolist() == [0, 0, 15, 18, 18]


def test_a_user_who_comes_late_counts_from_the_second_event_on():
    data = at({"ann": [*range(18)], "bob": [18, 19]})
    split = time_split(data)
    assert questions(split.test, data) == [(2, 19, 1)]
    assert (split.test.n_users, split.test.n_without_history) == (1, 1)
    assert (split.validation.n_users, split.validation.n_without_history) == (1, 0)


def test_events_of_the_second_in_which_a_window_begins_are_all_in_it():
    data = at({"ann": [0, 1, 2, 3, 6, 6], "bob": [4, 5, 6, 9]})  # the ninth of ten events is one of three at 6
    split = time_split(data)
    assert split.validation_from == 6
    assert split.train.times.tolist() == [0, 1, 2, 3, 4, 5]
    assert questions(split.validation, data) == [(1, 6, 4), (1, 6, 5), (2, 6, 2)]
    assert questions(split.test, data) == [(2, 9, 3)]


def test_events_of_a_set_are_no_history_of_each_other():
    data = at({"ann": [0, 1, 2, 3, 6, 6], "bob": [4, 5, 6, 9]}, ties_are_sets=True)
    assert questions(time_split(data).validation, data) == [(1, 6, 4), (1, 6, 4), (2, 6, 2)]
    split = leave_one_out(data)
    assert questions(split.validation, data) == [(1, 6, 4), (2, 6, 2)]
    assert questions(split.test, data) == [(1, 6, 4), (2, 9, 3)]
    assert split.train.ties_are_sets


def test_a_user_whose_events_are_one_set_is_not_asked_and_is_counted():
    data = at({"ann": [1, 2, 3], "bob": [5, 5, 5]}, ties_are_sets=True)
    split = leave_one_out(data)
    assert questions(split.test, data) == [(1, 3, 2)]
    assert (split.validation.n_without_history, split.test.n_without_history) == (1, 1)
    with pytest.raises(DataError, match="as sets they leave no history to ask about: choose data"):
        leave_one_out(at({"ann": [1], "bob": [5, 5, 5]}, ties_are_sets=True))


def test_an_order_is_no_clock_to_split_by():
    with pytest.raises(
        DataError, match="The times in this log give only an order, so no point in time splits it for all users"
    ):
        time_split(dataset({"ann": "abcd", "bob": "ab"}))


@pytest.mark.parametrize(
    ("times", "lacking"),
    [
        ({"ann": [5, 5, 5], "bob": [5, 5]}, "to train on"),
        ({"ann": [*range(8)], "bob": [9, 9]}, "to validate on"),
        ({"ann": [*range(9)], "bob": [9]}, "to test on"),
    ],
)
def test_a_log_too_short_to_split_by_time_says_what_is_lacking(times, lacking):
    with pytest.raises(
        DataError, match=f"Split by time, this log leaves nothing {lacking}: .* Use a longer log, or choose"
    ):
        time_split(at(times))


def test_the_protocols_of_the_config_are_those_there_are():
    assert set(SPLITS) == set(get_args(Protocol))


def test_some_questions_keep_their_histories():
    queries = time_split(at(THREE)).validation
    assert questions(queries.some(slice(1, 2)), at(THREE)) == [(2, 17, 2)]


def test_the_last_event_of_each_user_in_the_window_is_asked_for_on_request():
    data = at(THREE)
    every = questions(time_split(data).test, data)
    lasts = {user: (user, second, length) for user, second, length in every}
    assert questions(time_split(data, "last").test, data) == list(lasts.values())
    assert time_split(data, "last").targets == "last"


TEN = {f"u{n}": [10 * n + step for step in range(3)] for n in range(10)} | {"once": [500]}


def test_a_user_split_learns_nothing_of_the_users_it_asks():
    data = at(TEN)
    split = user_split(data)
    (tested,), (validated,) = set(split.test.user_numbers.tolist()), set(split.validation.user_numbers.tolist())
    assert tested != validated
    lengths = [3] * 10 + [1]
    assert split.known.lengths().tolist()[1:] == [0 if user + 1 == tested else n for user, n in enumerate(lengths)]
    assert split.train.lengths()[[tested, validated]].tolist() == [0, 0]
    # each event after the first is asked for, from all that user did before it
    assert [length for *_, length in questions(split.test, data)] == [1, 2]
    assert (split.test.n_without_history, split.protocol) == (1, "users")
    assert [length for *_, length in questions(user_split(data, "last").test, data)] == [2]


def test_the_same_users_are_asked_each_time():
    assert user_split(at(TEN)).test.user_numbers.tolist() == user_split(at(TEN)).test.user_numbers.tolist()


def test_too_few_users_to_split_by_are_named():
    with pytest.raises(
        DataError, match="A split by users needs 10 users with events at two or more times, and this log has too few"
    ):
        user_split(at({"ann": [1, 2, 3], "bob": [1, 2]}))


def test_the_usual_split_is_by_time_where_times_are_real_and_enough_users_come_back(monkeypatch):
    data = at(THREE)
    assert usual_split(data).protocol == "leave_one_out"
    monkeypatch.setattr(module, "ENOUGH_USERS", 1)
    assert usual_split(data).protocol == "time"
    assert usual_split(dataset({"ann": "abcd", "bob": "ab"})).protocol == "leave_one_out"
    assert usual_split(at({"ann": [5, 5, 5], "bob": [5, 5]})).protocol == "leave_one_out"


def test_of_more_questions_than_enough_some_are_drawn_the_same_each_time(monkeypatch):
    every = user_split(at(TEN)).test
    assert (len(every), every.n_not_drawn) == (2, 0)
    monkeypatch.setattr(module, "MOST_QUESTIONS", 1)
    some, again = user_split(at(TEN)).test, user_split(at(TEN)).test
    assert (len(some), some.n_not_drawn, some.n_without_history) == (1, 1, every.n_without_history)
    assert some.events.tolist() == again.events.tolist()
    assert set(some.events) <= set(every.events)
    assert time_split(at(THREE)).test.n_not_drawn == 0  # one question, and no more
