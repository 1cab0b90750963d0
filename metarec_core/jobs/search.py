"""A search for better settings, in processes of its own: ``python -m metarec_core.jobs.search STORE SEARCH_ID``.

It has a folder like a run's (``<store>/searches/<id>/``: status, log, cancel, lock), in which ``trials.sqlite`` remembers every
trial, so that a search that was stopped goes on. Its ``manifest.json``, written last, names the run that the best trial became.
"""

from __future__ import annotations

import subprocess
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from filelock import FileLock

from metarec_core.audit import deed
from metarec_core.config import RunConfig
from metarec_core.data.store import open_tables
from metarec_core.errors import InputError, JobError, MetaRecError, RunError
from metarec_core.jobs.forecast import forecast, require_gpu_room, require_room
from metarec_core.jobs.log import log
from metarec_core.jobs.runner import start_process, submit
from metarec_core.jobs.status import JobState, JobStatus, StatusWriter, read_status
from metarec_core.jobs.work import CANCELLED, WAITING, in_a_sentence, take_turn
from metarec_core.language import say
from metarec_core.runs.lock import hold, is_held
from metarec_core.runs.run import RunFolder, new_run_id, searches_root
from metarec_core.runs.run import search_folders as search_folders  # for pages, too
from metarec_core.runs.store import read_config, read_json, write_json
from metarec_core.training.estimate import Estimate
from metarec_core.training.tune import SPACE, Between, OneOf, trial

if TYPE_CHECKING:
    import optuna

FEWEST_FOR_IMPORTANCE: Final = 5
PROCESS: Final = "metarec_core.jobs.search"
LARGER: Final = ("model.embedding_dim", "model.sequence_length", "train.batch_events")
"""Settings of the space with which a training grows."""

POLL_S: Final = 0.5
SPENT_S: Final = "spent_s"
"""Under which name a study keeps the seconds that trials took so far, for a search that goes on."""

PATIENCE_S: Final = 60.0
"""How long a process waits for another one to have written a trial."""


class _CutOffError(Exception):
    """The budget or a cancel ended a trial before it said what it is worth, which is no verdict on its settings."""


@dataclass(frozen=True)
class Budget:
    """When a search ends: after so many trials, or so many minutes, whichever is first; 0 for no such limit."""

    trials: int = 20
    minutes: float = 0.0

    def __post_init__(self) -> None:
        if self.trials < 0 or self.minutes < 0 or not (self.trials or self.minutes):
            raise InputError(say("A search needs a budget: trials or minutes above 0."))


@dataclass(frozen=True)
class Trial:
    """One trial: its settings, its state ("complete", "pruned", "running" or "fail") and its validation NDCG@10."""

    number: int
    state: str
    value: float | None
    settings: Mapping[str, Any]


@deed("train", gives="search", tables="fingerprint")
def submit_search(
    store: Path, fingerprint: str, config: RunConfig, budget: Budget, device: str = "auto", processes: int = 1
) -> str:
    """Start a search on stored tables.

    Args:
        config: Where it starts, and what it leaves as it is.
        processes: How many trials are made at the same time.

    Returns:
        Its id.

    Raises:
        RunError: The store has no such tables.
        JobError: It will not fit this machine, or could not be started.
    """
    if not config.model.sequence:
        raise InputError(say("There is nothing to search without the network: switch model.sequence on."))
    require_room(store, expected(store, fingerprint, config, device), processes)
    folder = RunFolder(searches_root(store) / new_run_id())
    folder.root.mkdir(parents=True)
    write_json(folder.config, config.to_dict())
    asked = {"fingerprint": fingerprint, "device": device, "processes": processes, **vars(budget)}
    write_json(folder.request, asked)
    start_process(folder, PROCESS)
    return folder.run_id


def expected(store: Path, fingerprint: str, config: RunConfig, device: str = "auto") -> Estimate:
    """What the largest trial of a search will take at most: it is not refitted, nor measured on test events.

    Raises:
        RunError: The store has no such tables.
    """
    chosen = {name: values for name, values in SPACE.items() if name in LARGER and isinstance(values, OneOf)}
    largest = [f"{name}={max(map(int, values.values))}" for name, values in chosen.items()]
    return forecast(store, fingerprint, config.with_settings(largest), device)


