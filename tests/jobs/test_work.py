"""Every way a training can end, with a training that is written down here."""

import shutil
import threading
from contextlib import closing

import pytest
from filelock import FileLock

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.errors import DataError, JobError, RunError
from metarec_core.jobs import work as module
from metarec_core.jobs.forecast import keep
from metarec_core.jobs.status import JobState, StatusWriter, read_status
from metarec_core.jobs.work import CANCELLED, WAITING, take_turn, work
from metarec_core.runs.lock import hold, is_held
from metarec_core.runs.run import RunFolder, searches_root
from metarec_core.runs.store import Request, create_run
from metarec_core.training.estimate import Estimate


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    return create_run(tmp_path, RunConfig(), Request("0123456789abcdef", "tiny", "cpu"))


@pytest.fixture
def training(monkeypatch):
    """Replace what is trained: ``training(function)``, where the function yields progress of a folder's run."""

    def replace(function):
        monkeypatch.setattr(api, "resume", lambda run_id, *, store, device: function(run_id, store, device))

    return replace


def two_epochs(run_id, store, device):
    yield api.Progress(run_id, "sequence", epoch=1, epochs=2, loss=2.0)
    yield api.Progress(run_id, "sequence", epoch=2, epochs=2, loss=1.0)
    yield api.Progress(run_id, "done", epoch=2, epochs=2, run=object())  # type: ignore[arg-type]


def consume(folder: RunFolder) -> list[str]:
    return [progress.stage for progress in work(folder.store, folder.run_id)]


def test_a_training_that_ends_is_done_and_lets_go(folder, training):
    training(two_epochs)

    assert consume(folder) == ["sequence", "sequence", "done"]

    status = read_status(folder)
    assert (status.state, status.message, status.epoch, status.device) == (JobState.DONE, "", 2, "cpu")
    assert not is_held(folder)


def test_it_is_running_and_held_while_it_runs(folder, training):
    training(two_epochs)

    with closing(work(folder.store, folder.run_id)) as reports:
        next(reports)

        assert read_status(folder).state is JobState.RUNNING
        assert is_held(folder)


def test_the_device_asked_for_now_wins_over_the_one_requested(folder, training):
    devices = []

    def note(run_id, store, device):
        devices.append(device)
        yield from two_epochs(run_id, store, device)

    training(note)
    list(work(folder.store, folder.run_id, "auto"))

    assert devices[0] in {"cpu", "cuda", "mps"}, "auto is decided before the queue"


def test_a_cancel_file_ends_it_at_the_next_report(folder, training):
    training(two_epochs)

    with closing(work(folder.store, folder.run_id)) as reports:
        next(reports)
        folder.cancel.touch()
        assert list(reports) == []

    status = read_status(folder)
    assert (status.state, status.message, status.epoch) == (JobState.CANCELLED, CANCELLED, 1)
    assert not folder.cancel.exists(), "or the resumed run would stop at once"


def test_cancelling_too_late_keeps_the_finished_run(folder, training):
    training(two_epochs)

    with closing(work(folder.store, folder.run_id)) as reports:
        for progress in reports:
            if progress.stage == "done":
                folder.cancel.touch()

    assert read_status(folder).state is JobState.DONE


def test_not_asking_for_more_cancels_it(folder, training):
    training(two_epochs)

    reports = work(folder.store, folder.run_id)
    next(reports)
    reports.close()

    assert read_status(folder).state is JobState.CANCELLED
    assert not is_held(folder)


def test_an_interrupt_cancels_it(folder, training):
    def interrupted(run_id, store, device):
        yield api.Progress(run_id, "sequence")
        raise KeyboardInterrupt

    training(interrupted)
    with pytest.raises(KeyboardInterrupt):
        consume(folder)

    assert read_status(folder).state is JobState.CANCELLED


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (DataError("This file is empty: bring another."), "This file is empty: bring another."),
        (MemoryError(), "Training ran out of memory: choose the preset fast, a smaller model, or a machine with more."),
        (
            OSError(28, "No space left on device", "/w/checkpoint"),
            "Training could not read or write /w/checkpoint: No space left on device. Free some space or grant access, "
            "then resume.",
        ),
        (
            ZeroDivisionError("secret detail"),
            "An internal error stopped the training: see its log. Resume it, or report it with the log.",
        ),
    ],
    ids=["own error", "memory", "disk", "fault"],
)
def test_an_error_is_one_sentence_in_the_status(folder, training, error, message):
    def failing(run_id, store, device):
        yield api.Progress(run_id, "sequence")
        raise error

    training(failing)
    with pytest.raises(type(error)):
        consume(folder)

    status = read_status(folder)
    assert (status.state, status.message) == (JobState.FAILED, message)
    assert status.can_resume
    assert not is_held(folder)


