"""Who did what: a line each, whoever writes, however the deed ended."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from metarec_core import access, api, audit, cli
from metarec_core.access import Person
from metarec_core.errors import AccessError, DataError, JobError
from metarec_core.jobs import runner
from tests.tiny_files import write_files

VIEWER, ANALYST, ADMIN = Person("vic", "viewer"), Person("ana", "analyst"), Person("ann", "admin")


def told(store: Path) -> list[tuple[str, str, str]]:
    """Who, what and the outcome, oldest first."""
    return [(entry.who, entry.action, entry.outcome) for entry in reversed(audit.read(store))]


@pytest.fixture
def files(tmp_path: Path) -> api.Brought:
    behaviour, items = write_files(tmp_path)
    return api.Brought(files={"events": behaviour, "items": items})


def test_what_is_done_is_told_with_its_ids(tmp_path: Path, files: api.Brought) -> None:
    with access.acting(ANALYST):
        tables = api.bring(files, tmp_path / "w")
    (entry,) = audit.read(tmp_path / "w")
    assert (entry.who, entry.role, entry.action, entry.outcome) == ("ana", "analyst", "import", "done")
    assert entry.what == {"tables": tables.fingerprint}
    assert entry.time.endswith("+00:00")


def test_what_is_refused_is_told_and_not_done(tmp_path: Path, files: api.Brought) -> None:
    with (
        access.acting(VIEWER),
        pytest.raises(AccessError, match=r"^You need the role analyst to import data or runs; vic has"),
    ):
        api.bring(files, tmp_path / "w")
    assert told(tmp_path / "w") == [("vic", "import", "refused")]
    assert api.list_tables(tmp_path / "w") == ()


def test_what_fails_is_told_as_failed(tmp_path: Path) -> None:
    with access.acting(ANALYST), pytest.raises(JobError):
        runner.cancel(_store_with_run(tmp_path), _run(tmp_path))
    assert told(tmp_path / "w")[-1] == ("ana", "cancel", "failed")


def test_a_deed_within_a_deed_is_told_once(tmp_path: Path, files: api.Brought) -> None:
    with access.acting(ADMIN):
        tables = api.bring(files, tmp_path / "w")
        run_id = api.request_run(tables.fingerprint, api.RunConfig.preset("fast"), store=tmp_path / "w")
        api.delete_with_runs(tmp_path / "w", tables.fingerprint)
    assert told(tmp_path / "w") == [("ann", "import", "done"), ("ann", "train", "done"), ("ann", "delete", "done")]
    assert audit.read(tmp_path / "w", 1)[0].what == {"tables": tables.fingerprint, "runs": run_id}


def test_an_analyst_may_not_what_cannot_be_taken_back(tmp_path: Path, files: api.Brought) -> None:
    store = tmp_path / "w"
    with access.acting(ANALYST):
        tables = api.bring(files, store, replace_ids_of="users")
        with pytest.raises(AccessError, match=r"^You need the role admin to delete data; ana has the role analyst\.$"):
            api.delete_with_runs(store, tables.fingerprint)
        with pytest.raises(AccessError, match=r"^You need the role admin to see the pseudonym key"):
            api.pseudonym_key(store)
    with access.acting(ADMIN):
        key = api.pseudonym_key(store)
    assert told(store)[-1] == ("ann", "key", "done")
    assert key not in (store / "audit.jsonl").read_text(encoding="utf-8")


def test_processes_add_side_by_side_and_no_line_is_lost_when_the_file_is_put_aside(tmp_path: Path) -> None:
    write = (
        "import sys; from pathlib import Path; from metarec_core import audit; audit.MOST_BYTES = 20_000\n"
        "for n in range(200): audit.write(Path(sys.argv[1]), 'login', n=f'{sys.argv[2]}-{n}', text='é' * 150)"
    )
    writers = [subprocess.Popen([sys.executable, "-c", write, str(tmp_path), str(n)]) for n in range(3)]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]
    assert len(audit.files(tmp_path)) > 3
    lines = [line for file in audit.files(tmp_path) for line in file.read_text(encoding="utf-8").splitlines()]
    assert sorted(json.loads(line)["what"]["n"] for line in lines) == sorted(
        f"{p}-{n}" for p in range(3) for n in range(200)
    )
    assert len(audit.read(tmp_path)) == 600
    assert len(audit.read(tmp_path, 5)) == 5


def test_a_file_that_another_process_has_just_put_aside_costs_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    audit.write(tmp_path, "login")
    monkeypatch.setattr(audit, "MOST_BYTES", 1)
    stat = Path.stat

    def looked_at_a_moment_too_soon(self: Path, **options: bool) -> object:
        found = stat(self, **options)
        if self.name == audit.FILE:
            self.rename(tmp_path / "audit-20260101-000000-000000.jsonl")
        return found

    monkeypatch.setattr(Path, "stat", looked_at_a_moment_too_soon)
    audit.write(tmp_path, "logout")
    monkeypatch.undo()
    assert capsys.readouterr().err == ""
    assert [entry.action for entry in audit.read(tmp_path)] == ["logout", "login"]


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    audit.write(tmp_path, "login")
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o077 == 0


def test_half_a_line_and_foreign_lines_are_left_out(tmp_path: Path) -> None:
    audit.write(tmp_path, "login")
    with (tmp_path / "audit.jsonl").open("a", encoding="utf-8") as file:
        file.write('[1]\n{"time": "x"}\n{"who": "half')
    assert [entry.action for entry in audit.read(tmp_path)] == ["login"]


def test_a_line_that_cannot_be_written_goes_to_the_process_log_and_the_deed_is_done(
    tmp_path: Path, files: api.Brought, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "w" / "audit.jsonl").mkdir(parents=True)
    api.bring(files, tmp_path / "w")
    said = capsys.readouterr().err
    assert said.startswith(f"The audit log of {tmp_path / 'w'} cannot be written (")
    assert '"action": "import"' in said
    assert len(api.list_tables(tmp_path / "w")) == 1


def test_line_breaks_in_names_do_not_make_lines(tmp_path: Path) -> None:
    audit.write(tmp_path, "login", person=Person('eve\n{"who": "ann"}', "viewer"))
    (entry,) = audit.read(tmp_path)
    assert entry.who == 'eve\n{"who": "ann"}'


def test_the_command_line_is_told_too_and_prints_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    behaviour, items = write_files(tmp_path)
    store = str(tmp_path / "w")
    assert cli.main(["import", "--behaviour", str(behaviour), "--items", str(items), "--store", store]) == 0
    fingerprint = capsys.readouterr().out.strip()
    assert cli.main(["import", "--behaviour", "missing.csv", "--store", store]) == 2
    capsys.readouterr()
    assert cli.main(["audit", "--store", store]) == 0
    newest, first = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (newest["outcome"], first["outcome"]) == ("failed", "done")
    assert (first["who"], first["what"]) == (access.system().name, {"tables": fingerprint})
    assert cli.main(["audit", "--store", store, "-n", "1", "--format", "csv"]) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header == "When (UTC),Who,Role,What,Outcome,Of what"
    assert row.endswith(f",{access.system().name},admin,import,failed,")
    assert cli.main(["audit", "--store", store, "-n", "-1"]) == 2
    assert capsys.readouterr().err == "-n -1 lines cannot be printed: ask for 0 or more.\n"


def test_a_file_that_cannot_be_used_is_a_failed_import_and_makes_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        api.bring(api.Brought(files={"events": tmp_path / "no.csv"}), tmp_path / "w")
    assert not (tmp_path / "w").exists()
    (tmp_path / "w").mkdir()
    with pytest.raises(DataError):
        api.bring(api.Brought(files={"events": tmp_path / "no.csv"}), tmp_path / "w")
    assert told(tmp_path / "w") == [(access.system().name, "import", "failed")]


def _store_with_run(folder: Path) -> Path:
    behaviour, items = write_files(folder)
    tables = api.bring(api.Brought(files={"events": behaviour, "items": items}), folder / "w")
    api.request_run(tables.fingerprint, api.RunConfig.preset("fast"), store=folder / "w")
    return folder / "w"


def _run(folder: Path) -> str:
    return next((folder / "w" / "runs").iterdir()).name