@deed("train", resumed="search_id")
def resume_search(store: Path, search_id: str) -> None:
    """Start a search's processes, or go on with one that was stopped.

    Raises:
        RunError: There is no such search.
        JobError: It is finished, is going on, or will not fit this machine.
    """
    folder = search_folder(store, search_id)
    if folder.is_finished or is_held(folder):
        raise JobError(
            say(
                "Search {search_id} is finished: start a new one."
                if folder.is_finished
                else "Search {search_id} is already running: start a new one.",
                search_id=search_id,
            )
        )
    asked = read_json(folder.request)
    one = expected(store, asked["fingerprint"], read_config(folder), asked["device"])
    require_room(store, one, asked["processes"])
    folder.cancel.unlink(missing_ok=True)
    start_process(folder, PROCESS)


@deed("cancel", search="search_id")
def cancel_search(store: Path, search_id: str) -> None:
    """Ask a search to stop at its next step. Its trials are kept.

    Raises:
        RunError: There is no such search.
    """
    search_folder(store, search_id).cancel.touch()


def searched(store: Path, search_id: str) -> tuple[str, Budget]:
    """On which tables a search looks, and what it may take.

    Raises:
        RunError: There is no such search, or its folder is damaged.
    """
    asked = read_json(search_folder(store, search_id).request)
    return str(asked["fingerprint"]), Budget(asked["trials"], asked["minutes"])


def search_folder(store: Path, search_id: str) -> RunFolder:
    """The folder of a search.

    Raises:
        RunError: There is none of that id.
    """
    found = {folder.run_id: folder for folder in search_folders(store)}
    if search_id not in found:
        raise RunError(
            say(
                "There is no search {search_id!r} in {store}: list the existing searches.",
                search_id=search_id,
                store=store,
            )
        )
    return found[search_id]


def search_status(store: Path, search_id: str) -> JobStatus:
    """Where a search stands; ``epoch`` of ``epochs`` are finished trials of the budget's."""
    return read_status(search_folder(store, search_id))


def best_run(store: Path, search_id: str) -> str | None:
    """The run that the best trial became, once the search is finished."""
    folder = search_folder(store, search_id)
    return str(read_json(folder.manifest)["run_id"]) if folder.is_finished else None


def trials(store: Path, search_id: str) -> tuple[Trial, ...]:
    """Every trial so far, in order."""
    folder = search_folder(store, search_id)
    if not folder.trials.is_file():
        return ()
    return tuple(
        Trial(one.number, one.state.name.lower(), one.value, dict(one.params)) for one in _study(folder).get_trials()
    )


def importance(store: Path, search_id: str) -> dict[str, float]:
    """How much each setting explains of what the trials measured, largest first; empty before there are enough trials."""
    import optuna

    if sum(one.state == "complete" for one in trials(store, search_id)) < FEWEST_FOR_IMPORTANCE:
        return {}
    study = _study(search_folder(store, search_id))
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    try:
        return dict(optuna.importance.get_param_importances(study, evaluator=evaluator))
    except (RuntimeError, ValueError):  # all trials alike
        return {}


def main(store: str, search_id: str, number: str = "0") -> int:
    """Make trials until the budget is spent; process 0 speaks for all, and submits the best trial as a run."""
    folder = search_folder(Path(store), search_id)
    if number != "0":
        _make_trials(folder, int(number), None)
        return 0
    with hold(folder):
        status = StatusWriter(folder)
        try:
            done = _lead(folder, status)
            status.write(JobState.DONE if done else JobState.CANCELLED, "" if done else CANCELLED)
        except MetaRecError as error:
            status.write(JobState.FAILED, str(error))
            return 1
        except Exception as error:  # noqa: BLE001  the log is the only place where it can still be read
            log(traceback.format_exc())
            status.write(JobState.FAILED, in_a_sentence(error))
            return 1
        finally:
            folder.cancel.unlink(missing_ok=True)
    return 0


def _lead(folder: RunFolder, status: StatusWriter) -> bool:
    """Take the device, share the trials out, and hand the best one on; False when cancelled."""

    from metarec_core.models.device import resolve_device

    asked = read_json(folder.request)
    device = resolve_device(asked["device"])
    slot = FileLock(folder.store / f"device-{device}.lock")
    try:
        while not take_turn(slot, folder, device):
            status.write(JobState.QUEUED, WAITING, {"device": device})
            time.sleep(POLL_S)
            if folder.cancel.exists():
                return False
        if device == "cuda":
            one = expected(folder.store, asked["fingerprint"], read_config(folder), device)
            require_gpu_room(one, asked["processes"])
        status.write(JobState.RUNNING, progress={"device": device, "stage": "search", "epochs": asked["trials"]})
        study = _study(folder)
        _give_up_running(study)  # of a sitting that was killed
        command = [sys.executable, "-m", PROCESS, str(folder.store), folder.run_id]
        others = [subprocess.Popen([*command, str(n)]) for n in range(1, asked["processes"])]  # noqa: S603
        _make_trials(folder, 0, status)
        for other in others:
            other.wait()
        if _give_up_running(study):  # of a process that was killed: its share is made up for
            _make_trials(folder, 0, status)
        n_finished = len(study.get_trials(deepcopy=False, states=_finished()))
        status.write(JobState.RUNNING, progress={"stage": "search", "epoch": n_finished})
    finally:
        slot.release()
    if folder.cancel.exists():
        return False
    try:
        best = study.best_trial
    except ValueError:
        raise JobError(say("No trial finished within the budget: give the search more time.")) from None
    config = read_config(folder).with_settings([f"{name}={value}" for name, value in best.params.items()])
    run_id = submit(folder.store, asked["fingerprint"], config, asked["device"])
    write_json(folder.manifest, {"run_id": run_id, "trial": best.number, "value": best.value})
    return True


