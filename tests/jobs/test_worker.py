"""The worker's process, started as the runner starts it."""

import subprocess
import sys
from pathlib import Path

import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.jobs.status import JobState, read_status
from metarec_core.runs.run import run_folder
from tests.tiny_files import NO_NET, write_files

ROOT = Path(__file__).resolve().parents[2]
FULL = Path("/dev/full")
"""Takes no byte, as a full disk does."""


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_log_that_cannot_be_written_does_not_end_a_training(tmp_path):
    behaviour, items = write_files(tmp_path)
    fingerprint = api.store_tables(api.read_tables(behaviour, items), tmp_path)
    config = RunConfig.preset("fast").with_settings(NO_NET)
    run_id = api.request_run(fingerprint, config, store=tmp_path, device="cpu")
    with FULL.open("wb") as full:
        worker = subprocess.run(
            [sys.executable, "-m", "metarec_core.jobs.worker", str(tmp_path), run_id],
            stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, timeout=120, check=False,
        )  # fmt: skip
    assert (worker.returncode, worker.stderr) == (0, "")
    status = read_status(run_folder(tmp_path, run_id))
    assert (status.state, status.message) == (JobState.DONE, "")
