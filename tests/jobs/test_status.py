import errno
import json
import os
import shutil
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from metarec_core.errors import RunError
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
from metarec_core.runs.lock import hold
from metarec_core.runs.run import RunFolder

RUN_ID = "20260131-142500-1a2b3c"


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    root = tmp_path / "runs" / RUN_ID
    root.mkdir(parents=True)
    return RunFolder(root)


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
def test_the_last_word_of_a_worker_stands(folder, state):
    StatusWriter(folder).write(state, "a sentence")

    status = read_status(folder)

    assert (status.run_id, status.state, status.message) == (RUN_ID, state, "a sentence")
    assert not status.is_live


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING])
def test_a_job_runs_while_its_worker_holds_the_lock_and_is_lost_when_the_lock_is_free(folder, state):
    with hold(folder):
        StatusWriter(folder).write(state, progress={"stage": "sequence", "epoch": 3, "remaining_s": 12.0})
        held = read_status(folder)
    freed = read_status(folder)

    assert held.state is state
    assert held.is_live
    assert held.remaining_s == 12.0
    assert freed.state is JobState.LOST
    assert freed.can_resume
    assert freed.epoch == 3
    assert freed.remaining_s is None
    assert freed.message == (
        f"The training of run {RUN_ID} stopped unexpectedly: it was killed, ran out of memory, or the machine "
        f"restarted. Resume it to continue from its last checkpoint."
    )


def test_a_starting_worker_has_time_to_take_its_lock(folder):
    write_starting(folder)

    assert read_status(folder).state is JobState.STARTING


def test_a_worker_that_never_took_its_lock_is_lost(folder):
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    folder.status.write_text(json.dumps({"state": "starting", "updated": long_ago.isoformat()}))

    assert read_status(folder).state is JobState.LOST


def test_a_worker_whose_process_is_gone_is_lost_at_once_and_one_that_lives_may_take_its_time(folder):
    write_starting(folder)
    with subprocess.Popen([sys.executable, "-c", "input()", RUN_ID], stdin=subprocess.PIPE) as worker:
        write_started(folder, worker.pid)
        long_ago = datetime.now(UTC) - timedelta(minutes=5)
        folder.status.write_text(json.dumps({"state": "starting", "updated": long_ago.isoformat()}))
        assert read_status(folder).state is JobState.STARTING
        worker.kill()
        worker.wait()
        assert read_status(folder).state is JobState.LOST


def test_a_worker_that_was_only_just_forked_has_no_words_yet_and_is_not_lost(folder, monkeypatch):
    """Between ``exec`` and the first page of the new program, /proc tells an empty command line."""
    write_starting(folder)
    write_started(folder, os.getpid())
    monkeypatch.setattr(psutil.Process, "cmdline", lambda process: [])

    assert read_status(folder).state is JobState.STARTING


def test_another_process_with_the_number_of_the_worker_is_not_the_worker(folder):
    write_starting(folder)
    write_started(folder, os.getpid())

    assert read_status(folder).state is JobState.LOST


def test_a_last_word_finds_room_on_a_full_disk(folder, monkeypatch):
    writer = StatusWriter(folder)
    writer.write(JobState.RUNNING, progress={"stage": "sequence", "epoch": 3})

    def full(path, value):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("metarec_core.jobs.status.write_json", full)
    with pytest.raises(OSError, match="No space left"):
        writer.write(JobState.RUNNING, "news")
    writer.write(JobState.FAILED, "why")

    assert (read_status(folder).state, read_status(folder).message) == (JobState.FAILED, "why")


def test_a_worker_that_died_after_the_manifest_has_done_its_work(folder):
    StatusWriter(folder).write(JobState.RUNNING)
    folder.manifest.write_text("{}")

    assert read_status(folder).state is JobState.DONE


def test_a_run_made_without_a_job_is_told_by_its_manifest(folder):
    folder.manifest.write_text("{}")

    assert read_status(folder) == JobStatus(RUN_ID, JobState.DONE)


