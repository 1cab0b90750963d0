import subprocess
import sys
import threading

import pytest

from metarec_core.errors import RunError
from metarec_core.runs import lock
from metarec_core.runs.lock import hold, is_held
from metarec_core.runs.run import RunFolder


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    root = tmp_path / "runs" / "20260131-142500-1a2b3c"
    root.mkdir(parents=True)
    return RunFolder(root)


def test_a_run_nobody_works_on_is_free(folder):
    assert not is_held(folder)
    assert not folder.alive_lock.exists(), "looking leaves nothing behind"


def test_a_run_is_held_as_long_as_someone_works_on_it(folder):
    with hold(folder):
        assert is_held(folder)
    assert not is_held(folder)


def test_the_thread_that_holds_a_run_may_hold_it_again(folder):
    with hold(folder):
        with hold(folder):
            assert is_held(folder)
        assert is_held(folder), "the inner one lets go of its own hold only"


def test_another_thread_is_refused_with_what_to_do(folder, monkeypatch):
    monkeypatch.setattr(lock, "HOLD_PATIENCE_S", 0.05)
    errors = []

    def try_it() -> None:
        try:
            with hold(folder):
                pass
        except RunError as error:
            errors.append(str(error))

    with hold(folder):
        other = threading.Thread(target=try_it)
        other.start()
        other.join()

    assert errors == [
        "Run 20260131-142500-1a2b3c is being trained by another process: wait for it, or cancel it first."
    ]


def test_a_killed_process_lets_go(folder):
    code = (
        "import sys, time; from filelock import FileLock; lock = FileLock(sys.argv[1]); lock.acquire(); "
        "print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(folder.alive_lock)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        held = is_held(folder)
        process.kill()

    assert held
    assert not is_held(folder)


def test_readers_do_not_take_each_other_for_a_worker(folder):
    with hold(folder):
        pass  # the lock file is there now
    seen = []
    readers = [threading.Thread(target=lambda: seen.append(is_held(folder))) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    assert seen == [False] * 8


def test_a_deleted_folder_is_not_held(folder):
    folder.root.rmdir()

    assert not is_held(folder)
