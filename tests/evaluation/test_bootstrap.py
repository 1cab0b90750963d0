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
