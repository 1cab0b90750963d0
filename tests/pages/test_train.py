import json
from pathlib import Path

import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.figures.text import duration
from metarec_core.figures.train import settings_words
from metarec_core.jobs import runner, search
from metarec_core.jobs.forecast import forecast, keep
from metarec_core.runs.run import run_folder
from metarec_core.training.estimate import Estimate
from metarec_core.training.tune import SPACE, Measured
from tests.pages.conftest import Open, address, button, said


@pytest.fixture
def requested(monkeypatch: pytest.MonkeyPatch) -> list[RunConfig]:
    """Settings of the jobs that are submitted; none is really started."""
    configs = []

    def submit(store: Path, fingerprint: str, config: RunConfig, device: str) -> str:
        configs.append(config)
        return api.request_run(fingerprint, config, store=store, device=device)

    monkeypatch.setattr(runner, "submit", submit)
    return configs


def test_without_data_there_are_two_ways_to_begin(open_page: Open) -> None:
    app = open_page("train")
    assert app.info[0].value.startswith("Load the sample")
    assert [found.label for found in app.button] == ["Load sample", "Upload"]


def test_every_setting_has_a_widget_with_its_description_as_tooltip(sample: None, open_page: Open) -> None:
    app = open_page("train", ("train.settings",))
    epochs = app.number_input(key="train.fast.train.epochs")
    assert epochs.value == RunConfig.preset("fast").train.epochs
    assert epochs.proto.help == type(RunConfig().train).model_fields["epochs"].description
    assert (epochs.min, epochs.max) == (1, 500)


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("evaluation", "protocol", "time"),
        ("data", "ties", "sets"),
        ("train", "loss", "bpr"),
        ("train", "optimiser", "sgd"),
        ("train", "schedule", "linear"),
    ],
)
def test_how_a_run_learns_and_is_measured_is_chosen_from_a_list(
    section: str, name: str, value: str, sample: None, requested: list[RunConfig], open_page: Open
) -> None:
    app = open_page("train", ("train.settings",))
    widget = app.selectbox(key=f"train.fast.{section}.{name}")
    assert widget.proto.help == type(getattr(RunConfig(), section)).model_fields[name].description
    widget.set_value(value).run()
    button(app, "Train").click().run()
    assert requested == [RunConfig.preset("fast").with_settings([f"{section}.{name}={value}"])]


def test_lists_come_first_where_the_network_takes_minutes(
    sample: None, requested: list[RunConfig], open_page: Open
) -> None:
    app = open_page("train")
    assert not app.toggle(key="train.fast.lists_first").value
    app.segmented_control(key="train.preset").set_value("balanced").run()
    button(app, "Train").click().run()
    whole = RunConfig.preset("balanced")
    assert requested == [whole.with_settings(["model.sequence=false", "evaluation.ablation=false"]), whole]
    assert not app.exception


def test_what_is_set_is_what_is_trained(sample: None, requested: list[RunConfig], open_page: Open) -> None:
    app = open_page("train", ("train.settings",))
    app.segmented_control(key="train.preset").set_value("balanced").run()
    app.number_input(key="train.balanced.seed").set_value(7)
    app.toggle(key="train.balanced.model.sequence").set_value(False).run()
    assert app.toggle(key="train.balanced.lists_first").disabled
    button(app, "Train").click().run()
    assert requested == [RunConfig.preset("balanced", seed=7).with_settings(["model.sequence=false"])]
    assert not app.exception


def test_settings_that_are_folded_away_again_count_and_are_there_when_they_are_opened(
    sample: None, requested: list[RunConfig], open_page: Open
) -> None:
    app = open_page("train", ("train.settings",))
    app.number_input(key="train.fast.train.epochs").set_value(4).run()
    app.session_state["train.settings"] = False
    app.run()
    assert "train.fast.train.epochs" not in [one.key for one in app.number_input]
    assert any("With these settings" in caption.value for caption in app.caption)
    app.session_state["train.settings"] = True
    app.run()
    assert app.number_input(key="train.fast.train.epochs").value == 4
    app.session_state["train.settings"] = False
    app.run()
    button(app, "Train").click().run()
    assert requested == [RunConfig.preset("fast").with_settings(["train.epochs=4"])]
    assert not app.exception


