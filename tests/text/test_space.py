import numpy as np
import pytest

from metarec_core.text.space import RELAXATION, clean_space


def random_vectors(n, dimensions, seed=0):
    return np.random.default_rng(seed).normal(size=(n, dimensions)).astype(np.float32)


def test_what_all_vectors_share_is_taken_away():
    vectors = np.array([[10, 1], [10, -1]], dtype=np.float32)
    assert clean_space(vectors) == pytest.approx(np.array([[1.0], [-1.0]]))


def test_directions_are_evened_out_softly():
    # Variances 4 and 1, mean 2.5: the corner (2, 1) becomes (2 / √(4 + r), 1 / √(1 + r)), r = 2.5 · RELAXATION; then length 1.
    vectors = np.array([[2, 1], [2, -1], [-2, 1], [-2, -1]], dtype=np.float32)
    corner = np.array([2 / np.sqrt(4 + 2.5 * RELAXATION), 1 / np.sqrt(1 + 2.5 * RELAXATION)])
    assert clean_space(vectors)[0] == pytest.approx(corner / np.linalg.norm(corner), abs=1e-6)


def test_rows_have_length_one_and_few_dimensions():
    clean = clean_space(random_vectors(40, 30), dimensions=5)
    assert clean.shape == (40, 5)
    assert clean.dtype == np.float32
    assert np.linalg.norm(clean, axis=1) == pytest.approx(np.ones(40), abs=1e-5)


def test_more_dimensions_than_vectors_leave_as_many_as_vectors_differ_in():
    clean = clean_space(random_vectors(3, 50))
    assert clean.shape == (3, 2)
    # Three points that are equally far from each other once whitened: cosines of about -1/2.
    assert clean[0] @ clean[1] < 0


def test_equal_vectors_tell_nothing_apart():
    assert clean_space(np.full((4, 3), 0.1, dtype=np.float32)).tolist() == [[0.0]] * 4


def test_a_vector_that_is_the_mean_of_all_is_zero_and_not_rounding_at_full_length():
    corners = np.array([[0.1, 0.7], [0.4, 0.2], [0.3, 0.3]], dtype=np.float32)
    nearly_the_mean = corners.mean(axis=0) + np.float32(1e-7)
    clean = clean_space(np.vstack([corners, nearly_the_mean]))
    assert np.linalg.norm(clean, axis=1) == pytest.approx([1, 1, 1, 0], abs=1e-6)


def test_one_vector_or_none_is_no_space():
    assert clean_space(np.ones((1, 8), dtype=np.float32)).tolist() == [[0.0]]
    assert clean_space(np.ones((0, 8), dtype=np.float32)).shape == (0, 1)


@pytest.mark.parametrize("direction", [(3, 1), (3, -1), (-1, 3), (1, 3)])
def test_an_axis_points_where_its_largest_entry_is_positive(direction):
    there = np.array(direction, dtype=np.float32)
    assert clean_space(np.stack([there, -there])) == pytest.approx(np.array([[1.0], [-1.0]]))
