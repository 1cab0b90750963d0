import json
from dataclasses import replace

import numpy as np
import pytest

from metarec_core.data.split import leave_one_out, time_split
from metarec_core.evaluation.evaluate import Measured
from metarec_core.evaluation.leaderboard import RUN_NAME, Evaluation, leaderboard
from metarec_core.metrics import reliability
from tests.small_world import dataset

FOUR = leave_one_out(dataset({user: ["tea", "milk", "cake"] for user in "abcd"}))
COVERAGE = {5: 0.1, 10: 0.2, 20: 0.3}


def board() -> Evaluation:
    return leaderboard(
        {
            RUN_NAME: Measured(np.array([1.0, 1.0, 3.0, 50.0]), COVERAGE),
            "popular": Measured(np.array([3.0, 7.0, 3.0, 50.0]), COVERAGE),
            "ease": Measured(np.array([1.0, 3.0, 3.0, 50.0]), COVERAGE),
        },
        FOUR,
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


def test_it_says_who_was_asked_how_often():
    evaluation = board()
    assert (evaluation.n_queries, evaluation.n_users, evaluation.n_items) == (4, 4, 4)
    assert evaluation.test_from is None
    # twenty events of two users, ten each: the last two are questions to bob, the two before them choose
    split = time_split(dataset({"ann": ["tea"] * 10, "bob": ["milk"] * 10}))
    asked = leaderboard({RUN_NAME: Measured(np.array([1.0, 2.0]), COVERAGE)}, split, draws=100)
    assert (asked.n_queries, asked.n_users, asked.n_without_history) == (2, 1, 0)
    assert (asked.validation_from, asked.test_from) == (16, 18)


def test_an_interval_is_over_users_not_over_their_questions():
    split = time_split(dataset({"ann": ["tea"] * 10, "bob": ["milk"] * 10}))
    asked = leaderboard({RUN_NAME: Measured(np.array([1.0, 50.0]), COVERAGE)}, split, draws=100)
    hits = asked.models[RUN_NAME]["hr@10"]
    assert (hits.mean, hits.low, hits.high) == (0.5, 0.5, 0.5)  # one user, drawn again and again


def test_the_frame_has_a_row_a_model_best_first():
    frame = board().frame
    assert frame["model"].tolist() == ["metarec", "ease", "popular"]
    assert frame["metarec_minus_model"].isna().tolist() == [True, False, False]


def test_the_best_baseline_is_the_one_with_the_highest_headline():
    assert board().best_baseline == "ease"
    assert board().among([]).best_baseline is None


def test_an_evaluation_survives_json():
    assert Evaluation.from_dict(json.loads(json.dumps(board().to_dict()))) == board()


def test_how_reliable_the_run_is_survives_json_and_the_choice_of_baselines():
    reliable = reliability(np.float32([0.1, 0.6]), np.array([False, True]))
    answers = {RUN_NAME: Measured(np.ones(4), COVERAGE, reliable), "ease": Measured(np.ones(4), COVERAGE)}
    evaluation = leaderboard(answers, FOUR, draws=100)
    assert evaluation.reliability == reliable
    assert evaluation.among([]).reliability == reliable
    assert Evaluation.from_dict(json.loads(json.dumps(evaluation.to_dict()))) == evaluation


def test_an_evaluation_of_an_earlier_version_asked_every_user_once():
    written = board().to_dict()
    for name in (
        "n_users",
        "n_without_history",
        "ties_are_sets",
        "validation_from",
        "test_from",
        "reliability",
        "p_values",
    ):
        del written[name]
    assert Evaluation.from_dict(written) == replace(board(), p_values={})


def test_an_evaluation_split_by_time_survives_json():
    evaluation = replace(board(), validation_from=16, test_from=18, n_without_history=3, ties_are_sets=True)
    assert Evaluation.from_dict(json.loads(json.dumps(evaluation.to_dict()))) == evaluation


def test_among_keeps_only_the_baselines_asked_for():
    few = board().among(["popular"])
    assert list(few.models) == ["metarec", "popular"]
    assert list(few.differences) == ["popular"]


def test_measures_that_follow_from_others_have_their_intervals():
    row = board().models["popular"]
    assert row["recall@10"] == row["hr@10"]
    assert row["map@5"] == row["mrr@5"]
    assert (row["precision@5"].mean, row["precision@5"].high) == (row["hr@5"].mean / 5, row["hr@5"].high / 5)
    assert list(row)[:6] == ["hr@5", "hr@10", "hr@20", "ndcg@5", "ndcg@10", "ndcg@20"]


def test_what_lists_are_beside_right_has_an_interval_where_it_is_one_number_a_list():
    spread = Measured(np.ones(4), COVERAGE, None, {"novelty@10": np.array([1.0, 2.0, 3.0, 4.0])}, {"gini@10": 0.4})
    row = leaderboard({RUN_NAME: spread}, FOUR, draws=100).models[RUN_NAME]
    assert row["novelty@10"].mean == 2.5
    assert row["novelty@10"].low < 2.5 < row["novelty@10"].high
    assert (row["gini@10"].mean, row["gini@10"].low) == (0.4, None)


def test_every_difference_has_a_p_value_corrected_for_the_number_of_baselines():
    p_values = board().p_values
    # two of four users differ from popular, one from ease: half of all signs go as far, and all of them
    assert p_values["popular"].plain == pytest.approx(0.5, abs=0.02)
    assert p_values["popular"].holm == pytest.approx(1, abs=0.04)
    assert p_values["ease"].plain == 1
    assert board().among(["popular"]).p_values["popular"].holm == p_values["popular"].plain
