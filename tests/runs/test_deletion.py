"""Tables go with every run that was made from them, and not while one of those is in progress."""

import io
from pathlib import Path

import pytest

from metarec_core.config import RunConfig
from metarec_core.data.clean import read_tables
from metarec_core.data.store import list_tables, write_tables
from metarec_core.errors import RunError
from metarec_core.runs.deletion import delete_with_runs, made_from
from metarec_core.runs.lock import hold
from metarec_core.runs.run import run_folders
from metarec_core.runs.store import Request, create_run


def keep(store: Path, log: bytes) -> str:
    tables = read_tables(io.BytesIO(log), name="log")
    write_tables(tables, store)
    return tables.fingerprint


@pytest.fixture
def kept(tmp_path: Path) -> tuple[str, str]:
    return keep(tmp_path, b"user,item\nann,a\nbob,b\n"), keep(tmp_path, b"user,item\nann,a\nbob,c\n")


def test_runs_of_the_tables_go_and_those_of_others_stay(tmp_path: Path, kept: tuple[str, str]) -> None:
    mine, other = kept
    ids = [create_run(tmp_path, RunConfig(), Request(mine, "log", "cpu")).run_id for _ in range(2)]
    left = create_run(tmp_path, RunConfig(), Request(other, "log", "cpu")).run_id
    assert sorted(made_from(tmp_path, mine).run_ids) == sorted(ids)
    assert sorted(delete_with_runs(tmp_path, mine).run_ids) == sorted(ids)
    assert [folder.run_id for folder in run_folders(tmp_path)] == [left]
    assert [summary.fingerprint for summary in list_tables(tmp_path)] == [other]


def test_nothing_goes_while_a_run_is_in_progress(tmp_path: Path, kept: tuple[str, str]) -> None:
    folder = create_run(tmp_path, RunConfig(), Request(kept[0], "log", "cpu"))
    with hold(folder), pytest.raises(RunError) as error:
        delete_with_runs(tmp_path, kept[0])
    assert str(error.value) == (
        f"Data set {kept[0]} is in use: run {folder.run_id} is in progress. Cancel it, or wait for it to finish."
    )
    assert folder.root.is_dir()
    assert len(list_tables(tmp_path)) == 2


def test_tables_that_are_not_there_are_told_before_a_run_is_touched(tmp_path: Path) -> None:
    folder = create_run(tmp_path, RunConfig(), Request("0123456789abcdef", "log", "cpu"))
    with pytest.raises(RunError, match="There is no data set 0123456789abcdef"):
        delete_with_runs(tmp_path, "0123456789abcdef")
    assert folder.root.is_dir()
