"""What a training job is doing, as its folder tells it: written by the worker alone, read by anyone at any time."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import psutil

from metarec_core.errors import RunError
from metarec_core.language import catalogue, language, say
from metarec_core.language.kept import again
from metarec_core.runs.lock import is_held
from metarec_core.runs.run import RunFolder, run_folders, search_folders
from metarec_core.runs.store import open_run, read_json, write_json

GRACE_S: Final = 4.0
"""How long a job may be called starting while no process is known to be; one that is known may take its time."""
WRITE_EVERY_S: Final = 0.5
LOG_TAIL_BYTES: Final = 64 * 1024


class JobState(StrEnum):
    """Where a job stands. ``lost`` is never written: it is what a reader sees when the worker is gone without a word."""

    STARTING = "starting"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"


LIVE: Final = frozenset({JobState.STARTING, JobState.QUEUED, JobState.RUNNING})


@dataclass(frozen=True)
class JobStatus:
    """One job at one moment.

    Attributes:
        run_id: Which run it makes.
        state: Where it stands.
        updated: ISO 8601 UTC time at which the worker last said something; empty when it never did.
        message: One sentence for people: why it failed, why it waits, what to do when it is lost. Empty while all is well.
        device: Where it is done, "" until the worker knows.
        stage: What is being done (see ``api.Progress``).
        epoch: Finished passes over the data, of ``epochs`` at most.
        step: Finished steps of the current epoch, of ``steps``.
        loss: Mean training loss since the epoch began.
        validation: The last validation measures.
        examples_per_s: Training events a second.
        elapsed_s: Seconds of training, over all sittings of one that was resumed.
        remaining_s: Estimated seconds to go, None where it cannot be told.
        memory_mb: Resident memory of the worker.
    """

    run_id: str
    state: JobState
    updated: str = ""
    message: str = ""
    device: str = ""
    stage: str = ""
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    loss: float | None = None
    validation: Mapping[str, float] | None = None
    examples_per_s: float | None = None
    elapsed_s: float = 0.0
    remaining_s: float | None = None
    memory_mb: float | None = None

    @property
    def said(self) -> str:
        """The message in the language of who reads: it is kept in English, and may be the sentence of any error."""
        sentences = (message for message in catalogue(language()) if message.endswith("."))
        return again(self.message, sorted(sentences, key=len, reverse=True))

    @property
    def is_live(self) -> bool:
        """Whether anything can still change without someone asking for it."""
        return self.state in LIVE

    @property
    def can_resume(self) -> bool:
        """Whether training can go on from where it stopped."""
        return self.state in {JobState.FAILED, JobState.CANCELLED, JobState.LOST}


_FIELDS: Final = frozenset(field.name for field in fields(JobStatus))


class StatusWriter:
    """Keeps ``status.json`` of one run true, at most twice a second while only numbers change."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._process = psutil.Process()
        self._values: dict[str, Any] = {}
        self._written_s = float("-inf")

    def write(self, state: JobState, message: str = "", progress: Mapping[str, Any] | None = None) -> None:
        """Say where the job stands; numbers that are not given keep their last value."""
        known = {name: value for name, value in (progress or {}).items() if name in _FIELDS and value is not None}
        is_news = bool(
            self._values.get("state") != state
            or self._values.get("message") != message
            or known.get("validation")
            or known.get("stage", "") != self._values.get("stage", "")
        )
        self._values |= known | {"run_id": self._folder.run_id, "state": state, "message": message}
        if is_news or time.monotonic() - self._written_s >= WRITE_EVERY_S:
            self._values["memory_mb"] = round(self._process.memory_info().rss / 2**20, 1)
            self._values["updated"] = _now()
            self._put()
            self._written_s = time.monotonic()

    def _put(self) -> None:
        try:
            write_json(self._folder.status, self._values)
        except OSError as error:
            if error.errno != errno.ENOSPC or not self._folder.status.is_file():
                raise
            if self._values["state"] in LIVE:
                raise
            text = json.dumps(self._values)  # a last word finds room where the one before it stands
            with self._folder.status.open("r+", encoding="utf-8") as file:
                file.write(text)
                file.truncate()


