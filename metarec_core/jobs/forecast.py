"""Before a training starts: how long, how much memory, and whether this machine has it; afterwards: how wrong that was."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import psutil

from metarec_core.config import RunConfig
from metarec_core.data.store import list_tables
from metarec_core.errors import JobError, RunError
from metarec_core.jobs.status import live_jobs
from metarec_core.language import say
from metarec_core.limits import require_place, require_space
from metarec_core.models.device import gpu_memory_mb
from metarec_core.runs.run import Run, RunFolder, run_folders
from metarec_core.runs.store import open_run, read_json, write_json
from metarec_core.training.estimate import Estimate, Past, Sizes, estimate

MOST_PAST: Final = 20
"""Earlier runs that an estimate looks at, newest first."""


def forecast(store: Path, fingerprint: str, config: RunConfig, device: str = "auto") -> Estimate:
    """What training on stored tables will take here, corrected by what earlier runs of the store took.

    Raises:
        RunError: The store has no such tables.
    """
    for tables in list_tables(store):
        if tables.fingerprint == fingerprint:
            return estimate(Sizes(tables.n_users, tables.n_items, tables.n_events), config, _past(store, device))
    raise RunError(
        say(
            "There is no data set {fingerprint} in {store}: import the files again, or choose another store.",
            fingerprint=fingerprint,
            store=store,
        )
    )


def require_room(store: Path, expected: Estimate, at_once: int = 1) -> None:
    """Refuse what cannot fit.

    Args:
        store: Workspace folder.
        expected: Of one training.
        at_once: How many such trainings there are at the same time.

    Raises:
        JobError: The machine has less memory than the training needs, or the disk less room, or the queue is full.
        RunError: The workspace is full.
    """
    require_place(live_jobs(store))
    require_space(store)
    memory_mb, disk_mb = psutil.virtual_memory().total / 2**20, shutil.disk_usage(store).free / 2**20
    if expected.memory_mb * at_once > memory_mb:
        raise JobError(
            say(
                "This training needs about {memory_mb} of memory and this machine has {memory_mb_2}: choose "
                "the preset fast, a smaller model, or a machine with more."
                if at_once == 1
                else "{n:,} trainings at the same time need about {memory_mb} of memory and this machine has "
                "{memory_mb_2}: run fewer at the same time, or choose a smaller model.",
                n=at_once,
                memory_mb=_gib(expected.memory_mb * at_once),
                memory_mb_2=_gib(memory_mb),
            )
        )
    if expected.disk_mb > disk_mb:
        raise JobError(
            say(
                "This training needs about {disk_mb:,.0f} MiB of disk space and {disk_mb_2:,.0f} MiB are "
                "free: free some space.",
                disk_mb=expected.disk_mb,
                disk_mb_2=disk_mb,
            )
        )


def require_gpu_room(expected: Estimate, at_once: int = 1) -> None:
    """Refuse what does not fit on the GPU beside what lies on it now; for whoever has the GPU's turn.

    Raises:
        JobError: Less of its memory is free than the training needs.
    """
    free_mb, total_mb = gpu_memory_mb()
    if expected.gpu_mb * at_once > free_mb:
        raise JobError(
            say(
                "This training needs about {needed} of GPU memory, and {free} of {total} are free: wait "
                "for other work on the GPU to finish, choose a smaller model, or train on the device cpu.",
                needed=_gib(expected.gpu_mb * at_once),
                free=_gib(free_mb),
                total=_gib(total_mb),
            )
        )


def warning(expected: Estimate, at_once: int = 1) -> str:
    """One sentence where a training fits the machine but not what is free of it now; empty where it fits."""
    free_mb = psutil.virtual_memory().available / 2**20
    if expected.memory_mb * at_once <= free_mb:
        return ""
    return say(
        "This training needs about {memory} of memory and {free} are free now: wait for other work to "
        "finish, or it may be killed.",
        memory=_gib(expected.memory_mb * at_once),
        free=_gib(free_mb),
    )


def keep(folder: RunFolder, expected: Estimate) -> None:
    """Write what is expected beside the request."""
    write_json(folder.estimate, vars(expected))


def kept(folder: RunFolder) -> Estimate | None:
    """What was expected of a run; None where nobody estimated."""
    if not folder.estimate.is_file():
        return None
    try:
        return Estimate(**read_json(folder.estimate))
    except (RunError, TypeError):
        return None


def error(run: Run) -> tuple[float, float] | None:
    """Expected and real seconds of a finished run, over all sittings where it was stopped in between; None where nobody
    estimated."""
    expected, took = kept(run.folder), run.manifest.timings_s.get("total")
    return (expected.seconds, took) if expected is not None and took is not None else None


def _past(store: Path, device: str) -> tuple[Past, ...]:
    """What finished trainings of this machine took; a run that was imported says nothing about it."""
    found = []
    for folder in run_folders(store):
        if not folder.is_finished or folder.imported.is_file():
            continue
        try:
            run = open_run(store, folder.run_id)
        except RunError:
            continue
        manifest = run.manifest
        if device in ("auto", manifest.device):
            sizes = Sizes(manifest.n_users, manifest.n_items, manifest.n_events)
            found.append(Past(sizes, run.config, manifest.timings_s, manifest.peak_memory_mb))
        if len(found) == MOST_PAST:
            break
    return tuple(found)


def _gib(mb: float) -> str:
    return f"{mb / 1024:.1f} GiB"
