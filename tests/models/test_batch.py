from dataclasses import replace

import numpy as np

from metarec_core.data.split import leave_one_out
from metarec_core.data.vocabulary import Vocabulary
from metarec_core.models.batch import query_batch, query_batches, user_batch
from tests.small_world import dataset


def test_a_user_stands_with_all_events_oldest_first_and_padding_at_the_end():
    batch = user_batch(dataset(), np.array([1, 2], dtype=np.int32), max_history=10)
    assert batch.history.tolist() == [[1, 2, 3], [2, 1, 0]]
    assert batch.times.tolist() == [[0, 1, 2], [3, 4, 0]]
    assert batch.lengths.tolist() == [3, 2]
    assert batch.now.tolist() == [2, 4]


def test_a_long_history_keeps_its_last_events():
    assert user_batch(dataset(), np.array([1], dtype=np.int32), max_history=2).history.tolist() == [[2, 3]]


def test_age_is_zero_at_the_last_event_and_negative_on_padding():
    batch = user_batch(dataset(), np.array([1, 2], dtype=np.int32), max_history=10)
    assert batch.ages().tolist() == [[2, 1, 0], [1, 0, -1]]


def test_a_query_sees_only_what_came_before_its_answer():
    data = dataset()
    split = leave_one_out(data)  # only ann has three events: tea trains, milk validates, cake tests
    assert query_batch(data, split.validation, 10).history.tolist() == [[1]]
    assert query_batch(data, split.test, 10).history.tolist() == [[1, 2]]
    assert query_batch(data, split.test, 10).now.tolist() == [2]


def test_a_query_does_not_see_the_set_that_its_answer_is_from():
    data = dataset()
    tied = replace(data, events=replace(data.events, times=np.array([0, 1, 1, 3, 4, 5]), ties_are_sets=True))
    split = leave_one_out(tied)  # ann: tea, then milk and cake at once
    assert query_batch(tied, split.test, 10).history.tolist() == [[1]]
    assert query_batch(tied, split.test, 10).now.tolist() == [1]
    assert [batch.history.tolist() for _, batch in query_batches(tied, split.test, 10, size=1)] == [[[1]]]


def test_blocks_cover_every_query_once():
    data = dataset({name: ["tea", "milk", "cake"] for name in "abcde"})
    split = leave_one_out(data)
    blocks = list(query_batches(data, split.test, 10, size=2))
    assert [len(batch) for _, batch in blocks] == [2, 2, 1]
    assert [block for block, _ in blocks] == [slice(0, 2), slice(2, 4), slice(4, 5)]


def test_no_users_give_an_empty_batch():
    assert len(user_batch(dataset(), np.zeros(0, dtype=np.int32), 10)) == 0


def test_of_a_user_only_the_latest_events_can_be_shown():
    batch = user_batch(dataset(), np.int32([1, 2, 3]), 10)  # ann: tea, milk, cake; bob: milk, tea; cat: cake
    latest = batch.latest(2)
    assert latest.history.tolist() == [[2, 3], [2, 1], [3, 0]]
    assert latest.lengths.tolist() == [2, 2, 1]
    assert latest.times.tolist() == [[1, 2], [3, 4], [5, 0]]
    assert latest.last_items().tolist() == [3, 1, 3]
    assert (latest.history.dtype, latest.times.dtype) == (np.int32, np.int64)
    assert batch.latest(10).history.tolist() == batch.history.tolist()


def test_what_is_known_of_a_user_comes_with_every_request_and_the_context_with_its_event():
    team = Vocabulary("team", ["red", "blue"])
    data = replace(dataset(), traits=np.array([[0], [1], [2], [0]], dtype=np.int32), trait_vocabularies=(team,))
    device = Vocabulary("device", ["phone"])
    data = replace(data, contexts=np.array([[1], [0], [1], [1], [0], [1]]), context_vocabularies=(device,))
    assert user_batch(data, np.array([1, 2, 3], dtype=np.int32), 10).context.tolist() == [[0, 1], [0, 2], [0, 0]]
    assert query_batch(data, leave_one_out(data).test, 10).context.tolist() == [[1, 1]]  # ann's cake
