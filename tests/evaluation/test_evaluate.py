from dataclasses import replace

import numpy as np
import pytest

from metarec_core.data.split import leave_one_out, time_split
from metarec_core.evaluation.evaluate import measure
from tests.small_world import HALVED, WrittenScores, dataset

EVENTS = {"ann": ["tea", "milk", "cake"], "bob": ["milk", "tea", "jam"], "cat": ["cake", "milk", "cake"]}


def test_each_answer_is_ranked_among_the_items_not_seen_before_it():
    split = leave_one_out(dataset(EVENTS))
    # ann has seen tea and milk: cake (1) loses to jam (2). bob: jam (2) beats cake (1).
    measured = measure(WrittenScores({"taste": [9, 9, 1, 2]}), split, split.test, max_history=10)
    assert measured.ranks[:2].tolist() == [2, 1]


def test_an_answer_that_was_seen_before_counts_nothing():
    split = leave_one_out(dataset(EVENTS))
    measured = measure(WrittenScores({"taste": [1, 2, 3, 4]}), split, split.test, max_history=10)
    assert measured.ranks[2] == np.inf
    assert measured.values("hr", 10).tolist() == [1, 1, 0]


def test_items_older_than_the_model_looks_back_are_still_left_out():
    split = leave_one_out(dataset(EVENTS))
    short = measure(WrittenScores({"taste": [9, 1, 1, 1]}), split, split.test, max_history=1)
    # tea scores highest, but ann saw it: cake and jam tie for ranks 1 and 2
    assert short.ranks[0] == 1.5


def test_coverage_counts_what_any_list_shows():
    split = leave_one_out(dataset(EVENTS))
    measured = measure(WrittenScores({"taste": [1, 2, 3, 4]}), split, split.test, max_history=10)
    # ann is shown cake and jam, bob cake and jam, cat tea and jam: all but milk
    assert measured.coverage == {5: pytest.approx(0.75), 10: pytest.approx(0.75), 20: pytest.approx(0.75)}


def test_what_a_set_holds_beside_the_answer_is_hidden_from_the_model_and_from_the_ranking():
    data = dataset({"ann": ["tea", "milk", "cake"]})
    tied = replace(data, events=replace(data.events, times=np.array([0, 1, 1]), ties_are_sets=True))
    split = leave_one_out(tied)
    # cake is asked for after tea alone; milk, chosen with it, is no rival, so only jam scores higher
    measured = measure(WrittenScores({"taste": [9, 9, 1, 2]}), split, split.test, max_history=10)
    assert measured.ranks.tolist() == [2]


def test_every_question_of_a_user_is_answered_from_its_own_moment():
    items = ["tea", "milk", "cake", "jam"]
    split = time_split(dataset({"ann": [*items, *items, "tea", "milk"] + ["tea"] * 8, "bob": ["jam", "cake"]}))
    # the cuts are at 16 and 18: bob's jam has no history, his cake is asked for after jam
    measured = measure(WrittenScores({"taste": [1, 2, 3, 4]}), split, split.test, max_history=10)
    assert measured.ranks.tolist() == [1]
    validated = measure(WrittenScores({"taste": [1, 2, 3, 4]}), split, split.validation, max_history=10)
    assert validated.ranks.tolist() == [np.inf, np.inf]  # ann has had everything


def test_chances_of_a_calibrated_model_are_held_against_what_came():
    split = leave_one_out(dataset(EVENTS))
    scorer = WrittenScores({"taste": [9, 9, 1, 2]}, HALVED)
    measured = measure(scorer, split, split.test, max_history=10)
    # ann and bob can choose from cake and jam, 1 to 3 and halved: 1/8 and 3/8; ann's cake and bob's jam come. cat can choose
    # from tea and jam, 3 ** 7 to 1 and halved, and has cake again
    assert measured.reliability.counts == (1, 0, 0, 0, 0, 0, 0, 2, 3, 0)
    assert measured.reliability.hits == (0, 0, 0, 0, 0, 0, 0, 1, 1, 0)
    assert measured.reliability.expected[7:9] == pytest.approx((2 / 8, 2 * 3 / 8 + 0.5 * 3**7 / (1 + 3**7)))


def test_a_model_that_knows_no_chances_has_none_to_hold_against_anything():
    split = leave_one_out(dataset(EVENTS))
    assert measure(WrittenScores({"taste": [9, 9, 1, 2]}), split, split.test, max_history=10).reliability is None
