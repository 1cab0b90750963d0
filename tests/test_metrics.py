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