def _make_trials(folder: RunFolder, number: int, status: StatusWriter | None) -> None:
    import optuna

    from metarec_core import api
    from metarec_core.training.seeding import numpy_generator

    asked, config = read_json(folder.request), read_config(folder)
    split, text = api.learnable(open_tables(folder.store, asked["fingerprint"]), config, folder.store)
    sitting = len(_study(folder).get_trials(deepcopy=False))  # one that goes on does not draw again what it drew before
    draws = numpy_generator(config.seed, f"trials of process {number}", sitting)
    study = _study(folder, seed=int(draws.integers(2**31)))
    before_s, began = float(study.user_attrs.get(SPENT_S, 0.0)), time.monotonic()

    def spent_s() -> float:
        return before_s + time.monotonic() - began

    def over() -> bool:
        spent = asked["minutes"] and spent_s() > 60 * asked["minutes"]
        return bool(spent or folder.cancel.exists() or (number and not is_held(folder)))

    def objective(asking: optuna.Trial) -> float:
        settings = []
        for name, values in SPACE.items():
            if isinstance(values, Between):
                value: Any = asking.suggest_float(name, values.low, values.high, log=values.log)
            else:
                value = asking.suggest_categorical(name, values.values)
            settings.append(f"{name}={value}")
        for measured in trial(split, config.with_settings(settings), asked["device"], text):
            if status is not None:
                status.write(JobState.RUNNING, progress={"stage": "search", "elapsed_s": spent_s()})
            if status is not None and measured is not None:
                study.set_user_attr(SPENT_S, spent_s())
            if measured is not None and measured.is_last:
                return measured.value
            if measured is not None:
                asking.report(measured.value, measured.epoch)
            if over():
                raise _CutOffError
            if measured is not None and asking.should_prune():
                raise optuna.TrialPruned
        raise _CutOffError

    while not over():
        with _alone(folder):  # two processes do not both begin the last trial
            begun = study.get_trials(deepcopy=False, states=(*_finished(), optuna.trial.TrialState.RUNNING))
            if asked["trials"] and len(begun) >= asked["trials"]:
                return
            asking = study.ask()
        try:
            study.tell(asking, objective(asking))
        except optuna.TrialPruned:
            study.tell(asking, state=optuna.trial.TrialState.PRUNED)
        except BaseException as error:
            study.tell(asking, state=optuna.trial.TrialState.FAIL)
            if not isinstance(error, _CutOffError):
                raise
        n_finished = len(study.get_trials(deepcopy=False, states=_finished()))
        log(f"{n_finished} trials finished")
        if status is not None:
            status.write(JobState.RUNNING, progress={"stage": "search", "epoch": n_finished})


def _finished() -> tuple[optuna.trial.TrialState, ...]:
    import optuna

    return optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED


def _give_up_running(study: optuna.Study) -> int:
    """Trials that nobody is making any more have failed; how many there were."""
    import optuna

    stale = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,))
    for one in stale:
        study.tell(one.number, state=optuna.trial.TrialState.FAIL)
    return len(stale)


def _alone(folder: RunFolder) -> FileLock:
    """One process of a search at a time."""
    return FileLock(folder.trials.with_suffix(".lock"))


def _study(folder: RunFolder, seed: int = 0) -> optuna.Study:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with _alone(folder):  # whoever comes first makes the tables
        return optuna.create_study(
            storage=optuna.storages.RDBStorage(
                f"sqlite:///{folder.trials.resolve()}", engine_kwargs={"connect_args": {"timeout": PATIENCE_S}}
            ),
            study_name=folder.run_id,
            load_if_exists=True,
            direction="maximize",
            sampler=optuna.samplers.TPESampler(seed=seed),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=2),
        )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
