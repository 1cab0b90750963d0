"""What killed processes left in a workspace and nobody will come back for."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from metarec_core.runs.lock import is_held
from metarec_core.runs.run import run_folders

STAGED: Final = (".import-*.part", ".demo-*.part")
"""Folders in which a run is unpacked before it is moved to its place."""

ABANDONED_S: Final = 24 * 3_600.0
"""Time without a change after which nobody is unpacking there any more."""


def clear_leftovers(store: Path) -> None:
    """Delete what an import left when it was killed, and the checkpoint of a run that was killed just after it was finished."""
    for pattern in STAGED:
        for staged in store.glob(pattern):
            with suppress(OSError):  # its owner is at it
                if time.time() - _changed(staged) > ABANDONED_S:
                    shutil.rmtree(staged, ignore_errors=True)
    for folder in run_folders(store):
        if folder.is_finished and folder.checkpoint.is_file() and not is_held(folder):
            with suppress(OSError):
                folder.checkpoint.unlink(missing_ok=True)


def _changed(folder: Path) -> float:
    """When anything in a folder was changed last, as a time since the epoch."""
    times = [folder.stat().st_mtime]
    for place, folders, files in os.walk(folder):
        times += [os.lstat(os.path.join(place, name)).st_mtime for name in (*folders, *files)]
    return max(times)
