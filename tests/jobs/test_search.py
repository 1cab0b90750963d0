import psutil
import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.errors import InputError, JobError, RunError
from metarec_core.jobs import search
from metarec_core.jobs.search import Budget
from metarec_core.jobs.status import JobState, StatusWriter
from metarec_core.training.estimate import Estimate
from metarec_core.training.tune import SPACE, Measured
from tests.tiny_files import NO_NET, SMALL_NET, write_files

SMALL = RunConfig.preset("fast").with_settings([*SMALL_NET, "evaluation.ablation=false", "model.meta=false"])


@pytest.fixture
def filled(tmp_path):
    behaviour, items = write_files(tmp_path)
    return tmp_path, api.store_tables(api.read_tables(behaviour, items), tmp_path)


@pytest.fixture
def in_this_process(monkeypatch):
    """No process is started; what would be is noted."""
    started = []
    monkeypatch.setattr(search, "start_process", lambda folder, module: started.append(module))
    monkeypatch.setattr(search, "submit", lambda store, *asked: api.request_run(*asked[:2], store=store))
    return started


def test_a_search_tries_settings_of_the_space_and_makes_the_best_trial_a_run(filled, in_this_process):
    store, fingerprint = filled
    search_id = search.submit_search(store, fingerprint, SMALL, Budget(trials=2), "cpu")
    assert in_this_process == ["metarec_core.jobs.search"]
    assert search.trials(store, search_id) == ()
    assert search.main(str(store), search_id) == 0
    found = search.trials(store, search_id)
    assert [one.state for one in found] == ["complete", "complete"]
    assert all(set(one.settings) == set(SPACE) for one in found)
    best = max(found, key=lambda one: one.value)
    _, config = api.requested_run(search.best_run(store, search_id), store=store)
    assert config == SMALL.with_settings([f"{name}={value}" for name, value in best.settings.items()])
    now = search.search_status(store, search_id)
    assert (now.state, now.epoch, now.epochs) == (JobState.DONE, 2, 2)
    assert search.importance(store, search_id) == {}
    with pytest.raises(JobError, match=f"Search {search_id} is finished: start a new one"):
        search.resume_search(store, search_id)


def test_a_cancelled_search_keeps_its_trials_and_goes_on(filled, in_this_process, monkeypatch):
    store, fingerprint = filled
    search_id = search.submit_search(store, fingerprint, SMALL, Budget(trials=2), "cpu")
    folder = search.search_folder(store, search_id)
    trial = search.trial

    def after_one(*asked):
        for measured in trial(*asked):
            if measured is not None and measured.is_last:
                folder.cancel.touch()
            yield measured

    monkeypatch.setattr(search, "trial", after_one)
    search.main(str(store), search_id)
    assert search.searched(store, search_id) == (fingerprint, Budget(trials=2))
    assert search.search_status(store, search_id).state is JobState.CANCELLED
    assert len(search.trials(store, search_id)) == 1
    monkeypatch.setattr(search, "trial", trial)
    search.resume_search(store, search_id)
    search.main(str(store), search_id)
    assert len(search.trials(store, search_id)) == 2
    assert search.best_run(store, search_id) is not None


def test_without_time_there_is_no_best_trial(filled, in_this_process):
    store, fingerprint = filled
    search_id = search.submit_search(store, fingerprint, SMALL, Budget(trials=0, minutes=1e-9), "cpu")
    assert search.main(str(store), search_id) == 1
    now = search.search_status(store, search_id)
    assert now.message == "No trial finished within the budget: give the search more time."
    assert search.best_run(store, search_id) is None


def test_a_trial_that_the_end_cuts_off_is_not_called_pruned(filled, in_this_process, monkeypatch):
    store, fingerprint = filled
    search_id = search.submit_search(store, fingerprint, SMALL, Budget(trials=2), "cpu")

    def cancelled_at_once(*asked):
        search.cancel_search(store, search_id)
        yield None

    monkeypatch.setattr(search, "trial", cancelled_at_once)
    search.main(str(store), search_id)
    assert [one.state for one in search.trials(store, search_id)] == ["fail"]


