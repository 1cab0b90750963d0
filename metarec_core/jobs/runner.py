"""Start, watch, stop and resume training jobs. The run's folder is the only thing shared with the worker."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import metarec_core
from metarec_core import api
from metarec_core.audit import deed
from metarec_core.config import RunConfig
from metarec_core.errors import JobError, RunError
from metarec_core.jobs.forecast import forecast, keep, require_room
from metarec_core.jobs.status import (
    JobState,
    JobStatus,
    StatusWriter,
    read_history,
    read_log_tail,
    read_status,
    write_started,
    write_starting,
)
from metarec_core.language import ENGLISH, later, say, speaking
from metarec_core.runs.run import RunFolder, run_folder, run_folders

_STATES: Final = {
    JobState.STARTING: later("starting"),
    JobState.QUEUED: later("queued"),
    JobState.RUNNING: later("running"),
    JobState.DONE: later("done"),
    JobState.FAILED: later("failed"),
    JobState.CANCELLED: later("cancelled"),
    JobState.LOST: later("lost"),
}
_children: Final[set[subprocess.Popen[bytes]]] = set()
"""Workers that this process started, kept only to take their exit status: an unasked one stays a zombie."""


@deed("train", gives="run", tables="fingerprint")
def submit(store: Path | str, fingerprint: str, config: RunConfig, device: str = "auto") -> str:
    """Start training on stored tables, in a process of its own that outlives this one.

    Args:
        store: Workspace folder.
        fingerprint: Which of its tables.
        config: Every setting that changes the result.
        device: "auto", "cpu", "cuda" or "mps".

    Returns:
        The run id, by which everything else is asked.

    Raises:
        RunError: The store has no such tables.
        JobError: It will not fit this machine, or the worker could not be started.
    """
    expected = forecast(Path(store), fingerprint, config, device)
    require_room(Path(store), expected)
    run_id = api.request_run(fingerprint, config, store=store, device=device)
    keep(run_folder(Path(store), run_id), expected)
    start_process(run_folder(Path(store), run_id))
    return run_id


@deed("train", resumed="run_id")
def resume(store: Path | str, run_id: str) -> None:
    """Let a new worker go on where a failed, cancelled or lost one stopped.

    Raises:
        RunError: There is no such run, or its tables are gone.
        JobError: It is finished or still being trained, it will not fit this machine, or the worker could not be started.
    """
    folder = run_folder(Path(store), run_id)
    now = read_status(folder)
    if now.is_live:
        raise JobError(
            say(
                "Run {run_id} is still being trained ({state}): cancel it before you resume it.",
                run_id=run_id,
                state=say(_STATES[now.state]),
            )
        )
    if not now.can_resume:
        raise JobError(say("Run {run_id} is finished: open it, or train a new one.", run_id=run_id))
    request, config = api.requested_run(run_id, store=store)
    require_room(Path(store), forecast(Path(store), request.tables_fingerprint, config, request.device))
    folder.cancel.unlink(missing_ok=True)
    start_process(folder)


@deed("cancel", run="run_id")
def cancel(store: Path | str, run_id: str) -> None:
    """Ask a job to stop at its next report. Its checkpoint is kept.

    Raises:
        RunError: There is no such run.
        JobError: It is not being trained.
    """
    folder = run_folder(Path(store), run_id)
    now = read_status(folder)
    if not now.is_live:
        raise JobError(
            say(
                "Run {run_id} is not being trained ({state}): there is nothing to cancel.",
                run_id=run_id,
                state=say(_STATES[now.state]),
            )
        )
    folder.cancel.touch()


def status(store: Path | str, run_id: str) -> JobStatus:
    """Where a job stands now.

    Raises:
        RunError: There is no such run.
    """
    _reap()
    return read_status(run_folder(Path(store), run_id))


def history(store: Path | str, run_id: str) -> tuple[dict[str, Any], ...]:
    """What a job measured at the end of each epoch and stage, oldest first, as ``api.Progress`` values.

    Raises:
        RunError: There is no such run.
    """
    return read_history(run_folder(Path(store), run_id))


def log_tail(store: Path | str, run_id: str, lines: int = 40) -> str:
    """The end of what a job's worker printed.

    Raises:
        RunError: There is no such run.
    """
    return read_log_tail(run_folder(Path(store), run_id), lines)


def list_jobs(store: Path | str) -> tuple[JobStatus, ...]:
    """Every job of a store, newest first, finished ones included."""
    _reap()
    found = []
    for folder in run_folders(Path(store)):
        try:
            found.append(read_status(folder))
        except RunError:  # deleted while we looked
            continue
    return tuple(found)


def start_process(folder: RunFolder, module: str = "metarec_core.jobs.worker") -> None:
    """Start the process that works on a folder, in a session of its own; its log is what it prints.

    Raises:
        JobError: It could not be started.
    """
    write_starting(folder)
    try:
        child = _start(folder, module, folder.log)
    except OSError as error:
        why = error.strerror or str(error)
        with speaking(ENGLISH):
            StatusWriter(folder).write(JobState.FAILED, _not_started(folder, why))
        raise JobError(_not_started(folder, why)) from error
    with suppress(OSError):  # a full disk is the worker's to tell
        write_started(folder, child.pid)


def start_beside(folder: RunFolder, module: str, log: Path) -> None:
    """Start a process that measures something of a finished run, in a session of its own; its log is what it prints.

    Raises:
        JobError: It could not be started.
    """
    try:
        _start(folder, module, log)
    except OSError as error:
        why = error.strerror or str(error)
        raise JobError(
            say(
                "Run {run_id} cannot be measured in the background: {why}. Try again later.",
                run_id=folder.run_id,
                why=why,
            )
        ) from error


def _not_started(folder: RunFolder, why: str) -> str:
    return say(
        "The training of run {run_id} could not be started: {why}. Resume it to try again.",
        run_id=folder.run_id,
        why=why,
    )


def _start(folder: RunFolder, module: str, log: Path) -> subprocess.Popen[bytes]:
    _reap()
    command = [sys.executable, "-m", module, str(folder.store.resolve()), folder.run_id]
    with log.open("ab") as file:
        child = subprocess.Popen(  # noqa: S603  our own module, and an id that was checked
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=Path(metarec_core.__file__).resolve().parents[1],
            env={"OMP_NUM_THREADS": str(_available_cores()), **os.environ, "PYTHONIOENCODING": "utf-8"},
            start_new_session=True,
        )
    _children.add(child)
    return child


def _available_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _reap() -> None:
    for child in list(_children):
        if child.poll() is not None:
            _children.discard(child)
