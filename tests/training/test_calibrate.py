"""A world whose chances are known: answers are drawn from the softmax of known scores at a known temperature."""

import numpy as np
import pytest

from metarec_core.data.split import leave_one_out
from metarec_core.models.calibration import Calibration, softmax
from metarec_core.training import calibrate
from metarec_core.training.calibrate import learn_calibration
from metarec_core.training.questions import Questions
from tests.small_world import dataset

N_ITEMS = 60
ITEMS = [f"i{number}" for number in range(N_ITEMS)]
N_USERS = 1_200
TASTES = np.random.default_rng(1).normal(size=(N_ITEMS, N_ITEMS + 1)).astype(np.float32)
"""Scores of all items for each item that a history begins with."""


def world(temperature: float = 0.5, repeats: float = 0.0) -> Questions:
    """Users with one first item, then an answer drawn from its scores; ``repeats``: share that chooses the first item again."""
    rng = np.random.default_rng(2)
    scores = TASTES.copy()
    scores[:, 0] = -np.inf
    scores[np.arange(N_ITEMS), np.arange(N_ITEMS) + 1] = -np.inf
    chances = softmax(scores, temperature)[:, 1:].astype(np.float64)
    events = {}
    for user in range(N_USERS):
        first = user % N_ITEMS
        answer = first if rng.random() < repeats else rng.choice(N_ITEMS, p=chances[first] / chances[first].sum())
        events[f"u{user}"] = [ITEMS[first], ITEMS[answer], ITEMS[first]]
    data = dataset(events, ITEMS)
    return Questions(data, leave_one_out(data).validation, max_history=10)


def score(batch):
    return TASTES[batch.last_items() - 1].copy()


@pytest.fixture(scope="module")
def learned() -> tuple[Calibration, dict[str, float]]:
    return learn_calibration(score, world(), seed=0)


def test_the_temperature_that_the_answers_were_drawn_with_is_found(learned):
    calibration, known = learned
    assert 0.5 / 1.22 < calibration.temperature < 0.5 * 1.22  # the steps of the grid
    assert known["temperature"] == calibration.temperature
    assert known["questions"] == N_USERS


def test_the_map_ascends_from_never_to_at_most_certain(learned):
    calibration, _ = learned
    assert (calibration.x[0], calibration.y[0], calibration.x[-1]) == (0, 0, 1)
    assert (np.diff(calibration.x) > 0).all()
    assert (np.diff(calibration.y) >= 0).all()
    assert calibration.y[-1] <= 1


def test_chances_come_true_for_users_that_they_were_not_fitted_on(learned):
    _, known = learned
    assert known["error_plain"] > 0.02
    assert known["error"] < 0.01


def test_where_the_next_item_is_often_an_old_one_the_map_takes_that_off_all_others():
    calibration, known = learn_calibration(score, world(repeats=0.5), seed=0)
    assert calibration.probabilities(TASTES[:1]).sum() == pytest.approx(0.5, abs=0.1)
    assert known["error"] < 0.01 < known["error_temperature"]


def test_groups_of_as_many_expected_hits_become_knots_by_hand(monkeypatch):
    monkeypatch.setattr(calibrate, "HITS_PER_KNOT", 1)
    chances = np.float32([[0.5, 0.5, 0.25, 0.25], [0.25, 0.25, 0.0, 0.0]])
    hits = np.array([[True, True, False, True], [False, False, False, False]])
    # the quarters make one expected hit, and one of the four is a hit; the halves make one, and two of two are
    x, y = calibrate._map(chances, hits)
    np.testing.assert_allclose(x, [0, 0.25, 0.5, 1])
    np.testing.assert_allclose(y, [0, 0.25, 1, 1])


def test_shares_that_descend_are_pooled(monkeypatch):
    monkeypatch.setattr(calibrate, "HITS_PER_KNOT", 1)
    chances = np.float32([[0.5, 0.5, 0.25, 0.25, 0.25, 0.25]])
    hits = np.array([[False, False, True, True, False, False]])
    # 2 of 4 below, 0 of 2 above: 1 of 3 everywhere, and proportionally less than chance up to the end
    x, y = calibrate._map(chances, hits)
    np.testing.assert_allclose(x, [0, 0.25, 0.5, 1])
    np.testing.assert_allclose(y, [0, 1 / 3, 1 / 3, 2 / 3])


def test_too_few_answers_teach_nothing(monkeypatch):
    monkeypatch.setattr(calibrate, "FEWEST_ANSWERS", N_USERS + 1)
    assert learn_calibration(score, world(), seed=0) == (None, {"questions": N_USERS})


def test_a_large_catalogue_is_asked_fewer_questions(monkeypatch):
    monkeypatch.setattr(calibrate, "MOST_SCORES", 700 * (N_ITEMS + 1))
    assert learn_calibration(score, world(), seed=0)[1]["questions"] == 700
    monkeypatch.setattr(calibrate, "MOST_SCORES", 1)
    assert learn_calibration(score, world(), seed=0)[1]["questions"] == calibrate.FEWEST_QUESTIONS


def test_the_same_seed_learns_the_same(learned):
    again, known = learn_calibration(score, world(), seed=0)
    assert known == learned[1]
    assert all(np.array_equal(again.state()[name], array) for name, array in learned[0].state().items())
