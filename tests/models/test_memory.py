from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from metarec_core.models import memory
from metarec_core.models.batch import user_batch
from metarec_core.models.memory import (
    ItemMemory,
    fit_cooccurrence,
    fit_ease,
    fit_item_knn,
    fit_regression,
    fit_transition,
    transition_counts,
)
from tests.small_world import dataset

FIRST = np.array([1], dtype=np.int32)


def test_older_events_count_less_by_their_age():
    matrix = np.zeros((5, 5), dtype=np.float32)
    matrix[1, 4], matrix[2, 4], matrix[3, 4] = 1, 10, 100
    ann = user_batch(dataset(), FIRST, 10)  # tea, milk, cake: ages 2, 1, 0
    scores = ItemMemory(sparse.csr_array(matrix), decay=0.5).scores(ann)
    assert scores[0].tolist() == [0, 0, 0, 0, 0.25 * 1 + 0.5 * 10 + 100]


def test_an_item_met_twice_counts_both_times():
    matrix = np.zeros((5, 5), dtype=np.float32)
    matrix[1, 4] = 1
    ann = user_batch(dataset({"ann": ["tea", "tea"]}), FIRST, 10)
    assert ItemMemory(sparse.csr_array(matrix), decay=0.5).scores(ann)[0, 4] == 1.5


def test_a_dense_memory_scores_as_a_sparse_one(monkeypatch):
    full = fit_ease(dataset().events)
    ann = user_batch(dataset(), FIRST, 10)
    dense = full.scores(ann)
    monkeypatch.setattr(memory, "DENSE_FROM", 2.0)
    np.testing.assert_allclose(fit_ease(dataset().events).scores(ann), dense, rtol=1e-6)


def test_transitions_are_directed_and_near_steps_count_more():
    counts = transition_counts(
        dataset({"ann": ["tea", "milk", "cake"], "bob": ["tea", "cake"]}).events, window=2
    ).toarray()
    assert counts[1, 2] == 1  # tea then milk
    assert counts[1, 3] == 1.5  # tea then cake: two steps for ann, one for bob
    assert counts[2, 3] == 1
    assert counts[2:, 1].tolist() == [0, 0, 0]  # nothing before tea
    assert counts.sum() == 3.5


def test_steps_longer_than_the_window_or_between_users_do_not_count():
    counts = transition_counts(dataset({"ann": ["tea", "milk", "cake"], "bob": ["jam"]}).events, window=1).toarray()
    assert counts.sum() == 2
    assert counts[1, 3] == counts[3, 4] == 0


def tied():
    """Ann has tea, then milk and cake at once, then jam."""
    events = dataset({"ann": ["tea", "milk", "cake", "jam"]}).events
    return replace(events, times=np.array([0, 1, 1, 2]), ties_are_sets=True)


def test_nothing_comes_after_anything_within_a_set():
    counts = transition_counts(tied(), window=3).toarray()
    assert counts[1, 2] == counts[1, 3] == 1  # both are the next step after tea
    assert counts[2, 3] == counts[3, 2] == 0
    assert counts[3, 4] == 1
    assert counts[2, 4] == 1 / 2
    assert counts[1, 4] == pytest.approx(1 / 3)
    assert counts.sum() == pytest.approx(3 + 1 / 2 + 1 / 3)


def test_the_regression_learns_each_of_a_set_from_what_came_before_the_set():
    before, following = memory.moments(tied(), 0.5, 100)
    assert before.toarray().tolist() == [[1, 0, 0, 0], [1, 0, 0, 0], [0.25, 0.5, 1, 0]]
    assert following.toarray().tolist() == [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]


def test_transitions_are_discounted_by_the_popularity_of_both_items():
    events = dataset({"ann": ["tea", "milk"], "bob": ["tea", "cake"], "cat": ["milk"]}).events
    matrix = fit_transition(events, source_power=1.0, target_power=0.5).matrix.toarray()
    assert matrix[1, 2] == pytest.approx(1 / 3 / 3**0.5)  # tea has two events, milk two
    assert matrix[1, 3] == pytest.approx(1 / 3 / 2**0.5)  # cake has one


def test_one_event_has_no_transition():
    assert transition_counts(dataset({"ann": ["tea"]}).events).nnz == 0


def test_ease_is_the_closed_form_of_its_source():
    events = {"ann": ["tea", "milk"], "bob": ["tea", "milk", "cake"], "cat": ["cake"]}
    x = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 1, 0]])
    inverse = np.linalg.inv(x.T @ x + 2.0 * np.eye(4))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    fitted = fit_ease(dataset(events).events, l2=2.0).matrix.toarray()
    np.testing.assert_allclose(fitted[1:, 1:], expected, atol=1e-6)
    assert not fitted[0].any()
    assert not fitted[:, 0].any()


def test_ease_is_the_same_whatever_number_of_rows_is_looked_at_once(monkeypatch):
    log = dataset({"ann": ["tea", "milk"], "bob": ["tea", "milk", "cake"], "cat": ["cake"], "dan": ["jam", "tea"]})
    whole = fit_ease(log.events, l2=2.0).matrix.toarray()
    monkeypatch.setattr(memory, "ROWS_AT_ONCE", 2)
    np.testing.assert_array_equal(fit_ease(log.events, l2=2.0).matrix.toarray(), whole)


def test_ease_does_not_count_what_a_user_had_twice():
    once = fit_ease(dataset({"ann": ["tea", "milk"], "bob": ["tea"]}).events).matrix.toarray()
    twice = fit_ease(dataset({"ann": ["tea", "milk", "tea"], "bob": ["tea"]}).events).matrix.toarray()
    np.testing.assert_allclose(once, twice)


