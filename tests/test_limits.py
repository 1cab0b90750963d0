"""What a workspace takes: nothing for an ordinary user to meet, and one sentence where it is met."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from metarec_core import api, cli, limits
from metarec_core.config import RunConfig
from metarec_core.data.vectors import read_vectors
from metarec_core.errors import ConfigError, DataError, JobError, RunError
from metarec_core.jobs import demo, runner, search
from metarec_core.jobs.status import live_jobs, write_starting
from metarec_core.runs.run import run_folder
from tests.tiny_files import NO_NET, write_files


@pytest.fixture
def files(tmp_path: Path) -> api.Brought:
    behaviour, items = write_files(tmp_path)
    return api.Brought(files={"events": behaviour, "items": items})


def test_without_settings_nothing_ordinary_is_limited() -> None:
    assert limits.limits() == limits.Limits()
    assert limits.limits().max_upload_mb == limits.limits().max_workspace_mb == 0


def test_a_limit_that_is_no_number_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METAREC_MAX_ROWS", "many")
    with pytest.raises(ConfigError) as told:
        limits.limits()
    assert str(told.value) == "METAREC_MAX_ROWS is 'many': give a whole number, 0 for no limit."


def test_a_file_with_too_many_rows_is_refused(
    tmp_path: Path, files: api.Brought, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("METAREC_MAX_ROWS", "100")
    sentence = (
        "behaviour.csv has 192 rows; the limit in this workspace is 100: import part of it, or ask your MetaRec "
        "administrator for more."
    )
    with pytest.raises(DataError) as told:
        api.bring(files, tmp_path / "w")
    assert str(told.value) == sentence
    assert cli.main(["import", "--behaviour", str(files.files["events"]), "--store", str(tmp_path / "w")]) == 2
    assert capsys.readouterr().err == f"{sentence}\n"
    monkeypatch.setenv("METAREC_MAX_ROWS", "192")
    assert api.bring(files, tmp_path / "w").events.shape[0] == 192


def test_a_file_that_is_too_large_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("METAREC_MAX_UPLOAD_MB", "1")
    content = b"user_id,item_id\n" + b"u,i\n" * 600_000
    (tmp_path / "b.csv").write_bytes(content)
    upload = io.BytesIO(content)
    upload.name = "b.csv"
    for source in (tmp_path / "b.csv", upload):
        with pytest.raises(DataError) as told:
            api.read_tables(source)
        assert str(told.value) == (
            "b.csv is 2 MB; the limit in this workspace is 1 MB: import part of it, or ask your MetaRec administrator "
            "for more."
        )
    assert upload.tell() == 0


def test_a_full_workspace_takes_nothing_more(
    tmp_path: Path, files: api.Brought, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "w"
    fingerprint = api.bring(files, store).fingerprint
    (store / "large").write_bytes(bytes(3 * limits.MIB))
    monkeypatch.setenv("METAREC_MAX_WORKSPACE_MB", "2")
    sentence = (
        f"The workspace {store} holds 3 MB; its limit is 2 MB: delete data that is no longer needed, or ask your "
        "MetaRec administrator for more."
    )
    for deed in (
        lambda: api.bring(files, store),
        lambda: runner.submit(store, fingerprint, RunConfig.preset("fast")),
        lambda: search.submit_search(store, fingerprint, RunConfig.preset("fast"), search.Budget(1)),
        lambda: api.import_run(tmp_path / "run.zip", store),
    ):
        with pytest.raises(RunError) as told:
            deed()
        assert str(told.value) == sentence
    api.delete_with_runs(store, fingerprint)  # what makes room is always done


def test_a_full_disk_takes_nothing_more(tmp_path: Path, files: api.Brought, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 99 * limits.MIB}))
    with pytest.raises(RunError) as told:
        api.bring(files, tmp_path / "w")
    assert str(told.value) == (
        f"Only 99 MB free on the disk of {tmp_path / 'w'} (minimum 100 MB): free some space, then try again."
    )


def test_a_full_queue_takes_no_more_trainings(
    tmp_path: Path, files: api.Brought, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "w"
    fingerprint = api.bring(files, store).fingerprint
    config = RunConfig.preset("fast")
    run_id = api.request_run(fingerprint, config, store=store)
    assert live_jobs(store) == 0
    write_starting(run_folder(store, run_id))
    assert live_jobs(store) == 1
    monkeypatch.setenv("METAREC_MAX_QUEUE", "1")
    for deed in (
        lambda: runner.submit(store, fingerprint, config),
        lambda: search.submit_search(store, fingerprint, config, search.Budget(1)),
    ):
        with pytest.raises(JobError) as told:
            deed()
        assert str(told.value) == (
            "The training queue is full (1 of 1 running or waiting): wait for one to finish, or cancel one."
        )


def test_a_run_that_comes_as_a_zip_is_held_to_the_limits_of_files_and_rows_and_the_demo_is_not(
    tmp_path: Path, files: api.Brought, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = api.bring(files, tmp_path / "w")
    *_, last = api.train(tables, RunConfig.preset("fast").with_settings(NO_NET), store=tmp_path / "w")
    assert last.run is not None
    api.export_run(last.run, tmp_path / "run.zip")
    monkeypatch.setenv("METAREC_MAX_ROWS", "100")
    with pytest.raises(DataError, match=r"run\.zip has 192 rows; the limit in this workspace is 100"):
        api.import_run(tmp_path / "run.zip", tmp_path / "other")
    assert api.list_tables(tmp_path / "other") == api.list_runs(tmp_path / "other") == ()
    monkeypatch.setenv("METAREC_MAX_UPLOAD_MB", "1")
    with (tmp_path / "run.zip").open("ab") as file:
        file.truncate(2 * 2**20)
    with pytest.raises(DataError, match=r"run\.zip is 2 MB; the limit in this workspace is 1 MB"):
        api.import_run(tmp_path / "run.zip", tmp_path / "other")
    assert demo.shipped().stat().st_size > 2**20
    assert demo.reset(tmp_path / "other").run_id == demo.demo_run_id()


def test_vectors_are_held_to_the_limits_of_files_and_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [f"i{n}" for n in range(200_000)]
    np.savez(tmp_path / "image.npz", ids=np.array(ids), vectors=np.zeros((len(ids), 4), np.float32))
    np.save(tmp_path / "audio.npy", np.zeros((len(ids), 4), np.float32))
    (tmp_path / "audio.txt").write_text("\n".join(ids), encoding="utf-8")
    pair = (tmp_path / "audio.npy", tmp_path / "audio.txt")
    assert len(read_vectors(pair).ids) == 200_000
    monkeypatch.setenv("METAREC_MAX_ROWS", "1000")
    for source in (tmp_path / "image.npz", pair):
        with pytest.raises(DataError, match=r"has 200,000 rows; the limit in this workspace is 1,000"):
            read_vectors(source)
    monkeypatch.setenv("METAREC_MAX_UPLOAD_MB", "1")
    for source in (tmp_path / "image.npz", pair):
        with pytest.raises(DataError, match=r"(image\.npz|audio\.npy) is \d+ MB; the limit in this workspace is 1 MB"):
            read_vectors(source)
