"""Do a requested training while its folder tells everybody how it goes. The worker process and the command line share it."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from metarec_core.errors import MetaRecError, RunError
from metarec_core.jobs.forecast import kept, require_gpu_room
from metarec_core.jobs.status import JobState, StatusWriter, read_status
from metarec_core.language import later, say
from metarec_core.runs.leftovers import clear_leftovers
from metarec_core.runs.lock import hold
from metarec_core.runs.run import RunFolder, run_folder, run_folders, search_folders
from metarec_core.runs.store import clear_half_written, read_request

if TYPE_CHECKING:
    from metarec_core.api import Progress

QUEUE_POLL_S = 0.5
WAITING = later("Waiting for another training on this device to finish.")
CANCELLED = later("Cancelled. Resume it to continue from its last checkpoint.")


def work(store: Path, run_id: str, device: str | None = None) -> Generator[Progress, None, None]:
    """Queue for the device, then train a requested run.

    Whatever ends it is in the run's status file before it is felt here. A ``cancel`` file ends it at the next report,
    without a finished run; so does not asking for more.

    Args:
        store: Workspace folder.
        run_id: A run that was requested, and is not finished.
        device: Where to train; as requested when not given.

    Yields:
        Progress; stage "queued" while another training has the device, then what ``api.resume`` yields.

    Raises:
        RunError: There is no such run, it is finished, another process works on it, or its folder is damaged or was deleted.
        MetaRecError: The training cannot be done as asked.
    """
    folder = run_folder(store, run_id)
    with hold(folder):
        if folder.is_finished:
            raise RunError(say("Run {run_id} is already finished: open it, or train a new one.", run_id=run_id))
        clear_half_written(folder)
        clear_leftovers(store)
        status = StatusWriter(folder)
        try:
            done = yield from _train(folder, status, device)
            status.write(JobState.DONE if done else JobState.CANCELLED, "" if done else CANCELLED)
        except BaseException as error:
            if not folder.root.is_dir():
                raise RunError(
                    say("Run {run_id} was deleted while it was being trained; nothing of it is kept.", run_id=run_id)
                ) from error
            if isinstance(error, Exception):
                status.write(JobState.FAILED, in_a_sentence(error))
            else:  # interrupted, or nobody asks for more
                status.write(JobState.CANCELLED, CANCELLED)
            raise
        finally:
            folder.cancel.unlink(missing_ok=True)


def _train(folder: RunFolder, status: StatusWriter, device: str | None) -> Generator[Progress, None, bool]:
    """Yields progress; returns whether the run was finished."""
    status.write(JobState.QUEUED, progress={"stage": "queued"})
    from metarec_core import api  # after the first word, because it takes a moment
    from metarec_core.models.device import resolve_device

    device = resolve_device(device or read_request(folder).device)
    slot = FileLock(folder.store / f"device-{device}.lock")
    try:
        while not take_turn(slot, folder, device):
            if folder.cancel.exists():
                return False
            status.write(JobState.QUEUED, WAITING, {"device": device})
            yield api.Progress(folder.run_id, "queued")
            time.sleep(QUEUE_POLL_S)
        expected = kept(folder)
        if device == "cuda" and expected is not None:
            require_gpu_room(expected)
        status.write(JobState.RUNNING, progress={"device": device, "stage": "preparing"})
        for progress in api.resume(folder.run_id, store=folder.store, device=device):
            status.write(JobState.RUNNING, progress=progress.to_dict())
            yield progress
            if progress.run is None and folder.cancel.exists():
                return False
    finally:
        slot.release()
    return True


def take_turn(slot: FileLock, folder: RunFolder, device: str) -> bool:
    """Take the device if it is free and no training or search that was asked for earlier waits for it."""
    try:
        slot.acquire(timeout=0)
    except Timeout:
        return False
    asked_for = (*run_folders(folder.store), *search_folders(folder.store))
    if any(_waits(other, device) for other in asked_for if other.run_id < folder.run_id):
        slot.release()
        return False
    return True


def _waits(folder: RunFolder, device: str) -> bool:
    try:
        status = read_status(folder)
    except RunError:  # deleted while we looked
        return False
    return status.state is JobState.QUEUED and status.device == device


def in_a_sentence(error: Exception) -> str:
    """What stopped a job, for people."""
    if isinstance(error, MetaRecError):
        return str(error)
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":  # the second is torch's
        return say("Training ran out of memory: choose the preset fast, a smaller model, or a machine with more.")
    if isinstance(error, OSError):
        return say(
            "Training could not read or write {file}: {why}. Free some space or grant access, then resume."
            if error.filename
            else "Training could not read or write: {why}. Free some space or grant access, then resume.",
            file=error.filename,
            why=error.strerror or error,
        )
    return say("An internal error stopped the training: see its log. Resume it, or report it with the log.")
