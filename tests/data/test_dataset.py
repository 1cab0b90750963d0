from dataclasses import replace

import numpy as np

from tests.small_world import dataset

# ann: tea, milk, cake; bob: milk, tea; cat: cake. Their times are made alike below.
TIMES = np.array([1, 1, 2, 2, 2, 2])


def test_in_the_order_of_the_file_every_earlier_event_is_history():
    events = replace(dataset().events, times=TIMES)
    assert events.history_ends().tolist() == [0, 1, 2, 3, 4, 5]


def test_a_set_begins_with_another_time_or_another_user():
    events = replace(dataset().events, times=TIMES, ties_are_sets=True)
    assert events.history_ends().tolist() == [0, 0, 2, 3, 3, 5]


def test_no_events_have_no_histories():
    events = replace(dataset({"ann": []}).events, ties_are_sets=True)
    assert events.history_ends().tolist() == []