def test_a_preset_left_as_it_is_is_trained_as_that_preset(
    sample: None, requested: list[RunConfig], open_page: Open
) -> None:
    app = open_page("train")
    button(app, "Train").click().run()
    assert requested == [RunConfig.preset("fast")]
    assert address(app)["job"]


def test_the_estimate_is_of_the_settings_as_they_stand(sample: None, workspace: Path, open_page: Open) -> None:
    app = open_page("train", ("train.settings",))
    captions = [caption.value for caption in app.caption]
    assert any(words.startswith("On this data and this machine: Fast about ") for words in captions)
    assert not any("With these settings" in words for words in captions)
    app.number_input(key="train.fast.train.epochs").set_value(500).run()
    (tables,) = api.list_tables(workspace)
    expected = forecast(workspace, tables.fingerprint, RunConfig.preset("fast").with_settings(["train.epochs=500"]))
    assert settings_words(expected.seconds) in [caption.value for caption in app.caption]
    assert not app.exception


def test_a_warning_is_about_the_settings_as_they_stand(
    sample: None, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def expected(store: Path, data: str, config: RunConfig, device: str) -> Estimate:
        return Estimate(1.0, 2.0**40 if config.model.embedding_dim == 256 else 1.0, 1.0)

    monkeypatch.setattr("metarec_core.jobs.forecast.forecast", expected)
    app = open_page("train", ("train.settings",))
    assert not app.warning
    app.number_input(key="train.fast.model.embedding_dim").set_value(256).run()
    assert "are free now: wait for other work to finish" in app.warning[0].value


def test_a_running_job_shows_its_progress_and_can_be_cancelled(
    sample: None, workspace: Path, requested: list[RunConfig], open_page: Open
) -> None:
    app = open_page("train")
    button(app, "Train").click().run()
    job = address(app)["job"]
    running = {
        "run_id": job, "state": "running", "stage": "sequence", "epoch": 1, "epochs": 4, "loss": 2.345678,
        "elapsed_s": 10.0, "remaining_s": 10.0, "updated": "2999-01-01T00:00:00+00:00",
    }  # fmt: skip
    folder = workspace / "runs" / job
    (folder / "status.json").write_text(json.dumps(running | {"state": "starting"}))
    app = open_page("train", job=job)
    assert {metric.label: metric.value for metric in app.metric}["Loss"] == "2.346"
    button(app, "Cancel").click().run()
    assert (folder / "cancel").exists()


def test_a_lost_job_says_so_and_offers_to_resume(
    sample: None, workspace: Path, requested: list[RunConfig], open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    resumed = []
    monkeypatch.setattr(runner, "resume", lambda store, run_id: resumed.append(run_id))
    fingerprint = api.store_tables(api.sample_tables("shop"), workspace)
    job = api.request_run(fingerprint, RunConfig.preset("fast"), store=workspace)
    folder = workspace / "runs" / job
    (folder / "status.json").write_text(json.dumps({"run_id": job, "state": "running", "stage": "sequence"}))
    (folder / "log.txt").write_text("Killed\n")
    app = open_page("train", job=job)
    assert "stopped unexpectedly" in app.warning[0].value
    assert app.code[0].value == "Killed"
    button(app, "Resume").click().run()
    assert resumed == [job]


def test_a_finished_job_says_how_wrong_its_estimate_was(run_id: str, workspace: Path, open_page: Open) -> None:
    took = api.open_run(workspace, run_id).manifest.timings_s["total"]
    keep(run_folder(workspace, run_id), Estimate(seconds=took / 1.25, memory_mb=1.0, disk_mb=1.0))
    (told,) = [caption.value for caption in open_page("train", job=run_id).caption if "Estimated" in caption.value]
    assert told == f"Estimated {duration(took / 1.25)}, took {duration(took)} (25% more)."


def test_a_finished_job_says_how_good_it_is_and_leads_on(run_id: str, open_page: Open) -> None:
    app = open_page("train", job=run_id)
    assert "Measured on 24 users" in said(app)
    assert [found.label for found in app.button][:2] == ["See recommendations", "Evaluate"]
    button(app, "Evaluate").click().run()
    assert app.title[0].value == "Evaluate"
    assert address(app)["run"] == run_id


@pytest.mark.parametrize("job", ["20260101-000000-abcdef", "../../etc/passwd"])
def test_a_job_that_is_not_there_is_told_in_one_sentence(job: str, sample: None, open_page: Open) -> None:
    app = open_page("train", job=job)
    assert len(app.error) == 1
    assert not app.exception
    assert "New training" in said(app)


def test_a_search_is_started_within_its_budget_watched_and_stopped(
    sample: None, workspace: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    monkeypatch.setattr(search, "start_process", lambda folder, module: started.append(folder))
    app = open_page("train")
    app.number_input(key="search.trials").set_value(3)
    app.number_input(key="search.minutes").set_value(0.0).run()
    button(app, "Search").click().run()
    assert not app.exception
    (folder,) = started
    assert search.searched(workspace, folder.run_id)[1] == search.Budget(trials=3)
    (folder.status).write_text(json.dumps({"run_id": folder.run_id, "state": "running", "epoch": 1, "epochs": 3}))
    app = open_page("train")
    assert "0 trials, 0 of them pruned." in said(app)
    button(app, "Continue the search").click().run()
    assert len(started) == 2


def test_finished_trials_are_drawn_with_what_mattered(
    sample: None, workspace: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "start_process", lambda folder, module: None)
    monkeypatch.setattr(search, "submit", lambda store, *asked: api.request_run(*asked[:2], store=store))
    monkeypatch.setattr(
        search, "trial", lambda split, config, *asked: iter([Measured(1, config.model.dropout, is_last=True)])
    )
    fingerprint = api.store_tables(api.sample_tables("shop"), workspace)
    config = RunConfig.preset("fast").with_settings(["model.text=false"])
    search_id = search.submit_search(workspace, fingerprint, config, search.Budget(trials=6), "cpu")
    search.main(str(workspace), search_id)

    app = open_page("train")
    assert not app.exception
    charts = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    values = [one.value for one in search.trials(workspace, search_id)]
    (history,) = [chart for chart in charts if chart["data"][0].get("mode") == "markers" and len(chart["data"]) == 2]
    assert history["data"][0]["x"] == [0, 1, 2, 3, 4, 5]
    (importance,) = [chart for chart in charts if chart["data"][0]["type"] == "bar"]
    assert len(importance["data"][0]["y"]) == len(SPACE)
    best = f"Best so far: trial {values.index(max(values))}, NDCG@10 {max(values):.4f}."
    assert f"6 trials, 0 of them pruned. {best}" in said(app)
    assert button(app, "Open the best trial's training job")


def test_a_search_without_a_budget_is_one_sentence(sample: None, open_page: Open) -> None:
    app = open_page("train")
    app.number_input(key="search.trials").set_value(0)
    app.number_input(key="search.minutes").set_value(0.0).run()
    button(app, "Search").click().run()
    assert app.error[0].value.startswith("A search needs a budget")


def test_a_run_is_taken_from_a_zip_that_was_exported(
    run_id: str, workspace: Path, tmp_path: Path, open_page: Open
) -> None:
    packed = api.run_zip(api.open_run(workspace, run_id))
    assert not open_page("train", job=run_id).exception
    app = open_page("train")
    app.file_uploader(key="import_run").set_value(("run.zip", packed, "application/zip")).run()
    button(app, "Import").click().run()
    assert "delete it there first, or keep it" in app.error[0].value
