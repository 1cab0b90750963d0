from contextlib import closing

import psutil
import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.errors import JobError, RunError
from metarec_core.jobs import runner
from metarec_core.jobs.forecast import error, forecast, keep, kept, require_gpu_room, require_room, warning
from metarec_core.runs.run import run_folder
from metarec_core.runs.store import read_checkpoint, write_checkpoint
from metarec_core.training.estimate import Estimate, probe
from tests.tiny_files import NO_NET, SMALL_NET, write_files

FAST = RunConfig.preset("fast").with_settings(NO_NET)
LEARNED = RunConfig.preset("fast").with_settings(SMALL_NET)
HUGE = Estimate(seconds=1.0, memory_mb=2.0**40, disk_mb=1.0)


@pytest.fixture
def filled(tmp_path):
    behaviour, items = write_files(tmp_path)
    return tmp_path, api.store_tables(api.read_tables(behaviour, items), tmp_path)


def test_the_machine_is_measured_in_a_moment():
    assert 0 < probe() < 1


def test_an_estimate_is_kept_with_the_request_and_compared_with_what_the_run_took(filled):
    store, fingerprint = filled
    expected = forecast(store, fingerprint, LEARNED)
    run_id = api.request_run(fingerprint, LEARNED, store=store, device="cpu")
    keep(run_folder(store, run_id), expected)
    assert kept(run_folder(store, run_id)) == expected
    *_, last = api.resume(run_id, store=store)
    assert error(last.run) == (expected.seconds, last.run.manifest.timings_s["total"])
    assert forecast(store, fingerprint, LEARNED, "cpu").n_past == 1
    assert forecast(store, fingerprint, LEARNED, "cuda").n_past == 0


def test_a_training_that_was_stopped_is_compared_over_all_its_sittings(filled):
    store, fingerprint = filled
    folder = run_folder(store, api.request_run(fingerprint, LEARNED, store=store, device="cpu"))
    keep(folder, Estimate(seconds=900.0, memory_mb=1.0, disk_mb=1.0))
    with closing(api.resume(folder.run_id, store=store)) as first:
        next(progress for progress in first if progress.stage == "sequence" and progress.validation)
    arrays, numbers = read_checkpoint(folder)
    assert set(numbers["seconds"]) == {"text", "memories", "sequence"}
    write_checkpoint(folder, arrays, {**numbers, "seconds": {"text": 100.0, "memories": 200.0, "sequence": 700.0}})
    first, *_, last = api.resume(folder.run_id, store=store)
    timings = last.run.manifest.timings_s
    assert timings["total"] == pytest.approx(sum(timings.values()) - timings["total"], abs=0.1)
    assert 1000 < timings["total"] < 1100
    assert 1000 < last.elapsed_s < 1100
    assert error(last.run) == (900.0, timings["total"])


def test_only_trainings_of_this_machine_count(filled, tmp_path_factory):
    store, fingerprint = filled
    *_, last = api.resume(api.request_run(fingerprint, FAST, store=store, device="cpu"), store=store)
    assert forecast(store, fingerprint, FAST, "cpu").n_past == 1
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    api.export_run(last.run, elsewhere / "run.zip")
    api.import_run(elsewhere / "run.zip", elsewhere)
    assert forecast(elsewhere, fingerprint, FAST, "cpu").n_past == 0
    list(api.resume(api.request_run(fingerprint, FAST, store=elsewhere, device="cpu"), store=elsewhere))
    assert forecast(elsewhere, fingerprint, FAST, "cpu").n_past == 1


def test_a_run_that_nobody_estimated_or_whose_estimate_is_damaged_has_no_error(filled):
    store, fingerprint = filled
    folder = run_folder(store, api.request_run(fingerprint, FAST, store=store, device="cpu"))
    assert kept(folder) is None
    folder.estimate.write_text("{")
    assert kept(folder) is None


def test_tables_that_are_not_there_are_one_sentence(tmp_path):
    with pytest.raises(RunError, match="There is no data set 0123456789abcdef in"):
        forecast(tmp_path, "0123456789abcdef", FAST)


def test_what_cannot_fit_is_refused_before_anything_is_started(filled, monkeypatch):
    store, fingerprint = filled
    monkeypatch.setattr(runner, "forecast", lambda *_: HUGE)
    with pytest.raises(
        JobError, match=r"needs about 1,?073,?741,?824\.0 GiB of memory and this machine has .* GiB: choose"
    ):
        runner.submit(store, fingerprint, FAST, "cpu")
    assert runner.list_jobs(store) == ()
    with pytest.raises(
        JobError, match=r"needs about 1,099,511,627,776 MiB of disk space and .* MiB are free: free some space"
    ):
        require_room(store, Estimate(1.0, 1.0, 2.0**40))


def test_what_fits_once_may_not_fit_several_times_at_once(tmp_path):
    half = Estimate(1.0, 0.6 * psutil.virtual_memory().total / 2**20, 1.0)
    require_room(tmp_path, half)
    with pytest.raises(
        JobError,
        match=r"^2 trainings at the same time need about [\d.]+ GiB of memory and this machine has [\d.]+ GiB: run fewer "
        "at the same time, or choose a smaller model.$",
    ):
        require_room(tmp_path, half, at_once=2)
    assert "are free now" in warning(half, at_once=2)


def test_what_the_gpu_cannot_hold_beside_other_work_is_refused(monkeypatch):
    monkeypatch.setattr("metarec_core.jobs.forecast.gpu_memory_mb", lambda: (2_048.0, 8_192.0))
    one = Estimate(1.0, 1.0, 1.0, gpu_mb=1_024.0)
    require_gpu_room(one)
    require_gpu_room(one, at_once=2)
    with pytest.raises(
        JobError,
        match=r"^This training needs about 3.0 GiB of GPU memory, and 2.0 GiB of 8.0 GiB are free: wait for other work on "
        "the GPU to finish, choose a smaller model, or train on the device cpu.$",
    ):
        require_gpu_room(one, at_once=3)


def test_a_training_that_was_stopped_does_not_go_on_where_it_does_not_fit(filled, monkeypatch):
    store, fingerprint = filled
    run_id = api.request_run(fingerprint, FAST, store=store, device="cpu")
    before = runner.status(store, run_id)
    monkeypatch.setattr(runner, "forecast", lambda *_: HUGE)
    with pytest.raises(JobError, match=r"This training needs about .* GiB of memory and this machine has"):
        runner.resume(store, run_id)
    assert runner.status(store, run_id) == before


def test_what_fits_the_machine_but_not_what_is_free_is_warned_of():
    free_mb = psutil.virtual_memory().available / 2**20
    assert warning(Estimate(1.0, free_mb / 2, 1.0)) == ""
    assert "are free now: wait for other work to finish, or it may be killed." in warning(HUGE)
