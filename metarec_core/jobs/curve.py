"""A run's learning curve in a process of its own: ``python -m metarec_core.jobs.curve STORE RUN_ID``.

It holds a lock in the run's folder while it works, so that everybody sees whether it does, also after the server was restarted;
points are kept with the run as they come.
"""

from __future__ import annotations

import os
import re
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from filelock import FileLock, Timeout

from metarec_core import api
from metarec_core.audit import deed
from metarec_core.errors import MetaRecError
from metarec_core.evaluation.learning_curve import SHARES
from metarec_core.jobs.runner import start_beside
from metarec_core.jobs.worker import NICENESS
from metarec_core.runs.run import RunFolder, run_folder

State = Literal["none", "learning", "stopped", "whole"]

N_POINTS: Final = len(SHARES)
"""Of a whole curve."""

START_S: Final = 20.0
"""How long a process may take until it holds the lock."""

_POINT: Final = re.compile(r"\d+%: ")


def curve_state(store: Path | str, run_id: str) -> State:
    """Whether a run has its whole curve, somebody learns it, it stopped half way, or nobody asked.

    Raises:
        RunError: There is no such run, or its curve is damaged.
    """
    folder = run_folder(Path(store), run_id)
    if len(api.learned_curve(api.open_run(Path(store), run_id))) == N_POINTS:
        return "whole"
    if not folder.learning_log.is_file():
        return "none"
    with suppress(Timeout), FileLock(folder.learning_lock, timeout=0):
        is_young = time.time() - folder.learning_log.stat().st_mtime < START_S
        return "learning" if is_young and not folder.learning_log.stat().st_size else "stopped"
    return "learning"


@deed("measure", run="run_id")
def learn_curve(store: Path | str, run_id: str) -> None:
    """Begin to learn a run's curve, from its first point on.

    Raises:
        RunError: There is no such run.
        JobError: No process could be started.
    """
    folder = run_folder(Path(store), run_id)
    if curve_state(store, run_id) != "learning":
        folder.learning_log.unlink(missing_ok=True)
        start_beside(folder, "metarec_core.jobs.curve", folder.learning_log)


def said(store: Path | str, run_id: str) -> str:
    """Why a curve stopped, if it said so.

    Raises:
        RunError: There is no such run.
    """
    try:
        lines = run_folder(Path(store), run_id).learning_log.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return lines[-1] if lines and not _POINT.match(lines[-1]) else ""


def main(store: str, run_id: str) -> int:
    """Learn the curve; 1 where it cannot be learned, with the reason in the log."""
    if hasattr(os, "nice"):
        with suppress(OSError):
            os.nice(NICENESS)
    folder: RunFolder = run_folder(Path(store), run_id)
    try:
        with FileLock(folder.learning_lock, timeout=START_S):
            for point in api.learning_curve(api.open_run(Path(store), run_id)):
                print(f"{point.share:.0%}: {point.ndcg.mean:.4f}", flush=True)
    except (MetaRecError, Timeout) as error:
        print(error, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
