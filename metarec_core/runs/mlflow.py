"""A finished run for teams that keep theirs in MLflow: settings as params, measures as metrics, its files as artifacts.

The package mlflow-skinny is optional and is imported only here, when somebody asks. Tables and ids of users and items stay in
the workspace: what goes out is what a run says of itself, and its weights.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from metarec_core.config import setting_names
from metarec_core.errors import ConfigError
from metarec_core.language import say
from metarec_core.runs.run import Run
from metarec_core.runs.store import read_json

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

EXPERIMENT: Final = "metarec"
"""Where runs go unless MLFLOW_EXPERIMENT_NAME says otherwise."""
ARTIFACTS: Final = (
    "config.json",
    "manifest.json",
    "leaderboard.json",
    "slices.json",
    "ablation.json",
    "history.jsonl",
    "weights.safetensors",
)
MOST_PARAMS, MOST_METRICS = 100, 1_000
"""What MLflow takes at once."""
RETRIES: Final = "2"
"""How often a server that does not answer is asked again, unless MLFLOW_HTTP_REQUEST_MAX_RETRIES says otherwise."""


def require_mlflow(uri: str) -> None:
    """Find out before a training whether its run can be logged: the package is there, and the place answers.

    Raises:
        ConfigError: One of them is not so.
    """
    with _client(uri) as client:
        _experiment(client)


def log_run(run: Run, uri: str, history: Sequence[Mapping[str, Any]] = ()) -> str:
    """Log a finished run.

    Args:
        run: Which.
        uri: Of an MLflow server (``http://…``), a database (``sqlite:///…``) or a folder (``file:///…``).
        history: What was measured at the end of each pass, as the run's history has it.

    Returns:
        The id that MLflow gives it.

    Raises:
        ConfigError: The package is missing, or the place does not take it.
    """
    from mlflow.entities import Metric, Param

    manifest = run.manifest
    with _client(uri) as client:
        tags = {
            "metarec.run_id": run.run_id,
            "metarec.version": manifest.metarec_version,
            "metarec.tables": manifest.tables_fingerprint,
            "metarec.device": manifest.device,
            "metarec.code": manifest.code,
        }
        logged = client.create_run(_experiment(client), tags=tags, run_name=f"{manifest.tables_name} {run.run_id}")
        logged_id = str(logged.info.run_id)
        params = [Param(name, str(value)) for name, value in _settings(run).items()]
        for start in range(0, len(params), MOST_PARAMS):
            client.log_batch(logged_id, params=params[start : start + MOST_PARAMS])
        now = logged.info.start_time
        metrics = [Metric(name, value, now, step) for name, value, step in _metrics(run, history)]
        for start in range(0, len(metrics), MOST_METRICS):
            client.log_batch(logged_id, metrics=metrics[start : start + MOST_METRICS])
        for name in ARTIFACTS:
            if (run.folder.root / name).is_file():
                client.log_artifact(logged_id, str(run.folder.root / name))
        client.set_terminated(logged_id)
    return logged_id


def _settings(run: Run) -> dict[str, Any]:
    values = run.config.to_dict()
    found = {}
    for path in setting_names():
        place: Any = values
        for step in path.split("."):
            place = place[step]
        found[path] = ",".join(place) if isinstance(place, list) else place
    return found


def _metrics(run: Run, history: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, float, int]]:
    """Name, value and step of everything measured; ``ndcg@10`` is ``ndcg_at_10``, since MLflow takes no @."""
    for model, measures in read_json(run.folder.leaderboard)["models"].items():
        for measure, interval in measures.items():
            yield f"test/{model}/{_name(measure)}", interval["mean"], 0
            if interval["low"] is not None:
                yield f"test/{model}/{_name(measure)}_low", interval["low"], 0
                yield f"test/{model}/{_name(measure)}_high", interval["high"], 0
    for measure, value in run.manifest.validation.items():
        yield f"validation/{_name(measure)}", value, 0
    for stage, value in run.manifest.timings_s.items():
        yield f"seconds/{stage}", value, 0
    yield "peak_memory_mb", run.manifest.peak_memory_mb, 0
    yield "peak_gpu_memory_mb", run.manifest.peak_gpu_memory_mb, 0
    for step, entry in enumerate(history, start=1):
        if entry.get("loss") is not None:
            yield "pass/loss", entry["loss"], step
        for measure, value in (entry.get("validation") or {}).items():
            yield f"pass/validation_{_name(measure)}", value, step


def _name(measure: str) -> str:
    return measure.replace("@", "_at_")


def _experiment(client: MlflowClient) -> str:
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or EXPERIMENT
    found = client.get_experiment_by_name(name)
    return str(found.experiment_id if found is not None else client.create_experiment(name))


@contextmanager
def _client(uri: str) -> Iterator[MlflowClient]:
    """MLflow's client; whatever it says no with is one sentence."""
    if find_spec("mlflow") is None:
        raise ConfigError(
            say(
                "Logging to MLflow needs the package mlflow-skinny, which is not installed: run pip install -r "
                "requirements-extras.txt, or leave --mlflow out."
            )
        )
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", RETRIES)
    if "://" not in uri or uri.startswith("file:"):  # who names a folder wants one, which MLflow has come to ask twice
        os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
    from mlflow.exceptions import MlflowException
    from mlflow.tracking import MlflowClient

    try:
        yield MlflowClient(tracking_uri=uri)
    except (MlflowException, OSError) as error:
        said = str(error).splitlines()[0].rstrip(".")
        raise ConfigError(
            say("MLflow at {uri} rejected the run: {said}. Correct --mlflow, or leave it out.", uri=uri, said=said)
        ) from error