def write_starting(folder: RunFolder) -> None:
    """Say that a worker was started; the worker says the rest."""
    folder.worker.unlink(missing_ok=True)
    write_json(folder.status, {"run_id": folder.run_id, "state": JobState.STARTING, "updated": _now()})


def write_started(folder: RunFolder, pid: int) -> None:
    """Say which process the worker is, so that it is known to be gone before it could take its lock."""
    write_json(folder.worker, {"pid": pid})


def read_status(folder: RunFolder) -> JobStatus:
    """Where a job stands. A run made without a job, or with a damaged status file, is told by its other files.

    Raises:
        RunError: The folder was deleted.
    """
    said = _read(folder)
    if said is not None and not said.is_live:
        return said
    if is_held(folder):
        return said or JobStatus(folder.run_id, JobState.RUNNING)
    said = _read(folder)  # the worker may have said its last word, and let go, since
    if said is not None and not said.is_live:
        return said
    if not folder.root.is_dir():
        raise RunError(
            say(
                "Run {run_id} no longer exists: its folder {root} was deleted.",
                run_id=folder.run_id,
                root=folder.root,
            )
        )
    if folder.is_finished:
        return _finished(folder)
    if said is not None and said.state is JobState.STARTING and _is_starting(folder, said):
        return said
    return _lost(folder, said)


def live_jobs(store: Path) -> int:
    """How many trainings and searches run or wait."""
    live = 0
    for folder in (*run_folders(store), *search_folders(store)):
        with suppress(RunError):  # deleted while we looked
            live += read_status(folder).is_live
    return live


def read_history(folder: RunFolder) -> tuple[dict[str, Any], ...]:
    """What was measured at the end of each epoch and stage, oldest first; a line that is only half there is left out."""
    try:
        lines = folder.history.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    entries = []
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            entries.append(entry)
    return tuple(entries)


def read_log_tail(folder: RunFolder, lines: int = 40) -> str:
    """The end of what the worker printed, empty when it printed nothing."""
    try:
        with folder.log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - LOG_TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def _read(folder: RunFolder) -> JobStatus | None:
    try:
        raw = read_json(folder.status)
    except RunError:
        return None
    if not isinstance(raw, dict):
        return None
    values = {name: value for name, value in raw.items() if name in _FIELDS}
    try:
        return JobStatus(**(values | {"run_id": folder.run_id, "state": JobState(values["state"])}))
    except (KeyError, TypeError, ValueError):
        return None


def _finished(folder: RunFolder) -> JobStatus:
    """What a finished run says of its own training, where no worker of this store did."""
    done = JobStatus(folder.run_id, JobState.DONE)
    try:
        manifest = open_run(folder.store, folder.run_id).manifest
    except RunError:
        return done
    losses = [entry["loss"] for entry in read_history(folder) if isinstance(entry.get("loss"), float)]
    return replace(
        done,
        device=manifest.device,
        loss=losses[-1] if losses else None,
        examples_per_s=manifest.learned.get("throughput", {}).get("training_events_per_s"),
        elapsed_s=manifest.timings_s.get("total", 0.0),
        memory_mb=manifest.peak_memory_mb,
    )


def _is_starting(folder: RunFolder, said: JobStatus) -> bool:
    """Whether there is a process that may take the lock yet."""
    try:
        worker = psutil.Process(read_json(folder.worker)["pid"])
        words = worker.cmdline()  # a zombie raises; a process that is only just made has none yet
        return not words or folder.run_id in words  # a number may be given again
    except (RunError, KeyError, TypeError, ValueError):
        return _age_s(said.updated) < GRACE_S
    except psutil.Error:
        return False


def _lost(folder: RunFolder, said: JobStatus | None) -> JobStatus:
    values = vars(said) if said is not None else {"run_id": folder.run_id}
    message = say(
        "The training of run {run_id} stopped unexpectedly: it was killed, ran out of memory, or the "
        "machine restarted. Resume it to continue from its last checkpoint.",
        run_id=folder.run_id,
    )
    return JobStatus(**(values | {"state": JobState.LOST, "message": message, "remaining_s": None}))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _age_s(updated: str) -> float:
    try:
        return (datetime.now(UTC) - datetime.fromisoformat(updated)).total_seconds()
    except (ValueError, TypeError):
        return float("inf")
