"""A training on disks that are full, or were: the worker's process, started as the runner starts it, and what it writes."""

import subprocess
import sys
from pathlib import Path

import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.jobs.status import JobState, read_history, read_status
from metarec_core.runs.run import RunFolder, run_folder
from tests.tiny_files import NO_NET, write_files

ROOT = Path(__file__).resolve().parents[2]
FULL = Path("/dev/full")
"""Takes no byte, as a full disk does."""


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    behaviour, items = write_files(tmp_path)
    fingerprint = api.store_tables(api.read_tables(behaviour, items), tmp_path)
    config = RunConfig.preset("fast").with_settings(NO_NET)
    return run_folder(tmp_path, api.request_run(fingerprint, config, store=tmp_path, device="cpu"))


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_log_that_cannot_be_written_does_not_end_a_training(folder):
    with FULL.open("wb") as full:
        worker = subprocess.run(
            [sys.executable, "-m", "metarec_core.jobs.worker", str(folder.store), folder.run_id],
            stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, timeout=120, check=False,
        )  # fmt: skip
    assert (worker.returncode, worker.stderr) == (0, "")
    status = read_status(folder)
    assert (status.state, status.message) == (JobState.DONE, "")


@pytest.mark.parametrize("before", ["", '{"stage": "memories"}\n', '{"stage": "memories"}\n{"stage": "sequ'])
def test_a_line_of_the_history_that_was_cut_off_does_not_spoil_the_next(folder, before):
    folder.history.write_text(before)
    list(api.resume(folder.run_id, store=folder.store))
    assert folder.history.read_text().startswith(before)
    assert [entry["stage"] for entry in read_history(folder)] == [*["memories"] * bool(before), "weights", "refit"]
