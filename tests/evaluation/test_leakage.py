from dataclasses import replace

import numpy as np

from metarec_core.data.split import leave_one_out, time_split
from metarec_core.evaluation.leakage import leakage
from tests.small_world import dataset


def at(times: list[int], histories: dict[str, list[str]]):
    data = dataset(histories)
    return replace(data, events=replace(data.events, times=np.array(times, dtype=np.int64)))


HISTORIES = {"ann": ["tea", "milk", "cake"], "bob": ["milk", "tea", "jam"]}


def test_an_answer_at_the_time_of_what_came_before_is_only_next_in_the_file():
    found = leakage(leave_one_out(at([1, 5, 5, 2, 3, 9], HISTORIES)))
    assert (found.tied_answers, found.learned_answers, found.n_queries) == (1, 0, 2)


def test_where_ties_are_sets_no_answer_is_tied_to_its_history():
    data = at([1, 5, 5, 2, 3, 9], HISTORIES)
    assert leakage(leave_one_out(replace(data, events=replace(data.events, ties_are_sets=True)))).tied_answers == 0


def test_a_copy_of_an_answer_among_learned_events_is_found_beyond_what_lies_between():
    # ann's cake stands twice at second 5, with jam between, so it is learned from and asked for
    copied = {"ann": ["tea", "cake", "jam", "cake"], "bob": ["milk", "tea", "jam"]}
    assert leakage(leave_one_out(at([1, 5, 5, 5, 2, 3, 9], copied))).learned_answers == 1
    assert leakage(leave_one_out(at([1, 4, 5, 5, 2, 3, 9], copied))).learned_answers == 0


def test_leaving_one_out_learns_from_after_the_question_and_a_split_by_time_does_not():
    # ann's cake at 3: bob's milk and tea, of 7 and 8, are known, two of four events; bob's jam at 9: none
    found = leakage(leave_one_out(at([1, 2, 3, 7, 8, 9], HISTORIES)))
    assert found.later_events == 0.25
    days = dataset({"ann": ["tea"] * 10, "bob": ["milk"] * 10})
    assert leakage(time_split(days)).later_events == 0


def test_an_answer_that_nobody_had_had_but_others_had_later_is_counted():
    later = {"ann": ["tea", "milk", "jam"], "bob": ["milk", "jam", "tea", "cake"]}
    assert leakage(leave_one_out(at([1, 2, 3, 7, 8, 9, 10], later))).unborn_answers == 1


def test_where_times_are_only_an_order_nothing_is_said_of_later():
    found = leakage(leave_one_out(replace(at([1, 2, 3, 7, 8, 9], HISTORIES), has_clock_times=False)))
    assert (found.later_events, found.unborn_answers) == (None, None)