def test_a_search_whose_trials_do_not_fit_side_by_side_is_refused_before_it_begins_and_before_it_goes_on(
    filled, in_this_process, monkeypatch
):
    store, fingerprint = filled
    asked = []

    def forecast(*words):
        asked.append(words)
        return Estimate(1.0, 0.6 * psutil.virtual_memory().total / 2**20, 1.0)

    search_id = search.submit_search(store, fingerprint, SMALL, Budget(trials=2), "cpu", processes=2)
    monkeypatch.setattr(search, "forecast", forecast)
    for begin in (
        lambda: search.submit_search(store, fingerprint, SMALL, Budget(trials=2), "cpu", processes=2),
        lambda: search.resume_search(store, search_id),
    ):
        with pytest.raises(JobError, match="2 trainings at the same time need about"):
            begin()
    assert len(search.search_folders(store)) == 1
    largest = ["model.embedding_dim=128", "model.sequence_length=100", "train.batch_events=1024"]
    assert asked[0] == (store, fingerprint, SMALL.with_settings(largest), "cpu"), "the largest trial of the space"


def test_a_trial_that_stays_behind_is_pruned_before_its_end(filled, in_this_process, monkeypatch):
    store, fingerprint = filled
    passes = []

    def four_good_ones_and_a_bad_one(*asked):
        passes.append(0)
        value = 0.5 if len(passes) < 5 else 0.1
        for epoch in range(1, 11):
            passes[-1] = epoch
            yield Measured(epoch, value, is_last=False)
        yield Measured(10, value, is_last=True)

    monkeypatch.setattr(search, "trial", four_good_ones_and_a_bad_one)
    search_id = search.submit_search(store, fingerprint, SMALL, Budget(trials=5), "cpu")
    assert search.main(str(store), search_id) == 0
    assert [one.state for one in search.trials(store, search_id)] == [*["complete"] * 4, "pruned"]
    assert passes == [10, 10, 10, 10, 2], "the bad one is known for it after two passes"
    assert search.search_status(store, search_id).epoch == 5, "it counts as made"


def test_what_decides_a_trial_is_found_to_matter(filled, in_this_process, monkeypatch):
    store, fingerprint = filled
    monkeypatch.setattr(
        search, "trial", lambda split, config, *asked: iter([Measured(1, config.model.dropout, is_last=True)])
    )
    search_id = search.submit_search(store, fingerprint, SMALL, Budget(trials=12), "cpu")
    search.main(str(store), search_id)
    shares = search.importance(store, search_id)
    assert next(iter(shares)) == "model.dropout"
    assert shares["model.dropout"] > 0.5
    assert sum(shares.values()) == pytest.approx(1.0)
    assert set(shares) == set(SPACE)


def test_the_minutes_of_a_budget_are_those_of_all_its_sittings(filled, in_this_process, monkeypatch):
    store, fingerprint = filled
    search_id = search.submit_search(store, fingerprint, SMALL, Budget(trials=0, minutes=1.0), "cpu")
    folder = search.search_folder(store, search_id)
    now = [0.0]
    monkeypatch.setattr(search.time, "monotonic", lambda: now[0])

    def of_forty_seconds(*asked):
        now[0] += 40.0
        folder.cancel.touch()
        yield Measured(1, 0.5, is_last=True)

    monkeypatch.setattr(search, "trial", of_forty_seconds)
    for made in (1, 2, 2):
        search._make_trials(folder, 0, StatusWriter(folder))
        assert len(search.trials(store, search_id)) == made, "after two, 80 s of 60 are spent"
        folder.cancel.unlink(missing_ok=True)


def test_what_cannot_be_searched_is_one_sentence(filled):
    store, fingerprint = filled
    with pytest.raises(InputError, match="A search needs a budget: trials or minutes above 0"):
        Budget(0, 0)
    with pytest.raises(InputError, match="There is nothing to search without the network"):
        search.submit_search(store, fingerprint, RunConfig.preset("fast").with_settings(NO_NET), Budget())
    with pytest.raises(RunError, match="There is no search"):
        search.search_status(store, "../runs")
