"""Drawing a run's embedding map beside the page, in a process of its own: it takes from seconds to a minute."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final, Literal

import metarec_core
from metarec_core.audit import deed
from metarec_core.errors import JobError
from metarec_core.language import say
from metarec_core.runs.run import run_folder

State = Literal["idle", "drawing", "drawn", "failed"]

_drawing: Final[dict[Path, subprocess.Popen[bytes]]] = {}
"""What this server has drawn, by the map's file; the process remembers how it ended."""
_one_at_a_time: Final = threading.Lock()


def map_state(store: Path | str, run_id: str) -> State:
    """How the drawing of the run's map goes, or went when this server last began it.

    Raises:
        RunError: There is no such run.
    """
    process = _drawing.get(run_folder(Path(store), run_id).map.resolve())
    if process is None:
        return "idle"
    ended = process.poll()
    return "drawing" if ended is None else "failed" if ended else "drawn"


@deed("measure", run="run_id")
def draw_map(store: Path | str, run_id: str) -> None:
    """Begin to draw the run's map unless that is going on; it is kept with the run.

    Raises:
        RunError: There is no such run.
        JobError: No process could be started.
    """
    folder = run_folder(Path(store), run_id)
    with _one_at_a_time:
        if map_state(store, run_id) == "drawing":
            return
        command = [
            *(sys.executable, "-m", "metarec_core", "map"),
            "--store",
            str(folder.store.resolve()),
            "--run",
            run_id,
        ]
        try:
            _drawing[folder.map.resolve()] = subprocess.Popen(  # noqa: S603  our own module, and an id that was checked
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=Path(metarec_core.__file__).resolve().parents[1],
                env={**os.environ, "OMP_NUM_THREADS": "1"},  # the pages need the other cores
                start_new_session=True,
            )
        except OSError as error:
            why = error.strerror or str(error)
            raise JobError(
                say(
                    "The map of run {run_id} cannot be drawn in the background: {why}. Try again later.",
                    run_id=run_id,
                    why=why,
                )
            ) from error
