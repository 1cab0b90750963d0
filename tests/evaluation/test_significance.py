import numpy as np
import pytest

from metarec_core.evaluation.significance import holm, p_words, sign_flip


def test_of_three_equal_differences_two_of_eight_signs_go_as_far():
    users = np.array([1, 2, 3], dtype=np.int32)
    (p,) = sign_flip(np.ones((3, 1)), users, flips=20_000)
    assert p == pytest.approx(2 / 8, abs=0.01)


def test_a_user_flips_whole():
    # ann's four questions and bob's two: four signs, of which two go as far; question by question it would be 2 of 64
    users = np.array([1, 1, 1, 1, 2, 2], dtype=np.int32)
    (p,) = sign_flip(np.ones((6, 1)), users, flips=20_000)
    assert p == pytest.approx(2 / 4, abs=0.01)


def test_no_difference_is_surely_luck_and_a_large_one_surely_not():
    rng = np.random.default_rng(1)
    differences = np.stack([np.zeros(400), rng.normal(size=400) + 1], axis=1)
    p = sign_flip(differences, np.arange(400, dtype=np.int32))
    assert p[0] == 1
    assert p[1] == pytest.approx(1 / 10_000)


def test_it_is_that_of_scipy():
    from scipy.stats import permutation_test

    differences = np.random.default_rng(2).normal(size=40) + 0.25
    theirs = permutation_test(
        (differences,), np.sum, permutation_type="samples", n_resamples=20_000, rng=np.random.default_rng(0)
    )
    (p,) = sign_flip(differences[:, None], np.arange(40, dtype=np.int32), flips=20_000)
    assert p == pytest.approx(theirs.pvalue, abs=0.02)


def test_holm_multiplies_the_smallest_by_all_the_next_by_one_less_and_never_descends():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1, 1])
    assert holm([]) == []


@pytest.mark.parametrize(
    ("p", "words"), [(0.2, "p = 0.200"), (0.0123, "p = 0.012"), (0.001, "p = 0.001"), (0.0009, "p < 0.001")]
)
def test_a_p_value_is_written_in_one_way(p: float, words: str):
    assert p_words(p) == words
