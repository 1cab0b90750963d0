import numpy as np
import pytest

from metarec_core.errors import InputError, UnknownIdError
from tests.small_world import HALVED, recommender


def test_a_list_has_unseen_items_best_first_with_parts_that_sum_to_the_score():
    frame = recommender().recommend(["bob"], k=2).frame
    # bob has seen milk and tea; cake scores 3 + 0, jam 4 - 2
    assert frame.to_dict("records") == [
        {"user_id": "bob", "item_id": "cake", "rank": 1, "score": 3.0, "part_taste": 3.0, "part_fame": 0.0},
        {"user_id": "bob", "item_id": "jam", "rank": 2, "score": 2.0, "part_taste": 4.0, "part_fame": -2.0},
    ]


def test_a_calibrated_model_says_how_likely_each_item_is_to_be_the_next():
    frame = recommender(calibration=HALVED).recommend(["bob"], k=5).frame
    # cake scores 3, jam 2, and bob has had the others: 3 to 1, halved
    assert list(frame.columns) == ["user_id", "item_id", "rank", "score", "probability", "part_taste", "part_fame"]
    assert frame.probability.tolist() == pytest.approx([0.375, 0.125])
    (first,) = recommender(calibration=HALVED).recommend(["bob"], k=1).frame.probability
    assert first == pytest.approx(0.375)  # the list's length changes nothing


def test_users_come_in_the_order_asked_for_and_lists_may_be_short():
    frame = recommender().recommend(["cat", "ann"], k=3).frame
    assert list(zip(frame.user_id, frame.item_id, frame["rank"], strict=True)) == [
        ("cat", "milk", 1),  # 2.25
        ("cat", "jam", 2),  # 2.0
        ("cat", "tea", 3),  # 1.5
        ("ann", "jam", 1),
    ]


def test_the_example_is_the_first_user_who_is_known_well_or_the_one_known_best(monkeypatch):
    # ann has had three items, bob two, cat one
    assert recommender().example_user == "ann"
    monkeypatch.setattr("metarec_core.recommend.recommender.KNOWN_WELL", 1)
    assert recommender().example_user == recommender().user_ids[0]


def test_no_users_give_an_empty_list_with_all_columns():
    frame = recommender().recommend([]).frame
    assert len(frame) == 0
    assert list(frame.columns) == ["user_id", "item_id", "rank", "score", "part_taste", "part_fame"]


def test_all_users_stream_in_blocks_and_equal_single_lists(monkeypatch):
    monkeypatch.setattr("metarec_core.models.ranking.BLOCK_FLOATS", 40)  # 2 users a block
    whole = recommender()
    blocks = [block.frame for block in whole.recommend_all(k=2)]
    assert [block.user_id.nunique() for block in blocks] == [2, 1]
    assert (
        np.concatenate([block.item_id for block in blocks]).tolist()
        == whole.recommend(["ann", "bob", "cat"], 2).item_ids
    )


def test_history_is_newest_first_with_titles_and_times():
    frame = recommender().history("ann")
    assert frame.item_id.tolist() == ["cake", "milk", "tea"]
    assert frame.title.tolist() == ["Lemon cake", "Oat milk", "Green tea"]
    assert str(frame.time[0]) == "1970-01-01 00:00:02+00:00"


def test_an_item_has_a_title():
    assert recommender().title("jam") == "Plum jam"


def test_an_unknown_user_is_named_with_an_example_of_known_ones():
    with pytest.raises(UnknownIdError, match=r"There is no user 'zoe' in this data \(3 users\). IDs look like 'ann'."):
        recommender().recommend(["zoe"])


def test_an_unknown_item_is_named():
    with pytest.raises(UnknownIdError, match="There is no item 'rum'"):
        recommender().title("rum")


def test_a_list_of_nothing_is_refused():
    with pytest.raises(InputError, match="A list of 0 items is not possible: ask for 1 or more"):
        recommender().recommend(["ann"], k=0)
    with pytest.raises(InputError, match="A list of -1 items"):
        recommender().recommend_all(k=-1)
