from metarec_core.figures import search as figures
from metarec_core.jobs.search import Trial

TRIALS = (
    Trial(0, "complete", 0.2, {}),
    Trial(1, "pruned", 0.1, {}),
    Trial(2, "complete", 0.3, {}),
    Trial(3, "complete", 0.25, {}),
    Trial(4, "fail", None, {}),
)


def test_the_best_so_far_only_rises_and_pruned_trials_are_no_points():
    points, best = figures.history(TRIALS).data
    assert (list(points.x), list(points.y)) == ([0, 2, 3], [0.2, 0.3, 0.25])
    assert list(best.y) == [0.2, 0.3, 0.3]


def test_the_most_important_setting_is_on_top():
    (bars,) = figures.importance({"train.learning_rate": 0.7, "model.dropout": 0.3}).data
    assert list(bars.y) == ["model.dropout", "train.learning_rate"]
    assert list(bars.x) == [0.3, 0.7]


def test_both_charts_are_told_and_counted():
    assert figures.history_words(TRIALS) == ("Validation NDCG@10 of each trial: 0.2000 to 0.3000, the best in trial 2.")
    assert figures.trials_table(TRIALS).to_numpy().tolist() == [[0, 0.2, 0.2], [2, 0.3, 0.3], [3, 0.25, 0.3]]
    shares = {"train.learning_rate": 0.7, "model.dropout": 0.3}
    assert figures.importance_words(shares) == ("Which settings mattered: train.learning_rate 70%, model.dropout 30%")
    assert figures.importance_table(shares).to_numpy().tolist() == [
        ["train.learning_rate", 0.7],
        ["model.dropout", 0.3],
    ]


def test_a_search_in_words():
    assert figures.words(TRIALS) == "5 trials, 1 of them pruned. Best so far: trial 2, NDCG@10 0.3000."
    assert figures.words(TRIALS[:1]).startswith("1 trial, 0 pruned.")
    assert figures.words(()) == "0 trials, 0 of them pruned."
