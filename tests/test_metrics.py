"""Measures on numbers written out by hand, and beside trec_eval, scikit-learn and SciPy on random ones."""

import numpy as np
import pytest
import pytrec_eval
import sklearn.metrics
from scipy import sparse, stats
from scipy.spatial.distance import pdist

from metarec_core import metrics

RANKS = np.array([1.0, 3.0, 5.5, np.inf])


def test_hit_rate_counts_ranks_within_the_list_and_never_an_item_that_cannot_be_listed():
    assert metrics.hit_rate(RANKS, 5).tolist() == [1, 1, 0, 0]
    assert metrics.hit_rate(RANKS, 10).tolist() == [1, 1, 1, 0]


def test_ndcg_is_one_over_the_log_of_one_plus_rank():
    assert metrics.ndcg(RANKS, 5) == pytest.approx([1.0, 0.5, 0.0, 0.0])
    assert metrics.ndcg(np.array([7.0]), 10) == pytest.approx([1 / 3])


def test_the_reciprocal_rank_is_one_over_the_rank_within_the_list():
    assert metrics.mrr(RANKS, 5) == pytest.approx([1.0, 1 / 3, 0.0, 0.0])
    assert metrics.mrr(RANKS, 10) == pytest.approx([1.0, 1 / 3, 2 / 11, 0.0])


def test_average_precision_is_the_precision_down_to_the_one_answer():
    assert metrics.average_precision(RANKS, 5) == pytest.approx([1.0, 1 / 3, 0.0, 0.0])
    assert metrics.average_precision(RANKS, 10) == pytest.approx([1.0, 1 / 3, 2 / 11, 0.0])


def test_recall_is_all_of_the_one_answer_or_nothing():
    assert metrics.recall(RANKS, 5).tolist() == [1, 1, 0, 0]
    assert metrics.recall(RANKS, 10).tolist() == [1, 1, 1, 0]


def test_precision_is_the_hit_rate_over_the_length_of_the_list():
    assert metrics.precision(RANKS, 5).tolist() == [0.2, 0.2, 0, 0]


def test_auc_is_the_share_of_rivals_below_with_ties_for_half():
    # of 11 candidates: above all ten; above eight; five above, four below and one tied; not to be listed
    assert metrics.auc(RANKS, np.full(4, 11.0)) == pytest.approx([1, 0.8, 0.55, 0])
    assert metrics.auc(np.array([1.0]), np.array([1.0])).tolist() == [1]


def test_coverage_is_the_share_of_items_in_any_list():
    assert metrics.coverage(np.array([0, 3, 1, 0])) == 0.5
    assert metrics.coverage(np.array([], dtype=np.int64)) == 0


def test_gini_is_zero_where_all_are_shown_alike_and_nears_one_where_one_is_shown_always():
    assert metrics.gini(np.array([2, 2, 2, 2])) == 0
    assert metrics.gini(np.array([0, 8, 0, 0])) == 0.75  # (N - 1) / N
    assert metrics.gini(np.array([3, 1])) == 0.25  # mean distance 1, over twice the mean, 4
    assert metrics.gini(np.array([0, 0])) == 0


def test_entropy_is_the_bits_needed_to_tell_which_item_is_shown():
    assert metrics.entropy(np.array([5, 5, 5, 5])) == 2
    assert metrics.entropy(np.array([0, 7])) == 0
    assert metrics.entropy(np.array([2, 1, 1])) == 1.5
    assert metrics.entropy(np.array([0, 0])) == 0


def test_surprise_is_in_bits_and_an_item_that_nobody_had_counts_as_had_once():
    assert metrics.surprise(np.array([0, 8, 2, 0]), 8).tolist() == [0, 0, 2, 3]


def test_what_is_said_of_a_list_is_a_mean_over_what_is_in_it():
    lists = np.array([[1, 2], [2, 0], [0, 0]], dtype=np.int32)
    assert metrics.mean_listed(lists, np.array([0, 4.0, 1.0])).tolist() == [2.5, 1, 0]


VECTORS = np.float32([[0, 0], [1, 0], [0, 1], [1, 0], [0, 0]])


def test_diversity_is_one_minus_the_mean_cosine_over_pairs():
    # alike, at right angles, and of the pairs of three one alike and two at right angles
    assert metrics.diversity(np.array([[1, 3], [1, 2]], dtype=np.int32), VECTORS) == pytest.approx([0, 1])
    assert metrics.diversity(np.array([[1, 2, 3]], dtype=np.int32), VECTORS) == pytest.approx([2 / 3])


def test_pairs_with_an_unknown_item_do_not_count_and_a_list_without_a_pair_has_no_diversity():
    lists = np.array([[1, 2, 4], [1, 4, 0], [0, 0, 0]], dtype=np.int32)
    assert metrics.diversity(lists, VECTORS) == pytest.approx([1, 0, 0])


def test_diversity_is_the_mean_of_scipys_cosine_distances_in_a_dense_and_in_a_sparse_space():
    rng = np.random.default_rng(0)
    vectors = np.where(rng.random((30, 8)) < 0.4, rng.random((30, 8)), 0).astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    vectors[0] = 0
    lists = np.stack([rng.permutation(np.arange(1, 30))[:5] for _ in range(20)]).astype(np.int32)
    known = [items[vectors[items].any(axis=1)] for items in lists]
    assert min(map(len, known)) < 5  # some items have no vector
    expected = [pdist(vectors[items].astype(np.float64), "cosine").mean() for items in known]
    assert metrics.diversity(lists, vectors) == pytest.approx(expected, abs=1e-6)
    assert metrics.diversity(lists, sparse.csr_array(vectors)) == pytest.approx(expected, abs=1e-6)


