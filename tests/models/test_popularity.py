from dataclasses import replace

import numpy as np

from metarec_core.models.batch import user_batch
from metarec_core.models.popularity import (
    ContextPopularity,
    fit_context_popularity,
    fit_popularity,
    fit_recent_popularity,
)
from tests.small_world import dataset


def test_popularity_is_the_logarithm_of_one_more_than_the_events():
    popularity = fit_popularity(dataset().events)  # tea 2, milk 2, cake 2, jam none
    np.testing.assert_allclose(popularity.log_counts, np.log([1, 3, 3, 3, 1]), rtol=1e-6)


def test_recent_popularity_counts_an_event_half_when_half_life_of_the_log_came_later():
    # six events, one a second: five of six came after the first (ann's tea), none after the last (cat's cake)
    popularity = fit_recent_popularity(dataset().events, has_clock_times=True, half_life=1 / 6)
    tea, milk, cake = 1 / 32 + 1 / 2, 1 / 16 + 1 / 4, 1 / 8 + 1
    np.testing.assert_allclose(np.expm1(popularity.log_counts), [0, tea, milk, cake, 0], rtol=1e-6)


def test_events_of_one_moment_are_equally_recent():
    events = replace(dataset().events, times=np.array([7, 7, 7, 7, 7, 7]))
    recent = fit_recent_popularity(events, has_clock_times=True)
    np.testing.assert_allclose(recent.log_counts, fit_popularity(events).log_counts)


def test_without_clock_times_recent_means_near_the_end_of_ones_own_history():
    popularity = fit_recent_popularity(dataset().events, has_clock_times=False, half_life=1.0)
    # ann: tea 2/3, milk 1/3, cake 0 of her events came later; bob: milk 1/2, tea 0; cat: cake 0
    tea, milk, cake = 0.5 ** (2 / 3) + 1, 0.5 ** (1 / 3) + 0.5 ** (1 / 2), 1 + 1
    np.testing.assert_allclose(np.expm1(popularity.log_counts), [0, tea, milk, cake, 0], rtol=1e-6)


def test_a_context_lifts_what_is_chosen_more_often_in_it():
    events = dataset(
        {"ann": ["tea", "tea", "tea", "cake"], "bob": ["cake", "cake", "tea", "tea"]}, ["tea", "cake"]
    ).events
    contexts = np.array([[1], [1], [1], [2], [2], [2], [0], [0]], dtype=np.int32)  # tea at breakfast, cake at teatime
    part = fit_context_popularity(events, contexts, [2])
    share = np.array([5, 3]) / 8
    breakfast = np.log((np.array([3, 0]) + 20 * share) / ((3 + 20) * share))
    np.testing.assert_allclose(part.lifts[1, 1:], breakfast, rtol=1e-6)
    batch = user_batch(dataset({"ann": ["tea"]}, ["tea", "cake"]), np.array([1, 1]), 5)
    asked = replace(batch, context=np.array([[1], [0]], dtype=np.int32))
    np.testing.assert_allclose(part.scores(asked)[:, 1:], [breakfast, [0, 0]], rtol=1e-6)
    again = ContextPopularity.from_state(part.state())
    np.testing.assert_array_equal(again.scores(asked), part.scores(asked))
    np.testing.assert_allclose(part.user_vectors(asked) @ part.item_vectors().T, part.scores(asked))


def test_without_context_there_is_nothing_to_lift():
    events = dataset({"ann": ["tea", "cake"]}, ["tea", "cake"]).events
    assert fit_context_popularity(events, np.zeros((2, 1), dtype=np.int32), [2]) is None
    assert fit_context_popularity(events, np.zeros((2, 0), dtype=np.int32), []) is None


def test_a_column_of_ids_is_no_situation():
    events = dataset({"ann": ["tea", "cake"]}, ["tea", "cake"]).events
    contexts = np.array([[700, 1], [5, 1]], dtype=np.int32)
    part = fit_context_popularity(events, contexts, [5_000, 1])
    assert part.starts.tolist() == [-1, 0]
    assert part.lifts.shape == (2, 3)
