import numpy as np
import pytest

from metarec_core import metrics

RANKS = np.array([1.0, 3.0, 5.5, np.inf])


def test_hit_rate_counts_ranks_within_the_list_and_never_an_item_that_cannot_be_listed():
    assert metrics.hit_rate(RANKS, 5).tolist() == [1, 1, 0, 0]
    assert metrics.hit_rate(RANKS, 10).tolist() == [1, 1, 1, 0]


def test_ndcg_is_one_over_the_log_of_one_plus_rank():
    assert metrics.ndcg(RANKS, 5) == pytest.approx([1.0, 0.5, 0.0, 0.0])
    assert metrics.ndcg(np.array([7.0]), 10) == pytest.approx([1 / 3])


def test_reciprocal_rank_and_average_precision_agree_with_one_relevant_item():
    assert metrics.mrr(RANKS, 5) == pytest.approx([1.0, 1 / 3, 0.0, 0.0])
    assert metrics.average_precision(RANKS, 5).tolist() == metrics.mrr(RANKS, 5).tolist()


def test_recall_equals_the_hit_rate_with_one_relevant_item():
    assert metrics.recall(RANKS, 5).tolist() == metrics.hit_rate(RANKS, 5).tolist()


def test_coverage_counts_items_in_any_list_and_not_padding():
    assert metrics.coverage(np.array([[1, 2], [2, 0]], dtype=np.int32), n_items=4) == 0.5


def test_every_measure_name_has_a_function_that_is_at_most_one():
    for measure in metrics.MEASURES.values():
        values = measure(RANKS, 20)
        assert values.shape == (4,)
        assert ((values >= 0) & (values <= 1)).all()


def test_calibration_error_is_the_mean_distance_between_chance_and_share_of_hits_by_bin():
    # 0.05 to 0.1: four chances of 0.08 and one hit, |1/4 - 0.08| = 0.17. 0.5 to 1: 0.9 and a hit, 0.1. 0.2 to 0.5: 0.3 without.
    chances = np.float32([[0.08, 0.08, 0.9], [0.08, 0.08, 0.3]])
    hits = np.array([[True, False, True], [False, False, False]])
    measured = metrics.reliability(chances, hits)
    assert measured.counts == (0, 0, 0, 0, 0, 0, 4, 0, 1, 1)
    assert measured.hits == (0, 0, 0, 0, 0, 0, 1, 0, 0, 1)
    assert measured.error == pytest.approx((4 * 0.17 + 0.1 + 0.3) / 6, rel=1e-6)


def test_chances_that_come_true_have_no_calibration_error():
    chances = np.full(1_000, 0.01, dtype=np.float32)
    assert metrics.reliability(chances, np.arange(1_000) < 10).error == pytest.approx(0, abs=1e-9)


def test_no_chances_have_no_calibration_error_and_no_curve():
    nothing = metrics.reliability(np.zeros((0, 10), dtype=np.float32), np.zeros((0, 10), dtype=bool))
    assert nothing.error == 0
    assert nothing.curve() == []


def test_bins_hold_their_lower_bound_and_the_last_one_certainty_too():
    counts = metrics.reliability(np.float32([0, 0.5, 1]), np.zeros(3, dtype=bool)).counts
    assert counts == (1, 0, 0, 0, 0, 0, 0, 0, 0, 2)


def test_a_reliability_curve_has_the_interval_of_each_share():
    (point,) = metrics.reliability(np.full(10, 0.25, dtype=np.float32), np.arange(10) < 2).curve()
    # Wilson's interval of 2 in 10 is 0.057 to 0.510
    assert point == pytest.approx((0.25, 0.2, 0.0567, 0.5098, 10), abs=1e-4)
