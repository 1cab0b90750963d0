"""A search by two real processes on one study."""

import os
import signal
import time

import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.jobs import runner, search
from metarec_core.jobs.search import Budget
from metarec_core.jobs.status import JobState
from metarec_core.training.tune import Measured
from tests.processes import alive
from tests.tiny_files import SMALL_NET, write_files

SMALL = RunConfig.preset("fast").with_settings([*SMALL_NET, "evaluation.ablation=false", "model.meta=false"])
PATIENCE_S = 300.0
N, FEW = 5, 3


@pytest.fixture
def filled(tmp_path):
    behaviour, items = write_files(tmp_path)
    return tmp_path, api.store_tables(api.read_tables(behaviour, items), tmp_path)


def wait(until):
    deadline = time.monotonic() + PATIENCE_S
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def end(run_id):
    """That it is trained is another test's; nothing of it may outlive this one."""
    for worker in alive(lambda words: run_id in words):
        worker.kill()
    wait(lambda: not alive(lambda words: run_id in words))


def makers(search_id, number):
    """Processes that make a search's trials: the first, or one of those beside it."""
    return alive(lambda words: search_id in words and words[-1] == number)


def test_two_processes_share_the_trials_none_is_lost_or_made_twice_and_the_best_becomes_a_run(filled):
    store, fingerprint = filled
    search_id = search.submit_search(store, fingerprint, SMALL, Budget(trials=N), "cpu", processes=2)
    wait(lambda: makers(search_id, "1") or not search.search_status(store, search_id).is_live)
    wait(lambda: not search.search_status(store, search_id).is_live)
    log = runner.read_log_tail(search.search_folder(store, search_id))
    now = search.search_status(store, search_id)
    assert (now.state, now.epoch, now.epochs) == (JobState.DONE, N, N), log

    found = search.trials(store, search_id)
    assert [one.number for one in found] == list(range(N))
    assert {one.state for one in found} <= {"complete", "pruned"}
    assert len({tuple(sorted(one.settings.items())) for one in found}) == N
    assert log.count("trials finished") == N

    best = max((one for one in found if one.state == "complete"), key=lambda one: one.value)
    run_id = search.best_run(store, search_id)
    wait(lambda: not runner.status(store, run_id).is_live)
    assert api.open_run(store, run_id).config == SMALL.with_settings([f"{k}={v}" for k, v in best.settings.items()])


def test_the_share_of_a_process_that_is_killed_is_made_up_for(filled):
    store, fingerprint = filled
    search_id = search.submit_search(store, fingerprint, SMALL, Budget(trials=FEW), "cpu", processes=2)
    wait(lambda: makers(search_id, "1"))
    (other,) = makers(search_id, "1")
    wait(lambda: len(search.trials(store, search_id)) >= 2 or not other.is_running())
    os.kill(other.pid, signal.SIGKILL)
    wait(lambda: not search.search_status(store, search_id).is_live)
    states = [one.state for one in search.trials(store, search_id)]
    assert sum(state in ("complete", "pruned") for state in states) == FEW, states
    end(search.best_run(store, search_id))


def test_a_search_whose_leading_process_is_killed_is_lost_and_goes_on_to_its_budget(filled):
    store, fingerprint = filled
    search_id = search.submit_search(store, fingerprint, SMALL, Budget(trials=N), "cpu", processes=2)
    wait(lambda: any(one.state == "complete" for one in search.trials(store, search_id)))
    (leader,) = alive(lambda words: words[-1:] == [search_id])
    os.kill(leader.pid, signal.SIGKILL)
    wait(lambda: search.search_status(store, search_id).state is JobState.LOST)
    wait(lambda: not makers(search_id, "1"))
    before = {one.number: one for one in search.trials(store, search_id) if one.state in ("complete", "pruned")}
    assert len(before) < N, "killed too late"

    search.resume_search(store, search_id)
    wait(lambda: not search.search_status(store, search_id).is_live)
    now = search.search_status(store, search_id)
    assert (now.state, now.epoch) == (JobState.DONE, N), runner.read_log_tail(search.search_folder(store, search_id))
    after = {one.number: one for one in search.trials(store, search_id) if one.state in ("complete", "pruned")}
    assert len(after) == N
    assert before.items() <= after.items(), "what was made is kept"
    end(search.best_run(store, search_id))


def test_a_search_that_goes_on_does_not_draw_again_what_it_drew_before(filled, monkeypatch):
    store, fingerprint = filled
    monkeypatch.setattr(search, "start_process", lambda folder, module: None)
    monkeypatch.setattr(search, "trial", lambda *asked: iter([Measured(1, 0.5, is_last=True)]))
    monkeypatch.setattr(search, "submit", lambda store, *asked: api.request_run(*asked[:2], store=store))
    search_id = search.submit_search(store, fingerprint, SMALL, Budget(trials=2), "cpu")
    folder = search.search_folder(store, search_id)
    asked = search.read_json(folder.request)
    for budget in (1, 2):  # the first sitting ends after one trial
        search.write_json(folder.request, asked | {"trials": budget})
        folder.manifest.unlink(missing_ok=True)
        assert search.main(str(store), search_id) == 0
    first, second = search.trials(store, search_id)
    assert first.settings["train.learning_rate"] != second.settings["train.learning_rate"]
