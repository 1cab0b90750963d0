from dataclasses import replace

import numpy as np
import pytest

from metarec_core.data.split import leave_one_out
from metarec_core.evaluation import lists
from metarec_core.evaluation.evaluate import measure
from metarec_core.evaluation.lists import yardstick
from tests.small_world import WrittenScores, attribute, dataset

EVENTS = {
    "ann": ["tea", "milk", "cake"],
    "bob": ["milk", "tea", "jam"],
    "cat": ["cake", "milk", "cake"],
    "dan": ["tea", "tea"],
}
KIND = attribute("kind", [["drink"], ["drink"], ["food"], ["food", "sweet"]])
SPLIT = leave_one_out(dataset(EVENTS, attributes={"kind": KIND}))
#   known, without the last events of ann, bob and cat: tea by three of four users, milk by three, cake by one, jam by none
TEXT = np.float32([[0, 0], [1, 0], [1, 0], [0, 1], [0, 0]])


def test_popularity_is_the_share_of_users_who_had_an_item_however_often():
    stick = yardstick(SPLIT, SPLIT.test)
    assert stick.popularity.tolist() == [0, 0.75, 0.75, 0.25, 0]
    assert stick.surprise == pytest.approx([0, -np.log2(0.75), -np.log2(0.75), 2, 2])
    assert stick.had.tolist() == [0.75, 0.75, 0.5]  # ann tea and milk, bob too, cat cake and milk


def test_an_answer_is_expected_where_popularity_would_have_named_it_to_this_user():
    # ann had tea and milk, so cake is the most popular left; bob's jam comes after cake. cat had milk and cake (twice): of cake
    # itself only tea and milk are more popular, and milk she had
    assert yardstick(SPLIT, SPLIT.test).expected.tolist() == [1, 2, 2]


def test_the_head_is_the_most_popular_items_and_never_one_that_nobody_had(monkeypatch):
    assert yardstick(SPLIT, SPLIT.test).head.tolist() == [0, 1, 1, 1, 0]
    monkeypatch.setattr(lists, "HEAD", 1)
    assert yardstick(SPLIT, SPLIT.test).head.tolist() == [0, 1, 0, 0, 0]  # tea, by its number before milk


def test_blocks_of_histories_change_nothing(monkeypatch):
    whole = yardstick(SPLIT, SPLIT.test)
    monkeypatch.setattr(lists, "EVENTS_PER_BLOCK", 1)
    single = yardstick(SPLIT, SPLIT.test)
    assert (single.expected.tolist(), single.had.tolist()) == (whole.expected.tolist(), whole.had.tolist())


def test_lists_are_measured_from_the_same_pass_as_ranks():
    stick = yardstick(SPLIT, SPLIT.test, TEXT)
    measured = measure(WrittenScores({"taste": [1, 2, 3, 4]}), SPLIT, SPLIT.test, 10, stick)
    # ann and bob are shown jam, cake; cat jam, tea
    of_cat = (2 - np.log2(0.75)) / 2
    assert measured.per_list["novelty@5"] == pytest.approx([2, 2, of_cat])
    assert measured.per_list["popularity@5"] == pytest.approx([0.125, 0.125, 0.375])
    assert measured.per_list["head@5"].tolist() == [0.5, 0.5, 0.5]
    # food and sweet against food; food and sweet against drink
    assert measured.per_list["attribute_diversity@5"] == pytest.approx([1 - 0.5**0.5, 1 - 0.5**0.5, 1])
    assert measured.per_list["text_diversity@5"].tolist() == [0, 0, 0]  # nothing is known of jam
    assert measured.per_list["early@5"].tolist() == [0.5, 0, 0]  # ann is asked before bob, who is the first to have jam
    # ann's cake second of two, bob's jam first of two, cat's cake not to be listed
    assert measured.per_list["auc"].tolist() == [0, 1, 0]
    assert measured.per_list["serendipity@5"].tolist() == [0, 0, 0]  # two items fit any list of five
    assert measured.overall["entropy@5"] == pytest.approx(0.5 + 2 / 6 * np.log2(3) + 1 / 6 * np.log2(6))
    assert measured.overall["gini@5"] == pytest.approx((-3 * 0 - 1 * 1 + 1 * 2 + 3 * 3) / (4 * 6))
    assert measured.overall["popularity_lift@5"] == pytest.approx(0.625 / 2 - 1)


def test_popularity_lift_counts_a_user_as_often_as_asked():
    often = SPLIT.test.some(np.array([0, 0, 0, 1, 2]))  # ann three times
    measured = measure(WrittenScores({"taste": [1, 2, 3, 4]}), SPLIT, often, 10, yardstick(SPLIT, often))
    listed, had = (4 * 0.125 + 0.375) / 5, (4 * 0.75 + 0.5) / 5
    assert measured.overall["popularity_lift@5"] == pytest.approx(listed / had - 1)


def test_without_attributes_and_text_there_is_no_diversity():
    plain = leave_one_out(dataset(EVENTS))
    measured = measure(WrittenScores(), plain, plain.test, 10, yardstick(plain, plain.test))
    assert not [label for label in measured.per_list if "diversity" in label]


def test_without_a_yardstick_only_ranks_and_coverage_are_measured():
    measured = measure(WrittenScores(), SPLIT, SPLIT.test, 10)
    assert (measured.per_list, measured.overall) == ({}, {})


def test_where_items_may_come_again_popularity_names_what_was_had_too():
    again = replace(SPLIT, dataset=replace(SPLIT.dataset, repeats=True))
    assert yardstick(again, again.test).expected.tolist() == [3, 4, 3]
