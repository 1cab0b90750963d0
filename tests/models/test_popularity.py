from dataclasses import replace

import numpy as np

from metarec_core.models.popularity import fit_popularity, fit_recent_popularity
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
