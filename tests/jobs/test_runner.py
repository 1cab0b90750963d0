"""Training in real processes, on files so small that it takes a moment."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.errors import JobError, RunError
from metarec_core.jobs import runner
from metarec_core.jobs.status import JobState, StatusWriter
from metarec_core.runs.lock import hold
from metarec_core.runs.run import run_folder
from tests.processes import alive
from tests.tiny_files import LONG_NET, NO_NET, SMALL_NET, write_files

PATIENCE_S = 120.0
"""Far more than anything here takes; other work may share the machine."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A workspace with the tiny tables, and their fingerprint."""
    store = tmp_path_factory.mktemp("store")
    behaviour, items = write_files(tmp_path_factory.mktemp("files"))
    return store, api.store_tables(api.read_tables(behaviour, items), store)


@pytest.fixture
def workspace(filled, tmp_path):
    filled_store, fingerprint = filled
    store = tmp_path / "store"
    shutil.copytree(filled_store, store)
    before = set(psutil.Process().children())
    yield store, fingerprint
    for job in runner.list_jobs(store):
        if job.is_live:
            runner.cancel(store, job.run_id)
            wait(store, job.run_id, lambda status: not status.is_live)
    while set(psutil.Process().children()) - before:
        runner.list_jobs(store)
        time.sleep(0.05)


def config(settings: tuple[str, ...]) -> RunConfig:
    return RunConfig.preset("fast").with_settings(settings)


def wait(store, run_id, until: Callable[[runner.JobStatus], bool]) -> runner.JobStatus:
    deadline = time.monotonic() + PATIENCE_S
    while not until(status := runner.status(store, run_id)):
        log = runner.log_tail(store, run_id)
        assert status.is_live, f"{status}\n{log}"
        assert time.monotonic() < deadline, f"{status}\n{log}"
        time.sleep(0.05)
    return status


def wait_until_gone(run_id: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while workers(run_id):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def workers(run_id: str) -> list[psutil.Process]:
    return alive(lambda words: run_id in words)


def test_a_submitted_job_starts_runs_is_done_and_its_worker_is_cleared_away(workspace):
    store, fingerprint = workspace

    before = set(psutil.Process().children())
    run_id = runner.submit(store, fingerprint, config(SMALL_NET), "cpu")
    (worker,) = set(psutil.Process().children()) - before
    assert runner.status(store, run_id).state in {JobState.STARTING, JobState.QUEUED, JobState.RUNNING}
    done = wait(store, run_id, lambda status: status.state is JobState.DONE)

    assert done.stage == "done"
    assert done.device == "cpu"
    assert [run.run_id for run in api.list_runs(store)] == [run_id]
    epochs = [entry["epoch"] for entry in runner.history(store, run_id) if entry["loss"] is not None]
    assert epochs[:2] == [1, 2]
    assert "epoch 2/2" in runner.log_tail(store, run_id)
    assert [job.state for job in runner.list_jobs(store)] == [JobState.DONE]

    deadline = time.monotonic() + PATIENCE_S
    while worker.is_running():  # a zombie counts as running
        assert time.monotonic() < deadline
        runner.status(store, run_id)
        time.sleep(0.05)


def test_cancel_stops_a_job_and_resume_brings_it_to_its_end(workspace):
    store, fingerprint = workspace

    run_id = runner.submit(store, fingerprint, config(LONG_NET), "cpu")
    wait(store, run_id, lambda status: status.epoch >= 2 or status.state is JobState.DONE)
    runner.cancel(store, run_id)
    cancelled = wait(store, run_id, lambda status: not status.is_live)

    assert cancelled.state is JobState.CANCELLED
    assert cancelled.can_resume
    assert cancelled.message == "Cancelled. Resume it to continue from its last checkpoint."
    assert api.list_runs(store) == ()

    before = len(runner.history(store, run_id))
    runner.resume(store, run_id)
    wait(store, run_id, lambda status: status.state is JobState.DONE)

    epochs = [entry["epoch"] for entry in runner.history(store, run_id) if entry["loss"] is not None]
    assert len(epochs) > before, "history only grows"
    assert epochs == sorted(epochs), "it went on from the checkpoint, not from the start"


def test_a_killed_worker_is_lost_and_resume_brings_it_to_its_end(workspace):
    store, fingerprint = workspace

    run_id = runner.submit(store, fingerprint, config(LONG_NET), "cpu")
    wait(store, run_id, lambda status: status.epoch >= 2 or status.state is JobState.DONE)
    (worker,) = workers(run_id)
    os.kill(worker.pid, signal.SIGKILL)
    lost = wait(store, run_id, lambda status: status.state is JobState.LOST)

    assert "stopped unexpectedly" in lost.message
    with pytest.raises(JobError, match=r"is not being trained \(lost\): there is nothing to cancel"):
        runner.cancel(store, run_id)

    runner.resume(store, run_id)
    assert wait(store, run_id, lambda status: status.state is JobState.DONE).message == ""
    assert [run.run_id for run in api.list_runs(store)] == [run_id]


def test_a_second_job_waits_for_the_first_whose_worker_has_a_session_of_its_own_and_gives_way(workspace):
    store, fingerprint = workspace

    first = runner.submit(store, fingerprint, config(LONG_NET), "cpu")
    wait(store, first, lambda status: status.state is JobState.RUNNING)
    (worker,) = workers(first)
    assert os.getsid(worker.pid) == worker.pid
    assert worker.nice() >= 10
    second = runner.submit(store, fingerprint, config(NO_NET), "cpu")
    queued = wait(store, second, lambda status: bool(status.message))

    assert queued.state is JobState.QUEUED
    assert queued.message == "Waiting for another training on this device to finish."
    assert runner.status(store, first).state is JobState.RUNNING

    runner.cancel(store, first)
    wait(store, second, lambda status: status.state is JobState.DONE)
    assert runner.status(store, first).state is JobState.CANCELLED


def test_a_job_that_fails_says_why(workspace):
    store, fingerprint = workspace
    run_id = api.request_run(fingerprint, config(NO_NET), store=store, device="cpu")
    folder = run_folder(store, run_id)
    (store / "tables" / fingerprint / "events.parquet").unlink()

    runner.resume(store, run_id)
    failed = wait(store, run_id, lambda status: status.state is JobState.FAILED)

    assert fingerprint in failed.message
    assert "Traceback" not in failed.message
    wait(store, run_id, lambda _: failed.message in runner.log_tail(store, run_id))  # the log comes a moment later
    assert folder.root.is_dir(), "nothing is lost"


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of 24 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "metarec-test", str(place)]
    if shutil.which("mount") is None or (made := subprocess.run(mount, capture_output=True, text=True)).returncode:
        pytest.skip(
            "no small disk can be mounted here: " + (made.stderr.strip() if shutil.which("mount") else "no mount")
        )
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path, left_bytes: int) -> Path:
    """Fill a disk but for a little."""
    filler = disk / "filler"
    filler.write_bytes(b"0" * max(shutil.disk_usage(disk).free - left_bytes, 0))
    assert shutil.disk_usage(disk).free == left_bytes
    return filler


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("left_bytes", [0, 256 * 1024], ids=["not a byte is left", "the checkpoint does not fit"])
def test_a_full_disk_is_one_sentence_harms_no_finished_run_and_with_room_again_the_training_goes_on(
    filled, small_disk, monkeypatch, left_bytes
):
    monkeypatch.setenv("METAREC_MIN_FREE_MB", "0")
    filled_store, fingerprint = filled
    store = small_disk / "store"
    shutil.copytree(filled_store, store)
    neighbour = run_folder(store, api.request_run(fingerprint, config(NO_NET), store=store, device="cpu"))
    list(api.resume(neighbour.run_id, store=store))
    before = contents(neighbour.root)

    run_id = runner.submit(store, fingerprint, config((*SMALL_NET, "model.embedding_dim=128")), "cpu")
    filler = fill(small_disk, left_bytes)  # before the worker is ready
    failed = wait(store, run_id, lambda status: not status.is_live)
    assert failed.state is JobState.FAILED
    assert re.fullmatch(
        r"Training could not read or write( \S+)?: No space left on device\. Free some space or grant access, then resume\.",
        failed.message,
    )
    wait_until_gone(run_id)
    assert contents(neighbour.root) == before
    assert [run.run_id for run in api.list_runs(store)] == [neighbour.run_id]

    filler.unlink()
    runner.resume(store, run_id)
    wait(store, run_id, lambda status: status.state is JobState.DONE)
    assert contents(neighbour.root) == before


