import numpy as np
import pytest

from metarec_core.models.batch import user_batch
from metarec_core.models.factors import ItemFactors, fit_ials
from tests.small_world import ITEMS, dataset


def test_a_user_is_solved_from_the_history_alone():
    # one factor: tea 1, milk 2, cake 0, jam 1; YᵀY = 6, l2 = 1, confidence 3
    factors = ItemFactors(np.float32([[0], [1], [2], [0], [1]]), confidence=3.0, l2=1.0)
    batch = user_batch(dataset(), np.arange(1, 4, dtype=np.int32), 10)
    # ann has tea, milk, cake: (3 × 1 + 3 × 2) / (6 + 1 + 2 × 1² + 2 × 2²) = 9 / 17; bob has the same two; cat only cake
    np.testing.assert_allclose(factors.user_vectors(batch)[:, 0], [9 / 17, 9 / 17, 0.0], rtol=1e-6)
    np.testing.assert_allclose(factors.scores(batch)[0], np.array([0, 1, 2, 0, 1]) * 9 / 17, rtol=1e-6)


def test_an_item_chosen_twice_counts_once():
    factors = ItemFactors(np.float32([[0], [1], [2], [0], [1]]), confidence=3.0, l2=1.0)
    once = user_batch(dataset({"ann": ["tea", "milk"]}), np.int32([1]), 10)
    twice = user_batch(dataset({"ann": ["tea", "milk", "tea"]}), np.int32([1]), 10)
    assert np.array_equal(factors.scores(once), factors.scores(twice))


def test_what_goes_together_is_learned_and_the_unknown_gets_nothing():
    pytest.importorskip("implicit", reason="the package implicit (requirements-extras.txt) is not installed")
    events = {f"{n}{pair}": pair.split() for n in range(20) for pair in ("tea milk", "cake jam")}
    data = dataset(events, [*ITEMS, "salt"])
    part = fit_ials(data.events, seed=0, n_factors=2)
    tea, milk, cake, jam, salt = part.scores(
        user_batch(dataset({"ann": ["tea"]}, [*ITEMS, "salt"]), np.int32([1]), 10)
    )[0, 1:]
    assert milk > 0.5 > max(cake, jam)
    assert tea > 0.5
    assert salt == pytest.approx(0.0, abs=1e-6)
