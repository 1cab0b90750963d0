"""A learning curve in a real process."""

import time

import psutil
import pytest
from filelock import FileLock

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.errors import JobError
from metarec_core.jobs import curve, runner
from tests.tiny_files import NO_NET, write_files

PATIENCE_S = 240.0


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> api.Run:
    folder = tmp_path_factory.mktemp("trained")
    behaviour, items = write_files(folder)
    *_, last = api.train(
        api.read_tables(behaviour, items), RunConfig.preset("fast").with_settings(NO_NET), store=folder, device="cpu"
    )
    return last.run


def test_a_curve_is_learned_beside_and_kept_point_by_point(trained: api.Run):
    store, run_id = trained.folder.store, trained.run_id
    assert (curve.curve_state(store, run_id), curve.said(store, run_id)) == ("none", "")
    before = set(psutil.Process().children())
    curve.learn_curve(store, run_id)
    assert curve.curve_state(store, run_id) == "learning"
    began, lengths = time.monotonic(), set()
    while curve.curve_state(store, run_id) == "learning":
        lengths.add(len(api.learned_curve(trained)))
        assert time.monotonic() - began < PATIENCE_S, curve.said(store, run_id)
        time.sleep(0.05)
    assert curve.curve_state(store, run_id) == "whole", curve.said(store, run_id)
    assert [point.share for point in api.learned_curve(trained)] == [0.1, 0.2, 0.4, 0.7, 1.0]
    assert len(lengths) > 1, "points came one by one"
    while set(psutil.Process().children()) - before:  # an ended process stays until somebody asks for its status
        runner.list_jobs(store)
        assert time.monotonic() - began < PATIENCE_S
        time.sleep(0.05)


def test_whoever_holds_the_lock_learns_and_a_curve_without_one_has_stopped(trained: api.Run):
    folder, run_id = trained.folder, trained.run_id
    folder.learning_curve.unlink(missing_ok=True)
    folder.learning_log.write_text("10%: 0.1\n", encoding="utf-8")
    assert (curve.curve_state(folder.store, run_id), curve.said(folder.store, run_id)) == ("stopped", "")
    with FileLock(folder.learning_lock):
        assert curve.curve_state(folder.store, run_id) == "learning"


def test_why_it_stopped_is_the_last_line_it_said(trained: api.Run, capsys):
    events = next((trained.folder.store / "tables").iterdir()) / "events.parquet"
    content = events.read_bytes()
    events.unlink()
    try:
        assert curve.main(str(trained.folder.store), trained.run_id) == 1
    finally:
        events.write_bytes(content)
    trained.folder.learning_log.write_text(capsys.readouterr().out, encoding="utf-8")
    assert "is damaged: delete it and import the files again" in curve.said(trained.folder.store, trained.run_id)


def test_a_process_that_cannot_be_started_is_one_sentence(trained: api.Run, monkeypatch):
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(
        JobError, match=r"cannot be measured in the background: No such file or directory\. Try again later"
    ):
        curve.learn_curve(trained.folder.store, trained.run_id)