def test_what_the_gpu_cannot_hold_is_told_when_its_turn_comes(folder, training, monkeypatch):
    training(two_epochs)
    keep(folder, Estimate(seconds=1.0, memory_mb=1.0, disk_mb=1.0, gpu_mb=4_096.0))
    monkeypatch.setattr("metarec_core.models.device.resolve_device", lambda name: "cuda")
    monkeypatch.setattr("metarec_core.jobs.forecast.gpu_memory_mb", lambda: (1_024.0, 8_192.0))
    with pytest.raises(JobError):
        consume(folder)
    status = read_status(folder)
    assert status.state is JobState.FAILED
    assert status.message.startswith("This training needs about 4.0 GiB of GPU memory, and 1.0 GiB of 8.0 GiB are free")


def test_a_damaged_request_fails_with_its_sentence(folder):
    folder.request.write_text("{")

    with pytest.raises(RunError, match=r"its request\.json is missing or damaged"):
        consume(folder)

    assert "its request.json is missing or damaged" in read_status(folder).message


def test_a_folder_deleted_in_the_middle_is_one_sentence(folder, training):
    def deleted(run_id, store, device):
        yield api.Progress(run_id, "sequence")
        shutil.rmtree(folder.root)
        raise FileNotFoundError

    training(deleted)

    with pytest.raises(
        RunError, match=f"Run {folder.run_id} was deleted while it was being trained; nothing of it is kept"
    ):
        consume(folder)


def test_a_finished_run_is_left_as_it_is(folder, training):
    training(two_epochs)
    folder.manifest.write_text("{}")
    folder.checkpoint.with_name(".weights.safetensors.1.abc").touch()
    before = {path: path.read_bytes() for path in folder.root.iterdir()}

    with pytest.raises(RunError, match=f"Run {folder.run_id} is already finished: open it, or train a new one"):
        consume(folder)

    assert {path: path.read_bytes() for path in folder.root.iterdir() if path != folder.alive_lock} == before


def test_what_a_killed_worker_left_half_written_is_cleared_away(folder, training):
    training(two_epochs)
    left = [folder.root / name for name in (".checkpoint.safetensors.1.abc", ".tmpA1b2C3")]
    for path in left:
        path.touch()

    consume(folder)

    assert not any(path.exists() for path in left)


def test_a_second_worker_is_refused_and_changes_nothing(folder, training, monkeypatch):
    training(two_epochs)
    monkeypatch.setattr("metarec_core.runs.lock.HOLD_PATIENCE_S", 0.05)
    messages = []

    def second() -> None:
        try:
            consume(folder)
        except RunError as error:
            messages.append(str(error))

    with hold(folder):
        StatusWriter(folder).write(JobState.RUNNING, progress={"epoch": 7})
        other = threading.Thread(target=second)
        other.start()
        other.join()
        assert read_status(folder).epoch == 7

    assert "is being trained by another process" in messages[0]


def test_trainings_on_one_device_take_turns_in_the_order_they_were_asked_for(folder, training, monkeypatch):
    training(two_epochs)
    monkeypatch.setattr(module, "QUEUE_POLL_S", 0.01)
    order = []

    def run(waiting: RunFolder) -> None:
        for progress in work(waiting.store, waiting.run_id):
            if progress.stage == "done":
                order.append(waiting.run_id)

    later = []
    for second in ("01", "02"):
        root = folder.root.with_name(f"20990101-0000{second}-aaaaaa")
        shutil.copytree(folder.root, root)
        later.append(RunFolder(root))
    with closing(work(folder.store, folder.run_id)) as first:
        next(first)
        threads = [threading.Thread(target=run, args=(waiting,)) for waiting in reversed(later)]
        for thread, waiting in zip(threads, reversed(later), strict=True):
            thread.start()
            while read_status(waiting).message != WAITING:
                threading.Event().wait(0.01)
            assert read_status(waiting).state is JobState.QUEUED
        list(first)
    for thread in threads:
        thread.join()

    assert order == [waiting.run_id for waiting in later]


def test_trainings_and_searches_have_one_queue(folder):
    """A search of the year 2020 comes before the run, one of 2099 after it."""
    slot = FileLock(folder.store / "device-cpu.lock")
    for search_id, run_is_next in (("20200101-000000-aaaaaa", False), ("20990101-000000-aaaaaa", True)):
        search = RunFolder(searches_root(folder.store) / search_id)
        search.root.mkdir(parents=True)
        with hold(folder), hold(search):
            for waiting in (folder, search):
                StatusWriter(waiting).write(JobState.QUEUED, WAITING, {"device": "cpu"})
            for waiting, is_next in ((folder, run_is_next), (search, not run_is_next)):
                assert take_turn(slot, waiting, "cpu") == slot.is_locked == is_next, (waiting.run_id, search_id)
                slot.release()
        shutil.rmtree(search.root)


def test_a_queued_job_can_be_cancelled(folder, training, monkeypatch):
    training(two_epochs)
    monkeypatch.setattr(module, "QUEUE_POLL_S", 0.01)
    root = folder.root.with_name("20990101-000001-aaaaaa")
    shutil.copytree(folder.root, root)
    waiting = RunFolder(root)
    with closing(work(folder.store, folder.run_id)) as first:
        next(first)
        stages = []
        for progress in work(waiting.store, waiting.run_id):
            stages.append(progress.stage)
            waiting.cancel.touch()

    assert stages == ["queued"]
    assert read_status(waiting).state is JobState.CANCELLED
