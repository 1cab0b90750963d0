from types import SimpleNamespace
from typing import Any

import pytest

from metarec_core.config import RunConfig
from metarec_core.figures import train as figures
from metarec_core.runs.store import Request

HISTORY = [
    {"stage": "memories", "epoch": 0, "loss": None, "validation": {"ndcg@10": 0.2}},
    {"stage": "sequence", "epoch": 1, "loss": 2.5, "validation": {"ndcg@10": 0.05}},
    {"stage": "sequence", "epoch": 2, "loss": 2.1, "validation": {"ndcg@10": 0.07}},
    {"stage": "sequence", "epoch": 2, "loss": 2.0, "validation": {"ndcg@10": 0.09}},
    {"stage": "sequence", "epoch": 3, "loss": 1.8, "validation": {"ndcg@10": 0.08}},
    {"stage": "weights", "epoch": 3, "loss": None, "validation": {"ndcg@10": 0.3}},
]


def status(**values: object) -> SimpleNamespace:
    empty = dict.fromkeys(("loss", "examples_per_s", "remaining_s", "memory_mb"))
    zero = dict.fromkeys(("epoch", "epochs", "step", "steps", "elapsed_s"), 0)
    return SimpleNamespace(**{"stage": "sequence"} | empty | zero | values)


def test_curves_have_a_point_a_pass_of_the_network_as_it_was_last_done() -> None:
    loss, validation = figures.training_curves(HISTORY)
    assert list(loss.data[0].x) == [1, 2, 3]
    assert list(loss.data[0].y) == [2.5, 2.0, 1.8]
    curve, best = validation.data
    assert list(curve.y) == [0.05, 0.09, 0.08]
    assert (list(best.x), list(best.y), list(best.text)) == ([2], [0.09], ["best 0.0900"])


def test_an_empty_history_gives_empty_curves() -> None:
    loss, validation = figures.training_curves([])
    assert len(loss.data[0].x) == 0
    assert len(validation.data) == 1
    assert figures.loss_words([]) == "Training loss by pass over the data: no pass has finished yet."
    assert figures.validation_words([]) == "Validation NDCG@10 of the network by pass: no pass has finished yet."
    assert len(figures.curves_table([])) == 0


def test_curves_are_worth_drawing_from_the_first_pass_on() -> None:
    assert figures.has_passes(HISTORY)
    assert not figures.has_passes([])
    assert not figures.has_passes([{"stage": "weights", "epoch": 0, "loss": None, "validation": {"ndcg@10": 0.1}}])


def test_curves_are_told_by_where_they_begin_and_end_and_by_their_best() -> None:
    assert figures.loss_words(HISTORY) == "Training loss by pass over the data: from 2.500 to 1.800 in 3 passes."
    assert figures.loss_words(HISTORY[:2]) == "Training loss by pass over the data: 2.500 after 1 pass."
    assert figures.validation_words(HISTORY) == (
        "Validation NDCG@10 of the network by pass: from 0.0500 to 0.0800, best 0.0900 after pass 2."
    )


def test_both_curves_are_one_table_where_a_pass_that_was_not_measured_has_no_value() -> None:
    table = figures.curves_table([*HISTORY, {"stage": "sequence", "epoch": 4, "loss": 1.5, "validation": None}])
    assert list(table.columns) == ["Pass", "Training loss", "Validation NDCG@10"]
    assert table["Pass"].tolist() == [1, 2, 3, 4]
    assert table["Training loss"].tolist() == [2.5, 2.0, 1.8, 1.5]
    assert table["Validation NDCG@10"].tolist()[:3] == [0.05, 0.09, 0.08]
    assert table["Validation NDCG@10"].isna().tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    ("told", "done"),
    [
        ({"stage": "preparing"}, 0.0),
        ({"stage": "sequence"}, 0.1),
        ({"stage": "sequence", "elapsed_s": 30.0, "remaining_s": 30.0}, 0.45),
        ({"stage": "sequence", "elapsed_s": 60.0, "remaining_s": 0.0}, 0.8),
        ({"stage": "weights", "remaining_s": 0.0}, 0.8),
        ({"stage": "evaluation"}, 0.92),
    ],
)
def test_the_progress_bar_only_moves_forward_and_by_time_within_the_network(told: dict[str, Any], done: float) -> None:
    assert figures.fraction(status(**told)) == pytest.approx(done)


def test_progress_is_said_in_a_line() -> None:
    assert figures.progress_words(status(epoch=1, epochs=4, remaining_s=12.4)) == (
        "Training the network, pass 2 of at most 4, about 12 s left"
    )
    assert figures.progress_words(status(stage="evaluation", epoch=4, epochs=4)) == "Comparing with the baselines"
    assert figures.progress_words(status(stage="")) == "Getting ready"


def test_numbers_that_are_not_known_yet_are_dashes() -> None:
    shown = {label: value for label, value, _ in figures.figures_now(status(elapsed_s=75, loss=1.23456, memory_mb=512))}
    assert shown == {
        "Time so far": "1 min 15 s",
        "Time left": "–",
        "Loss": "1.235",
        "Examples/s": "–",
        "Memory": "0.5 GiB",
    }


def test_a_job_is_called_by_its_data_its_preset_and_when_it_was_asked_for() -> None:
    request = Request("0" * 16, "shop (sample)", "auto")
    title = figures.job_title("20261124-083015-a1b2c3", request, RunConfig.preset("fast", seed=3))
    assert title == "shop (sample), fast, 24 Nov 2026, 08:30"
    own = RunConfig.preset("fast").with_settings(["train.epochs=7"])
    assert ", custom settings, " in figures.job_title("20261124-083015-a1b2c3", request, own)


def test_jobs_are_listed_with_their_state_in_words() -> None:
    assert figures.jobs_table([("a", "running", 0.0), ("b", "lost", 61.0)]).to_numpy().tolist() == [
        ["a", "Running", "–"],
        ["b", "Lost", "1 min 1 s"],
    ]


def test_presets_say_how_long_they_take_and_how_that_is_known():
    assert figures.presets_words({"fast": 40.0, "best": 7_200.0}, 0) == (
        f"On this data and this machine: Fast about {figures.duration(40.0)}, Best about {figures.duration(7_200.0)} "
        "(estimated from a measurement of this machine)."
    )
    assert "(estimated from an earlier run here)" in figures.presets_words({"fast": 40.0}, 1)
    assert "(estimated from 3 earlier runs here)" in figures.presets_words({"fast": 40.0}, 3)


def test_an_estimate_is_compared_with_what_it_took():
    assert figures.estimate_words(40.0, 50.0).endswith("(25% more).")
    assert figures.estimate_words(40.0, 30.0).endswith("(25% less).")
