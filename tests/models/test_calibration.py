import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from metarec_core.models.calibration import Calibration, calibration_of, softmax
from tests.small_world import HALVED, WrittenScores

SAME = np.float32([0, 1])


def scores(*rows):
    return np.float32(rows)


def test_a_temperature_by_hand():
    # e^(ln 8 / 3) = 2, e^0 = 1, e^0 = 1: one half, one quarter, one quarter. At T = 1 it is 8 : 1 : 1.
    row = scores([-np.inf, np.log(8), 0, 0])
    np.testing.assert_allclose(Calibration(3.0, SAME, SAME).probabilities(row), [[0, 0.5, 0.25, 0.25]], rtol=1e-6)
    np.testing.assert_allclose(Calibration(1.0, SAME, SAME).probabilities(row), [[0, 0.8, 0.1, 0.1]], rtol=1e-6)


def test_what_is_left_to_correct_is_read_off_the_map_between_its_knots():
    bent = Calibration(1.0, np.float32([0, 0.5, 1]), np.float32([0, 0.1, 0.9]))
    found = bent.probabilities(scores([-np.inf, np.log(3), 0]))  # 3/4 and 1/4: half way up each line
    np.testing.assert_allclose(found, [[0, 0.5, 0.05]], rtol=1e-6)
    assert found.dtype == np.float32


def test_some_items_have_the_chances_that_they_have_among_all():
    row = scores([-np.inf, 2, 1, 0.5], [-np.inf, 0, 7, -np.inf])
    items = np.int32([[2, 1], [3, 0]])
    everything = HALVED.probabilities(row)
    assert HALVED.probabilities(row, items).tolist() == [[everything[0, 2], everything[0, 1]], [0, 0]]


def test_someone_who_has_had_everything_has_no_chances_left():
    assert HALVED.probabilities(scores([-np.inf] * 3)).tolist() == [[0, 0, 0]]


def test_no_rows_have_no_chances():
    assert HALVED.probabilities(np.zeros((0, 4), dtype=np.float32)).shape == (0, 4)


def test_large_scores_do_not_overflow():
    np.testing.assert_allclose(softmax(scores([3e8, 0, -3e8]), 0.01), [[1, 0, 0]])


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float32, (3, 9), elements=st.floats(-50, 50, width=32)),
    st.floats(0.01, 10),
    st.lists(st.floats(0, 1, width=32), min_size=3, max_size=8),
)
def test_whatever_the_scores_chances_are_chances_in_the_order_of_the_scores(found, temperature, heights):
    found[:, 0] = -np.inf
    y = np.sort(np.float32(heights))
    plain = softmax(found, temperature)
    chances = Calibration(temperature, np.linspace(0, 1, len(y), dtype=np.float32), y).probabilities(found)
    assert (plain.sum(axis=1) <= 1 + 1e-5).all()
    assert ((chances >= 0) & (chances <= 1)).all()
    order = np.argsort(found, axis=1, kind="stable")
    assert (np.diff(np.take_along_axis(chances, order, axis=1), axis=1) >= 0).all()


def test_its_state_makes_the_same_calibration_again():
    row = scores([-np.inf, 2, 1, 0.5])
    calibration = Calibration(0.37, np.float32([0, 0.1, 1]), np.float32([0, 0.3, 0.9]))
    state = calibration.state()
    assert all(isinstance(array, np.ndarray) for array in state.values())
    again = Calibration.from_state({name: array.copy() for name, array in state.items()})
    assert np.array_equal(again.probabilities(row), calibration.probabilities(row))


def test_a_model_has_the_calibration_that_it_was_given_if_it_knows_of_any():
    assert calibration_of(WrittenScores(calibration=HALVED)) is HALVED
    assert calibration_of(WrittenScores()) is None
    assert calibration_of(object()) is None


@pytest.mark.parametrize("temperature", [0.01, 0.1, 1, 10])
def test_at_any_temperature_softmax_sums_to_one(temperature):
    found = np.random.default_rng(0).normal(size=(5, 2_000)).astype(np.float32)
    np.testing.assert_allclose(softmax(found, temperature).sum(axis=1), 1, rtol=1e-5)