def test_a_run_whose_folder_is_deleted_is_gone_at_once_and_its_worker_ends(workspace):
    store, fingerprint = workspace
    run_id = runner.submit(store, fingerprint, config(LONG_NET), "cpu")
    wait(store, run_id, lambda status: status.epoch >= 1)
    root = run_folder(store, run_id).root
    while root.exists():  # it may be writing into it
        shutil.rmtree(root, ignore_errors=True)
    with pytest.raises(RunError, match=f"There is no run {run_id} in {store}: it was deleted or trained elsewhere"):
        runner.status(store, run_id)
    wait_until_gone(run_id)
    assert not root.exists(), "nothing comes back"
    assert runner.list_jobs(store) == ()


def test_a_job_of_unknown_tables_is_refused_and_leaves_no_run(workspace):
    store, _ = workspace

    with pytest.raises(RunError, match="ffffffffffffffff"):
        runner.submit(store, "ffffffffffffffff", config(NO_NET), "cpu")

    assert runner.list_jobs(store) == ()


def test_what_is_finished_or_running_cannot_be_resumed(workspace):
    store, fingerprint = workspace
    run_id = api.request_run(fingerprint, config(NO_NET), store=store, device="cpu")
    folder = run_folder(store, run_id)

    with hold(folder):
        StatusWriter(folder).write(JobState.RUNNING)
        with pytest.raises(JobError, match=r"is still being trained \(running\): cancel it before you resume it"):
            runner.resume(store, run_id)
    StatusWriter(folder).write(JobState.DONE)
    with pytest.raises(JobError, match="is finished: open it, or train a new one"):
        runner.resume(store, run_id)
    with pytest.raises(JobError, match=r"is not being trained \(done\): there is nothing to cancel"):
        runner.cancel(store, run_id)


def test_a_worker_that_cannot_be_started_is_one_sentence(workspace, monkeypatch):
    store, fingerprint = workspace
    monkeypatch.setattr("sys.executable", "/nowhere/python")

    with pytest.raises(JobError, match=r"could not be started: No such file or directory\. Resume it to try again"):
        runner.submit(store, fingerprint, config(NO_NET), "cpu")
    (job,) = runner.list_jobs(store)
    assert job.state is JobState.FAILED
    assert "could not be started" in job.message


@pytest.mark.parametrize("ask", [runner.status, runner.history, runner.log_tail, runner.cancel, runner.resume])
def test_unknown_and_malformed_run_ids_are_refused(workspace, ask):
    store, _ = workspace

    with pytest.raises(RunError, match="There is no run 20260131-142500-1a2b3c"):
        ask(store, "20260131-142500-1a2b3c")
    with pytest.raises(RunError, match="is not a run ID,"):
        ask(store, "../../etc")


def test_an_empty_store_has_no_jobs(tmp_path):
    assert runner.list_jobs(tmp_path / "nowhere") == ()