@pytest.mark.parametrize("damage", ["", '{"state": "runn', "[]", '{"state": "dancing"}', "{}", '{"state": null}'])
def test_a_damaged_status_file_is_told_by_the_rest_of_the_folder(folder, damage):
    folder.status.write_text(damage)

    assert read_status(folder).state is JobState.LOST
    with hold(folder):
        assert read_status(folder).state is JobState.RUNNING
    folder.manifest.write_text("{}")
    assert read_status(folder).state is JobState.DONE


def test_a_status_of_a_newer_version_is_read_as_far_as_it_is_understood(folder):
    folder.status.write_text(json.dumps({"state": "failed", "message": "why", "mood": "bad"}))

    assert read_status(folder) == JobStatus(RUN_ID, JobState.FAILED, message="why")


def test_a_deleted_folder_is_one_sentence(folder):
    shutil.rmtree(folder.root)

    with pytest.raises(RunError, match=f"Run {RUN_ID} no longer exists: its folder .* was deleted"):
        read_status(folder)


def test_numbers_keep_their_last_value(folder):
    writer = StatusWriter(folder)
    writer.write(JobState.RUNNING, progress={"stage": "sequence", "epoch": 1, "validation": {"ndcg@10": 0.1}})
    writer.write(JobState.FAILED, "why", {"stage": "sequence", "epoch": 2, "validation": None, "elapsed_s": 3.0})

    status = read_status(folder)

    assert (status.epoch, status.validation, status.elapsed_s) == (2, {"ndcg@10": 0.1}, 3.0)


def test_memory_and_time_are_told(folder):
    StatusWriter(folder).write(JobState.DONE)

    status = read_status(folder)

    assert status.memory_mb is not None
    assert status.memory_mb > 1.0
    assert abs((datetime.now(UTC) - datetime.fromisoformat(status.updated)).total_seconds()) < 60


def test_numbers_alone_are_written_at_most_twice_a_second(folder):
    writer = StatusWriter(folder)
    writer.write(JobState.FAILED, progress={"stage": "a", "step": 1})
    for step in range(2, 50):
        writer.write(JobState.FAILED, progress={"stage": "a", "step": step})

    assert read_status(folder).step == 1


@pytest.mark.parametrize(
    "news",
    [
        {"state": JobState.DONE},
        {"message": "news"},
        {"progress": {"stage": "b"}},
        {"progress": {"stage": "a", "validation": {"ndcg@10": 0.5}}},
    ],
    ids=["state", "message", "stage", "validation"],
)
def test_news_is_written_at_once(folder, news):
    writer = StatusWriter(folder)
    writer.write(JobState.FAILED, progress={"stage": "a"})
    before = folder.status.read_text()
    writer.write(**({"state": JobState.FAILED} | news))

    assert folder.status.read_text() != before


def test_a_reader_never_sees_half_a_status(folder):
    done = threading.Event()

    def write() -> None:
        writer = StatusWriter(folder)
        for step in range(150):
            writer.write(JobState.CANCELLED, message=f"step {step} " + "x" * 5_000)
        done.set()

    StatusWriter(folder).write(JobState.CANCELLED, message="x" * 5_000)
    thread = threading.Thread(target=write)
    thread.start()
    states = set()
    while not done.is_set():
        status = read_status(folder)
        states.add(status.state)
        assert len(status.message) >= 5_000
    thread.join()

    assert states == {JobState.CANCELLED}


def test_history_reads_what_is_whole(folder):
    folder.history.write_text('{"epoch": 1, "loss": 2.5}\n{"epoch": 2, "loss": 2.0}\n{"epoch": 3, "lo')

    assert read_history(folder) == ({"epoch": 1, "loss": 2.5}, {"epoch": 2, "loss": 2.0})


def test_there_is_no_history_before_the_first_epoch(folder):
    assert read_history(folder) == ()


def test_the_log_tail_is_the_last_lines(folder):
    folder.log.write_text("\n".join(f"line {n}" for n in range(100_000)))

    assert read_log_tail(folder, lines=2) == "line 99998\nline 99999"


def test_a_run_without_a_log_has_an_empty_tail(folder):
    assert read_log_tail(folder) == ""
