import numpy as np
import pytest

from metarec_core.evaluation.bootstrap import bootstrap


def test_a_constant_has_no_spread():
    (interval,) = bootstrap(np.full((50, 1), 0.25), draws=100)
    assert (interval.mean, interval.low, interval.high) == pytest.approx((0.25, 0.25, 0.25))


def test_the_interval_of_a_mean_is_about_two_standard_errors_either_way():
    values = np.random.default_rng(1).normal(size=(2_000, 1))
    (interval,) = bootstrap(values, draws=2_000)
    half_width = 1.96 * values.std() / np.sqrt(2_000)
    assert interval.high - interval.mean == pytest.approx(half_width, rel=0.1)
    assert interval.mean - interval.low == pytest.approx(half_width, rel=0.1)


def test_resamplings_are_paired_so_a_constant_difference_is_certain():
    one = np.random.default_rng(2).random(300)
    better = bootstrap(np.stack([one, one + 0.1], axis=1), draws=150, seed=4)
    assert better[1].low - better[0].low == pytest.approx(0.1)
    (difference,) = bootstrap(((one + 0.1) - one)[:, None], draws=150, seed=4)
    assert (difference.low, difference.high) == pytest.approx((0.1, 0.1))


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    values = np.random.default_rng(3).random((40, 1))
    assert bootstrap(values, 120, seed=1) == bootstrap(values, 120, seed=1)
    assert bootstrap(values, 120, seed=1) != bootstrap(values, 120, seed=2)


def test_the_mean_is_over_queries_and_the_interval_over_users():
    # ann asked twice, bob once. Drawn: ann, ann = 1; ann, bob = 2/3; bob, bob = 0, with chances 1/4, 1/2, 1/4.
    values, users = np.array([[1.0], [0.0], [1.0]]), np.array([1, 2, 1])
    (interval,) = bootstrap(values, draws=500, users=users)
    assert (interval.mean, interval.low, interval.high) == pytest.approx((2 / 3, 0, 1))


def test_queries_of_one_user_stay_together_so_their_number_makes_no_interval_narrower():
    of_users = np.random.default_rng(5).random((60, 1))
    once = bootstrap(of_users, draws=300, seed=1)
    thrice = bootstrap(np.repeat(of_users, 3, axis=0), draws=300, seed=1, users=np.repeat(np.arange(60), 3))
    assert (thrice[0].low, thrice[0].high) == pytest.approx((once[0].low, once[0].high))
    alone = bootstrap(np.repeat(of_users, 3, axis=0), draws=300, seed=1)
    assert alone[0].high - alone[0].low < 0.75 * (once[0].high - once[0].low)


def test_resampled_users_are_paired_too():
    users = np.repeat([3, 1, 2], [5, 2, 4])
    one = np.random.default_rng(6).random(11)
    (difference,) = bootstrap(((one + 0.1) - one)[:, None], draws=150, users=users)
    assert (difference.low, difference.high) == pytest.approx((0.1, 0.1))
