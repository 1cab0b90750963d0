"""The process that trains one run: ``python -m metarec_core.jobs.worker STORE RUN_ID``. Its log is what it prints."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path

from metarec_core.errors import MetaRecError
from metarec_core.jobs.log import log
from metarec_core.jobs.report import progress_line
from metarec_core.jobs.work import work

NICENESS = 10
"""Pages stay quick while a training takes what is left."""


def main(store: str, run_id: str) -> int:
    """Train a run to its end.

    Returns:
        The exit status: 0 when the run is finished or was cancelled, 1 when it failed.
    """
    if hasattr(os, "nice"):
        with suppress(OSError):
            os.nice(NICENESS)
    said = ""
    try:
        for progress in work(Path(store), run_id):
            line = progress_line(progress)
            if line != said:
                log(line)
                said = line
    except MetaRecError as error:
        log(str(error))
        return 1
    except Exception:  # noqa: BLE001  the log is the only place where it can still be read
        log(traceback.format_exc())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
