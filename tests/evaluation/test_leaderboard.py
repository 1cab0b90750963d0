import json

import numpy as np
import pytest

from metarec_core.evaluation.evaluate import Measured
from metarec_core.evaluation.leaderboard import RUN_NAME, Evaluation, leaderboard

COVERAGE = {5: 0.1, 10: 0.2, 20: 0.3}


def board() -> Evaluation:
    return leaderboard(
        {
            RUN_NAME: Measured(np.array([1.0, 1.0, 3.0, 50.0]), COVERAGE),
            "popular": Measured(np.array([3.0, 7.0, 3.0, 50.0]), COVERAGE),
            "ease": Measured(np.array([1.0, 3.0, 3.0, 50.0]), COVERAGE),
        },
        "test",
        n_items=100,
        draws=200,
    )


def test_means_are_those_of_the_ranks():
    evaluation = board()
    assert evaluation.models[RUN_NAME]["ndcg@10"].mean == pytest.approx((1 + 1 + 0.5 + 0) / 4)
    assert evaluation.models["popular"]["mrr@5"].mean == pytest.approx((1 / 3 + 0 + 1 / 3 + 0) / 4)
    assert evaluation.models["ease"]["coverage@20"].mean == 0.3
    assert evaluation.models["ease"]["coverage@20"].low is None


def test_a_difference_is_the_run_minus_the_baseline_paired_over_users():
    difference = board().differences["popular"]["ndcg@10"]
    assert difference.mean == pytest.approx((0.5 + (1 - 1 / 3) + 0 + 0) / 4)
    assert difference.low <= difference.mean <= difference.high
    assert difference.low >= 0  # no user is worse off


def test_the_frame_has_a_row_a_model_best_first():
    frame = board().frame
    assert frame["model"].tolist() == ["metarec", "ease", "popular"]
    assert frame["metarec_minus_model"].isna().tolist() == [True, False, False]


def test_the_best_baseline_is_the_one_with_the_highest_headline():
    assert board().best_baseline == "ease"
    assert board().among([]).best_baseline is None


def test_an_evaluation_survives_json():
    assert Evaluation.from_dict(json.loads(json.dumps(board().to_dict()))) == board()


def test_among_keeps_only_the_baselines_asked_for():
    few = board().among(["popular"])
    assert list(few.models) == ["metarec", "popular"]
    assert list(few.differences) == ["popular"]
