"""A run in MLflow, in a store of files on this machine."""

import re
from pathlib import Path

import pytest

from metarec_core import cli
from metarec_core.errors import ConfigError
from metarec_core.runs import mlflow
from tests.tiny_files import SMALL_NET, write_files


@pytest.mark.filterwarnings("default")  # MLflow's own are not ours to mend
def test_a_trained_run_is_logged_with_settings_measures_and_files(tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    behaviour, items = write_files(tmp_path)
    uri, store = (tmp_path / "mlruns").as_uri(), tmp_path / "store"
    settings = [word for pair in SMALL_NET for word in ("--set", pair)]
    status = cli.main(
        ["train", "--behaviour", str(behaviour), "--items", str(items), "--preset", "fast", *settings, "--seed", "3",
         "--device", "cpu", "--store", str(store), "--mlflow", uri]
    )  # fmt: skip
    said = capsys.readouterr()
    assert status == 0, said.err
    run_id = said.out.strip()
    logged_id = next(line for line in said.err.splitlines() if line.startswith("MLflow run ")).removeprefix(
        "MLflow run "
    )

    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=uri)
    logged = client.get_run(logged_id)
    assert client.get_experiment(logged.info.experiment_id).name == "metarec"
    assert logged.info.status == "FINISHED"
    assert logged.data.tags["metarec.run_id"] == run_id
    assert re.fullmatch(r"[0-9a-f]{12}", logged.data.tags["metarec.code"])
    assert (logged.data.params["seed"], logged.data.params["model.embedding_dim"]) == ("3", "8")
    assert logged.data.params["evaluation.baselines"].startswith("popular,recent_popular")
    metrics = logged.data.metrics
    assert 0 <= metrics["test/metarec/ndcg_at_10_low"] <= metrics["test/metarec/ndcg_at_10"] <= 1
    assert {
        "test/popular/hr_at_10",
        "validation/ndcg_at_10",
        "seconds/total",
        "peak_memory_mb",
        "peak_gpu_memory_mb",
    } <= metrics.keys()
    losses = client.get_metric_history(logged_id, "pass/loss")
    assert [point.step for point in losses][:2] == sorted(point.step for point in losses)[:2]
    assert len(losses) >= 2
    files = {file.path for file in client.list_artifacts(logged_id)}
    assert {"config.json", "manifest.json", "leaderboard.json", "weights.safetensors"} <= files
    assert not {"users.json", "items.json"} & files, "ids stay in the workspace"


@pytest.mark.filterwarnings("default")
def test_a_place_that_does_not_answer_is_told_before_anything_is_trained(tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    behaviour, _ = write_files(tmp_path)
    words = ["train", "--behaviour", str(behaviour), "--store", str(tmp_path / "store")]
    assert cli.main([*words, "--mlflow", "http://127.0.0.1:1"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("MLflow at http://127.0.0.1:1 rejected the run: API request to http://127.0.0.1:1")
    assert said.count("\n") == 1
    assert not (tmp_path / "store").exists()


def test_without_the_package_there_is_one_sentence(monkeypatch):
    monkeypatch.setattr(mlflow, "find_spec", lambda name: None)
    with pytest.raises(
        ConfigError, match=r"needs the package mlflow-skinny, .* pip install -r requirements-extras\.txt"
    ):
        mlflow.require_mlflow("file:///tmp/anywhere")
