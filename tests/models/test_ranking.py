from dataclasses import replace

import numpy as np
import pytest

from metarec_core.models import ranking
from tests.small_world import dataset


def scores(*rows):
    return np.array(rows, dtype=np.float32)


def test_seen_items_and_padding_are_hidden_row_by_row():
    data = dataset()
    table = np.zeros((2, 5), dtype=np.float32)
    users = np.array([1, 3])  # ann: tea, milk, cake; cat: cake
    ranking.hide_seen(table, data, data.events.offsets[users], data.events.offsets[users + 1])
    assert np.isneginf(table).tolist() == [[True, True, True, True, False], [True, False, False, True, False]]


def test_an_empty_history_hides_only_padding():
    data = dataset()
    table = np.zeros((1, 5), dtype=np.float32)
    ranking.hide_seen(table, data, np.array([2]), np.array([2]))
    assert np.isneginf(table).tolist() == [[True, False, False, False, False]]


def test_the_best_score_has_rank_one():
    assert ranking.ranks_of(scores([0, 5, 3, 4]), np.array([1])).tolist() == [1]
    assert ranking.ranks_of(scores([0, 5, 3, 4]), np.array([2])).tolist() == [3]


def test_ties_share_the_mean_of_their_ranks():
    # three items tie for ranks 2, 3 and 4
    assert ranking.ranks_of(scores([-np.inf, 9, 1, 1, 1]), np.array([3])).tolist() == [3]


def test_a_hidden_item_ranks_infinity():
    assert ranking.ranks_of(scores([-np.inf, 9, -np.inf]), np.array([2])).tolist() == [np.inf]


def test_top_items_are_best_first_and_ties_go_by_item_number():
    assert ranking.top_items(scores([-np.inf, 1, 2, 2, 2]), 2).tolist() == [[2, 3]]
    assert ranking.top_items(scores([-np.inf, 1, 2, 3, 2]), 3).tolist() == [[3, 2, 4]]


def test_a_list_longer_than_the_catalogue_is_padded_with_zero():
    assert ranking.top_items(scores([-np.inf, 1, -np.inf, 2]), 9).tolist() == [[3, 1, 0, 0]]


def test_top_items_equal_a_full_stable_sort_for_random_scores_with_many_ties():
    table = np.random.default_rng(0).integers(0, 6, size=(50, 40)).astype(np.float32)
    table[:, 0] = -np.inf
    expected = np.argsort(-table, axis=1, kind="stable")[:, :7]
    assert (ranking.top_items(table, 7) == expected).all()


@pytest.mark.parametrize("k", [1, 3, 10, 60, 400])
@pytest.mark.parametrize("levels", [2, 50, 10**6])
def test_top_items_of_a_large_catalogue_are_those_of_a_full_stable_sort(k: int, levels: int):
    rng = np.random.default_rng(k)
    table = rng.integers(0, levels, size=(30, 1_003)).astype(np.float32)
    table[rng.random(table.shape) < 0.3] = -np.inf
    table[3, 5:] = -np.inf  # fewer to list than asked
    table[4] = -np.inf
    table[5] = 0.0
    expected = np.argsort(-table, axis=1, kind="stable")[:, :k]
    expected[np.isneginf(np.take_along_axis(table, expected, axis=1))] = 0
    assert (ranking.top_items(table, k) == expected).all()


def test_blocks_shrink_as_the_catalogue_grows_but_hold_a_row_at_least():
    assert ranking.rows_per_block(1_000, 4) > ranking.rows_per_block(100_000, 4) >= 1
    assert ranking.rows_per_block(10**9, 4) == 1


def test_where_users_may_get_an_item_again_only_padding_is_hidden():
    again = replace(dataset(), repeats=True)
    table = scores([5, 1, 2, 3, 4])
    ranking.hide_seen(table, again, np.array([0]), np.array([3]))
    assert table.tolist() == [[-np.inf, 1, 2, 3, 4]]
