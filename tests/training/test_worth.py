import numpy as np
import pytest

from metarec_core.training.worth import Worth, surely, worth_of

GAIN = np.array([1.0, 1.0, 0.0, 0.0])


def test_answers_of_one_user_are_one_observation():
    assert surely(GAIN, np.array([0, 1, 2, 3])) == pytest.approx(0.5 - 1.96 * 1.0 / 4)
    assert surely(GAIN, np.array([0, 0, 1, 1])) == pytest.approx(0.5 - 1.96 * np.sqrt(2) / 4)


def test_with_one_question_a_user_it_is_the_interval_of_a_mean():
    gain = np.random.default_rng(0).normal(0.1, 1.0, size=500)
    numbers = np.arange(7, 507, dtype=np.int32)
    found = worth_of(gain, numbers)
    assert found == Worth(pytest.approx(gain.mean()), pytest.approx(gain.mean() - 1.96 * gain.std() / np.sqrt(500)))


def test_what_users_the_numbers_name_does_not_matter():
    assert surely(GAIN, np.array([3, 3, 40, 40])) == surely(GAIN, np.array([0, 0, 1, 1]))
