"""The map drawn beside the page, by a real process."""

import sys
import time

import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.errors import JobError
from metarec_core.jobs.map import draw_map, map_state
from tests.tiny_files import NO_NET, write_files


@pytest.fixture
def run(tmp_path):
    tables = api.read_tables(*write_files(tmp_path))
    *_, last = api.train(tables, RunConfig.preset("fast").with_settings(NO_NET), store=tmp_path / "store")
    return last.run


def ended(run):
    """How the drawing ended."""
    for _ in range(1_200):
        state = map_state(run.folder.store, run.run_id)
        if state != "drawing":
            return state
        time.sleep(0.1)
    raise AssertionError("the map is being drawn for two minutes")


def test_a_map_is_drawn_by_another_process_and_kept_with_the_run(run):
    assert map_state(run.folder.store, run.run_id) == "idle"
    draw_map(run.folder.store, run.run_id)
    assert map_state(run.folder.store, run.run_id) == "drawing"
    draw_map(run.folder.store, run.run_id)  # changes nothing: one is enough
    assert ended(run) == "drawn"
    found = api.kept_map(run, api.open_recommender(run))
    assert found is not None
    assert found.way == "neighbours"


def test_a_run_that_cannot_be_opened_fails_and_another_begin_is_another_try(run):
    weights = run.folder.weights.read_bytes()
    run.folder.weights.write_bytes(b"damaged")
    draw_map(run.folder.store, run.run_id)
    assert ended(run) == "failed"
    run.folder.weights.write_bytes(weights)
    draw_map(run.folder.store, run.run_id)
    assert ended(run) == "drawn"


def test_a_process_that_cannot_start_is_a_sentence(run, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(
        JobError, match=r"cannot be drawn in the background: No such file or directory\. Try again later"
    ):
        draw_map(run.folder.store, run.run_id)
    assert map_state(run.folder.store, run.run_id) == "idle"
