import os
import time

import pytest

from metarec_core.config import RunConfig
from metarec_core.runs.leftovers import ABANDONED_S, clear_leftovers
from metarec_core.runs.lock import hold
from metarec_core.runs.store import Request, create_run


@pytest.fixture
def run(tmp_path):
    folder = create_run(tmp_path, RunConfig(), Request("0123456789abcdef", "tiny", "cpu"))
    folder.checkpoint.write_bytes(b"weights")
    return folder


def age(path, seconds):
    os.utime(path, (time.time() - seconds, time.time() - seconds))


@pytest.mark.parametrize("name", [".import-0a1b2c.part", ".demo-0a1b2c.part"])
def test_what_an_import_left_goes_when_nobody_has_touched_it_for_a_day(tmp_path, name):
    inner = tmp_path / name / "runs"
    inner.mkdir(parents=True)
    file = inner / "weights.safetensors"
    file.write_bytes(b"half")
    for path in (file, inner, inner.parent):
        age(path, ABANDONED_S + 60)
    age(file, ABANDONED_S - 60)
    clear_leftovers(tmp_path)
    assert file.exists(), "it may still be written"
    age(file, ABANDONED_S + 60)
    clear_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_checkpoint_of_a_finished_run_goes_unless_its_worker_is_about_to_delete_it(run, tmp_path):
    run.manifest.write_text("{}")
    with hold(run):
        clear_leftovers(tmp_path)
        assert run.checkpoint.exists()
    clear_leftovers(tmp_path)
    assert not run.checkpoint.exists()
    assert run.manifest.exists()


def test_the_checkpoint_of_an_unfinished_run_stays(run, tmp_path):
    clear_leftovers(tmp_path)
    assert run.checkpoint.read_bytes() == b"weights"
