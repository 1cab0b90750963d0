from metarec_core.figures.train import training_curves

HISTORY = [
    {"epoch": 1, "loss": 2.5, "validation": {"ndcg@10": 0.05}},
    {"epoch": 2, "loss": 2.0, "validation": {"ndcg@10": 0.09}},
    {"epoch": 3, "loss": 1.8, "validation": {"ndcg@10": 0.08}},
    {"epoch": 3, "loss": None, "validation": None},
]


def test_curves_have_a_point_an_epoch_and_mark_the_best_validation() -> None:
    loss, validation = training_curves(HISTORY)
    assert list(loss.data[0].x) == [1, 2, 3]
    assert list(loss.data[0].y) == [2.5, 2.0, 1.8]
    curve, best = validation.data
    assert list(curve.y) == [0.05, 0.09, 0.08]
    assert (list(best.x), list(best.y), list(best.text)) == ([2], [0.09], ["best 0.0900"])


def test_an_empty_history_gives_empty_curves() -> None:
    loss, validation = training_curves([])
    assert len(loss.data[0].x) == 0
    assert len(validation.data) == 1
