import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.errors import RunError
from metarec_core.jobs import seeds
from metarec_core.jobs.status import JobState, StatusWriter
from metarec_core.runs.run import run_folder
from tests.tiny_files import NO_NET, write_files

FAST = RunConfig.preset("fast", seed=4).with_settings(NO_NET)


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """A store, its tables, and a run that was asked for; what is submitted is asked for and not begun."""
    behaviour, items = write_files(tmp_path)
    fingerprint = api.store_tables(api.read_tables(behaviour, items), tmp_path)

    def submit(store, tables, config, device):
        run_id = api.request_run(tables, config, store=store, device=device)
        StatusWriter(run_folder(store, run_id)).write(JobState.DONE)
        run_folder(store, run_id).manifest.write_text("{}")
        return run_id

    monkeypatch.setattr(seeds, "submit", submit)
    return tmp_path, fingerprint, submit(tmp_path, fingerprint, FAST, "cpu")


def test_two_more_trainings_with_the_next_seeds_nobody_has_used_are_queued_once(asked):
    store, fingerprint, run_id = asked
    more = seeds.train_with_other_seeds(store, run_id)
    configs = [api.requested_run(one, store=store) for one in more]
    assert [config.seed for _, config in configs] == [5, 6]
    assert all(config.model_copy(update={"seed": 4}) == FAST for _, config in configs)
    assert {(request.tables_fingerprint, request.device) for request, _ in configs} == {(fingerprint, "cpu")}
    assert set(seeds.twins(store, run_id)) == {4, 5, 6}
    assert seeds.train_with_other_seeds(store, run_id) == ()


def test_only_runs_that_differ_in_nothing_but_the_seed_and_did_not_fail_count(asked):
    store, fingerprint, run_id = asked
    seeds.submit(store, fingerprint, FAST.with_settings(["seed=9", "model.text=false"]), "cpu")
    failed = api.request_run(fingerprint, FAST.with_settings(["seed=5"]), store=store, device="cpu")
    StatusWriter(run_folder(store, failed)).write(JobState.FAILED, "No room.")
    damaged = api.request_run(fingerprint, FAST.with_settings(["seed=6"]), store=store, device="cpu")
    run_folder(store, damaged).config.write_text("{")
    assert set(seeds.twins(store, run_id)) == {4}


def test_a_run_that_only_shows_more_of_itself_is_the_same_training_and_the_newest_counts(asked):
    store, fingerprint, run_id = asked
    plainer = FAST.with_settings(["seed=5", "evaluation.ablation=false", "evaluation.baselines=popular"])
    pair = [seeds.submit(store, fingerprint, plainer, "cpu") for _ in range(2)]
    newest = max(pair)  # ids begin with the time
    again = seeds.submit(store, fingerprint, FAST, "cpu")
    assert {seed: now.run_id for seed, now in seeds.twins(store, run_id).items()} == {4: run_id, 5: newest}
    assert seeds.twins(store, again)[4].run_id == again
    (third,) = seeds.train_with_other_seeds(store, run_id)
    assert api.requested_run(third, store=store)[1].seed == 6


def test_seeds_of_a_run_that_is_not_there_are_one_sentence(asked):
    with pytest.raises(RunError, match="There is no run 20260101-000000-abcdef"):
        seeds.train_with_other_seeds(asked[0], "20260101-000000-abcdef")
