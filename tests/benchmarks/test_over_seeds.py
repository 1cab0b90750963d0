"""Several seeds as one run, on ranks that can be counted by hand."""

import numpy as np
import pytest

from benchmarks import over_seeds
from metarec_core.evaluation.answers import Answers

SECOND = 1 / np.log2(3)
"""NDCG of a second place."""


def answers(ranks: dict[str, list[float]], variants: dict[str, list[float]]) -> Answers:
    def arrays(named: dict[str, list[float]]) -> dict[str, np.ndarray]:
        return {name: np.float32(row) for name, row in named.items()}

    return Answers(np.int32([1, 2]), np.int64([3, 7]), arrays(ranks), arrays(variants))


FIRST = answers({"metarec": [1, 2], "sasrec": [1, np.inf]}, {"fixed weights": [1, 2], "without text": [2, 2]})
OTHER = answers({"metarec": [2, 11]}, {"fixed weights": [2, 1]})


def test_a_questions_values_are_means_over_the_seeds():
    found = over_seeds.models([FIRST, OTHER])["metarec"]
    assert found == pytest.approx(np.array([[(1 + SECOND) / 2, 1, 0.75], [SECOND / 2, 0.5, 0.25]]))
    assert over_seeds.variants([FIRST, OTHER])["fixed weights"] == pytest.approx([(1 + SECOND) / 2] * 2)


def test_only_what_every_seed_has_has_a_mean():
    assert list(over_seeds.models([FIRST, OTHER])) == ["metarec"]
    assert list(over_seeds.variants([FIRST, OTHER])) == ["fixed weights"]
    assert list(over_seeds.models([FIRST])) == ["metarec", "sasrec"]
