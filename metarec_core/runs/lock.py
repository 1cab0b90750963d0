"""Who works on a run: the process that holds its ``alive.lock``, which the system frees however that process ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from metarec_core.errors import RunError
from metarec_core.language import say
from metarec_core.runs.run import RunFolder

HOLD_PATIENCE_S = 10.0
"""A reader that looks whether the lock is held takes it for a moment; the worker outwaits all of them."""
LOOK_PATIENCE_S = 0.06
"""A reader outwaits other readers, not a worker."""


@contextmanager
def hold(folder: RunFolder) -> Iterator[None]:
    """Be the one that works on a run. The thread that holds it may hold it again.

    Raises:
        RunError: Another process or thread works on it.
    """
    lock = FileLock(folder.alive_lock, is_singleton=True)
    try:
        lock.acquire(timeout=HOLD_PATIENCE_S, poll_interval=0.02)
    except Timeout:
        raise RunError(
            say(
                "Run {run_id} is being trained by another process: wait for it, or cancel it first.",
                run_id=folder.run_id,
            )
        ) from None
    try:
        yield
    finally:
        lock.release()


def is_held(folder: RunFolder) -> bool:
    """Whether anyone works on the run."""
    if not folder.alive_lock.is_file():
        return False
    try:
        with FileLock(folder.alive_lock).acquire(timeout=LOOK_PATIENCE_S, poll_interval=0.01):
            return False
    except Timeout:
        return True
    except OSError:  # the folder went away while we looked, or lies on a disk that nobody can write to
        return False
