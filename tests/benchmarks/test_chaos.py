"""The benchmark that kills trainings: that it sees how far one is, and what would be lost."""

import shutil

import pytest

from benchmarks import chaos
from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.runs.run import RunFolder, run_folder
from metarec_core.runs.store import write_arrays, write_json
from tests.tiny_files import SMALL_NET, write_files


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    behaviour, items = write_files(tmp_path)
    fingerprint = api.store_tables(api.read_tables(behaviour, items), tmp_path)
    config = RunConfig.preset("fast").with_settings(SMALL_NET)
    return run_folder(tmp_path, api.request_run(fingerprint, config, store=tmp_path, device="cpu"))


def test_each_checkpoint_is_further_than_the_one_before_and_the_same_training_is_no_loss(folder):
    again = RunFolder(folder.root.with_name("20990101-000000-aaaaaa"))
    shutil.copytree(folder.root, again.root)
    positions = [chaos._position(folder)]
    for _ in api.resume(folder.run_id, store=folder.store):
        if (now := chaos._position(folder)) != positions[-1] and folder.checkpoint.exists():
            positions.append(now)
    assert positions == sorted(positions)
    assert [stage for stage, _, _ in positions if stage == 2], "what was weighed counts"
    assert {stage for stage, _, _ in positions} == {0, 1, 2, 3}

    list(api.resume(again.run_id, store=folder.store))
    lost = chaos.Losses()
    chaos._compare(folder, again, lost)
    assert (lost.n, lost.compared) == (0, 1)
    write_arrays(again.weights, {"popularity.k": api.read_arrays(again.weights)["popularity.k"] + 1})
    chaos._compare(folder, again, lost)
    assert lost.damaged == [f"run {again.run_id} has other weights than the one that was never killed"]


@pytest.mark.parametrize(("stage", "there"), [("", False), ("queued", False), ("sequence", False), ("refit", True)])
def test_a_kill_that_is_aimed_at_a_stage_waits_for_it_or_what_comes_after(folder, stage, there):
    write_json(folder.status, {"state": "running", "stage": stage})
    assert chaos._is_at(folder, "weights") == there
