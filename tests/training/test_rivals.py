"""Ranks and NDCG of weighted sums, from what parts say more of the rivals than of the answers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metarec_core.training.rivals import Rivals

NAMES = ("first", "second")
SAID = np.float32(
    [
        [[1, 0], [2, 0], [0, 3], [9, 9]],  # the answer, and three rivals, of whom the last is hidden
        [[5, 5], [5, 5], [4, 5], [0, 0]],  # the first rival is its equal
        [[0, 0], [1, 1], [1, 1], [1, 1]],  # the answer was seen before
        [[1, 1], [7, 7], [7, 7], [7, 7]],  # no rivals at all
    ]
)
HIDDEN = np.array([[0, 0, 0, 1], [0, 0, 0, 0], [1, 0, 0, 0], [0, 1, 1, 1]], dtype=bool)


@pytest.fixture
def rivals():
    return Rivals.of(NAMES, SAID, HIDDEN)


def test_a_rank_is_one_more_than_the_rivals_above_and_equals_share_theirs(rivals):
    assert rivals.ranks({"first": 1.0, "second": 0.0}).tolist() == [2, 1.5, np.inf, 1]
    assert rivals.ranks({"first": 1.0, "second": 1.0}).tolist() == [3, 1.5, np.inf, 1]
    assert rivals.ranks({"first": 0.0, "second": 0.0}).tolist() == [2, 2.5, np.inf, 1]


def test_an_answer_that_was_seen_counts_nothing_in_the_mean(rivals):
    expected = (1 / np.log2(3) + 1 / np.log2(2.5) + 0 + 1) / 4
    assert rivals.ndcg({"first": 1.0, "second": 0.0}) == pytest.approx(expected)


def test_some_questions_keep_their_rivals(rivals):
    some = rivals.sample(np.array([1, 3]))
    assert some.ranks({"first": 1.0, "second": 1.0}).tolist() == [1.5, 1]
    assert some.margins.tolist() == [[0, -1, -5], [0, 0, -5]]


def test_some_parts_say_what_they_said(rivals):
    assert rivals.of_parts(["second"]).ranks({"second": 2.0}).tolist() == [2.5, 2, np.inf, 1]


@settings(deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0, 4.0]), min_size=3, max_size=3),  # of which sums are exact
)
def test_along_one_weight_and_in_the_whole_table_the_same_ranks_are_found(seed, weights):
    rng = np.random.default_rng(seed)
    said = rng.integers(0, 4, (6, 9, 3)).astype(np.float32)
    hidden = rng.random((6, 9)) < 0.3
    rivals = Rivals.of(("a", "b", "c"), said, hidden)
    named = dict(zip("abc", weights, strict=True))
    total = said @ np.float32(weights)
    total[hidden] = -np.inf
    own = total[:, :1]
    whole = np.where(hidden[:, 0], np.inf, ((total > own).sum(axis=1) + ((total == own).sum(axis=1) + 1) / 2))
    assert rivals.ranks(named).tolist() == whole.tolist()
    assert rivals.along({**named, "b": 99.0}, "b")(named["b"]) == rivals.ndcg(named)
