import pandas as pd
import pytest

from metarec_core.data.encode import encode
from metarec_core.data.split import leave_one_out
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
    with pytest.raises(DataError, match="No user has three events, so nothing can be held out to measure with"):
        leave_one_out(dataset({"ann": "ab", "bob": "c"}))