def test_a_hit_that_popularity_would_have_had_too_is_no_serendipity():
    assert metrics.serendipity(np.array([1.0, 2.0, 9.0]), np.array([3.0, 8.0, 8.0]), 5).tolist() == [0, 1, 0]


def test_popularity_lift_is_relative_to_what_users_had():
    assert metrics.popularity_lift(0.3, 0.2) == pytest.approx(0.5)
    assert metrics.popularity_lift(0.3, 0.0) == 0


@pytest.mark.parametrize("k", metrics.CUTOFFS)
def test_measures_agree_with_those_of_trec_eval(k: int) -> None:
    rng = np.random.default_rng(3)
    scores = rng.permuted(np.tile(np.arange(1.0, 41), (60, 1)), axis=1)  # 60 queries, 40 items, no ties
    answers = rng.integers(40, size=60)
    ranks = (scores > scores[np.arange(60), answers][:, None]).sum(axis=1) + 1.0
    relevant = {f"q{q}": {f"i{answer}": 1} for q, answer in enumerate(answers)}
    listed = {f"q{q}": {f"i{item}": score for item, score in enumerate(row)} for q, row in enumerate(scores.tolist())}
    theirs = {
        "hr": f"success.{k}",
        "ndcg": f"ndcg_cut.{k}",
        "precision": f"P.{k}",
        "recall": f"recall.{k}",
        "map": f"map_cut.{k}",
    }
    found = pytrec_eval.RelevanceEvaluator(relevant, set(theirs.values())).evaluate(listed)
    for ours, name in theirs.items():
        expected = [found[f"q{q}"][name.replace(".", "_")] for q in range(60)]
        assert metrics.MEASURES[ours](ranks, k) == pytest.approx(expected)
    best = {q: dict(sorted(row.items(), key=lambda pair: -pair[1])[:k]) for q, row in listed.items()}
    reciprocal = pytrec_eval.RelevanceEvaluator(relevant, {"recip_rank"}).evaluate(best)
    assert metrics.mrr(ranks, k) == pytest.approx([reciprocal[f"q{q}"]["recip_rank"] for q in range(60)])


def test_auc_agrees_with_that_of_scikit_learn_also_with_ties() -> None:
    rng = np.random.default_rng(4)
    scores = rng.integers(12, size=(50, 30)).astype(np.float64)
    answers = rng.integers(30, size=50)
    own = scores[np.arange(50), answers][:, None]
    ranks = (scores > own).sum(axis=1) + ((scores == own).sum(axis=1) + 1) / 2
    expected = [
        sklearn.metrics.roc_auc_score(np.arange(30) == answer, row) for answer, row in zip(answers, scores, strict=True)
    ]
    assert metrics.auc(ranks, np.full(50, 30.0)) == pytest.approx(expected)


EXPOSURE = np.random.default_rng(5).poisson(0.7, size=200)  # of 200 items, about half in no list


def test_entropy_agrees_with_that_of_scipy():
    assert metrics.entropy(EXPOSURE) == pytest.approx(stats.entropy(EXPOSURE, base=2))


def test_gini_is_twice_the_area_between_the_lorenz_curve_and_the_diagonal():
    lorenz = np.concatenate([[0], np.cumsum(np.sort(EXPOSURE)) / EXPOSURE.sum()])
    assert metrics.gini(EXPOSURE) == pytest.approx(1 - 2 * sklearn.metrics.auc(np.linspace(0, 1, 201), lorenz))


def test_coverage_novelty_and_serendipity_agree_with_what_the_lists_themselves_say():
    rng = np.random.default_rng(6)
    n_users, n_items, k = 30, 20, 5
    lists = np.stack([rng.permutation(np.arange(1, n_items + 1)) for _ in range(n_users)]).astype(np.int32)
    answers, users_of = rng.integers(1, n_items + 1, size=n_users), rng.integers(n_users + 1, size=n_items + 1)
    popular = np.argsort(-users_of[1:], kind="stable") + 1
    ranks, expected = (
        np.array([order.tolist().index(answer) + 1.0 for order, answer in zip(orders, answers, strict=True)])
        for orders in (lists, [popular] * n_users)
    )
    top = lists[:, :k]
    shown = np.bincount(top.ravel(), minlength=n_items + 1)[1:]
    assert metrics.coverage(shown) == len(set(top.ravel().tolist())) / n_items
    rarity = [[-np.log2(max(users_of[item], 1) / n_users) for item in items] for items in top]
    assert metrics.mean_listed(top, metrics.surprise(users_of, n_users)) == pytest.approx(np.mean(rarity, axis=1))
    useful = [answer in items and answer not in popular[:k] for items, answer in zip(top, answers, strict=True)]
    assert 0 < sum(useful) < sum(ranks <= k)
    assert metrics.serendipity(ranks, expected, k).tolist() == useful


def test_calibration_error_and_curve_agree_with_those_from_scipys_bins_and_intervals():
    rng = np.random.default_rng(7)
    chances = (rng.random(5_000) ** 3).astype(np.float32)
    hits = rng.random(5_000) < 0.8 * chances
    means, shares, sizes = (
        stats.binned_statistic(chances, values, statistic, bins=metrics.CHANCE_BINS).statistic
        for values, statistic in ((chances, "mean"), (hits, "mean"), (hits, "count"))
    )
    measured = metrics.reliability(chances, hits)
    assert measured.error == pytest.approx(np.average(np.abs(shares - means), weights=sizes), rel=1e-5)
    for mean, share, n, point in zip(means, shares, sizes, measured.curve(), strict=True):
        interval = stats.binomtest(round(share * n), int(n)).proportion_ci(method="wilson")
        assert point == pytest.approx((mean, share, interval.low, interval.high, n), abs=1e-4)


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