def test_item_knn_is_the_shrunk_cosine_of_the_items_users():
    events = dataset({"ann": ["tea", "milk"], "bob": ["tea", "milk"], "cat": ["tea"]}).events
    matrix = fit_item_knn(events, shrink=1.0).matrix.toarray()
    assert matrix[1, 2] == pytest.approx(2 / (3**0.5 * 2**0.5 + 1))
    assert matrix[1, 2] == matrix[2, 1]
    assert not np.diag(matrix).any()


def test_item_knn_keeps_only_the_nearest():
    events = dataset({"ann": ["tea", "milk"], "bob": ["tea", "milk", "cake"], "cat": ["jam", "cake"]}).events
    matrix = fit_item_knn(events, shrink=0.0, neighbours=1).matrix.toarray()
    assert np.count_nonzero(matrix, axis=1).max() == 1
    assert matrix[1, 2] == pytest.approx(1.0)


def test_a_large_catalogue_gets_item_knn_for_ease(monkeypatch):
    events = dataset().events
    monkeypatch.setattr(memory, "LARGEST_EASE", 3)  # the shop has four items
    np.testing.assert_array_equal(fit_cooccurrence(events).matrix.toarray(), fit_item_knn(events).matrix.toarray())
    monkeypatch.setattr(memory, "LARGEST_EASE", 4)
    np.testing.assert_array_equal(
        fit_cooccurrence(events, l2=3.0).matrix.toarray(), fit_ease(events, l2=3.0).matrix.toarray()
    )


@pytest.mark.parametrize("fit", [fit_ease, fit_transition])
def test_a_memory_keeps_the_largest_entries_of_each_row(monkeypatch, fit):
    rng = np.random.default_rng(0)
    items = [f"i{number}" for number in range(40)]
    events = dataset({f"u{user}": list(rng.permutation(items)[:20]) for user in range(30)}, items).events
    full = fit(events).matrix.toarray()
    monkeypatch.setattr(memory, "MOST_ENTRIES", 41 * 25)
    cut = fit(events).matrix.toarray()
    kept = np.count_nonzero(cut, axis=1)
    assert kept.max() <= 25
    assert (cut[cut != 0] == full[cut != 0]).all()
    for row in range(1, 41):
        dropped = np.abs(full[row][(cut[row] == 0) & (full[row] != 0)])
        assert dropped.max(initial=0) <= np.abs(cut[row][cut[row] != 0]).min()


def test_a_memory_comes_back_from_its_state():
    fitted = fit_transition(dataset().events, decay=0.6)
    again = ItemMemory.from_state(fitted.state())
    assert again.decay == 0.6
    assert (again.matrix != fitted.matrix).nnz == 0


def test_regression_credits_the_item_that_decides_and_not_the_one_that_only_comes_along():
    # "tea" always comes before the step; whether "milk" or "cake" did decides between "jam" and "tea2"
    history = {f"a{n}": ["tea", "milk", "jam"] for n in range(20)} | {
        f"b{n}": ["tea", "cake", "rum"] for n in range(20)
    }
    events = dataset(history, ["tea", "milk", "cake", "jam", "rum"]).events
    matrix = fit_regression(events, l2=1.0, decay=1.0).matrix.toarray()
    tea, milk, cake, jam, rum = 1, 2, 3, 4, 5
    assert matrix[milk, jam] > 0.7
    assert matrix[cake, rum] > 0.7
    assert abs(matrix[milk, rum]) < 0.1
    assert matrix[tea, jam] < 0.3 * matrix[milk, jam]


def test_regression_of_one_step_is_ridge_by_hand():
    # one moment, tea before milk: weight = 1 · 1 / (1 + l2)
    events = dataset({"ann": ["tea", "milk"]}, ["tea", "milk"]).events
    assert fit_regression(events, l2=3.0, decay=0.5).matrix.toarray().tolist() == [[0, 0, 0], [0, 0, 0.25], [0, 0, 0]]


def test_regression_without_a_single_step_says_nothing():
    events = dataset({"ann": ["tea"], "bob": ["milk"]}, ["tea", "milk"]).events
    assert not fit_regression(events).matrix.toarray().any()


def test_regression_of_a_large_catalogue_keeps_to_frequent_items(monkeypatch):
    monkeypatch.setattr("metarec_core.models.memory.LARGEST_EASE", 3)
    monkeypatch.setattr("metarec_core.models.memory.MOST_FREQUENT", 2)
    events = dataset({"ann": ["tea", "milk"], "bob": ["tea", "milk"], "cat": ["cake", "jam"]}).events
    matrix = fit_regression(events, l2=2.0, decay=0.5).matrix.toarray()
    assert matrix[1, 2] == 0.5  # tea to milk: 2 / (2 + l2)
    assert (matrix != 0).sum() == 1


def test_ease_of_a_large_catalogue_keeps_to_frequent_items(monkeypatch):
    events = dataset({"ann": ["tea", "cake"], "bob": ["tea", "cake"], "cat": ["milk", "jam"]})
    small = dataset({"ann": ["tea", "cake"], "bob": ["tea", "cake"]}, ["tea", "cake"])
    expected = fit_ease(small.events, l2=2.0).matrix.toarray()
    monkeypatch.setattr(memory, "LARGEST_EASE", 3)
    monkeypatch.setattr(memory, "MOST_FREQUENT", 2)
    matrix = fit_ease(events.events, l2=2.0).matrix.toarray()
    assert matrix[[1, 3]][:, [1, 3]].tolist() == expected[1:, 1:].tolist()
    assert np.count_nonzero(matrix) == 2
