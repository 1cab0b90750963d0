import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from metarec_core.data.store import (
    delete_tables,
    list_tables,
    open_tables,
    remembered_mapping,
    tables_state,
    write_tables,
)
from metarec_core.data.tables import CleaningReport, CleaningStep, Tables, make_tables
from metarec_core.errors import RunError


def tiny(users: tuple[str, ...] = ("ann", "bob"), facts: bool = False) -> Tables:
    events = pd.DataFrame(
        {
            "user_id": users,
            "item_id": ["tea"] * len(users),
            "time": pd.to_datetime(["2024-01-05 10:00"] * len(users), utc=True).as_unit("us"),
            "rating": [0.5] * len(users),
            "row": range(2, len(users) + 2),
        }
    )
    items = pd.DataFrame({"item_id": ["tea", "jam"], "title": ["Tea", ""], "row": [2, 3]})
    fact_frame = pd.DataFrame({"item_id": ["tea"], "relation": ["in"], "entity": ["Assam"], "row": [2]})
    report = CleaningReport(
        rows_read={"events": len(users) + 1},
        rows_kept={"events": len(users)},
        steps=(CleaningStep("ragged", "events", "dropped", 1, "Rows that do not fit."),),
        matched={"events": {"user_id": "who"}},
        ignored={"events": ("price",)},
        affected=pd.DataFrame({"table": ["events"], "row": [9], "rule": ["ragged"], "text": ["a,b"]}),
    )
    return make_tables("tiny", events, items, fact_frame if facts else None, report)


def folder(store: Path, tables: Tables) -> Path:
    return store / "tables" / tables.fingerprint


@pytest.mark.parametrize("facts", [False, True])
def test_stored_tables_come_back_as_they_were(tmp_path, facts):
    tables = tiny(facts=facts)
    write_tables(tables, tmp_path)
    back = open_tables(tmp_path, tables.fingerprint)
    pd.testing.assert_frame_equal(back.events, tables.events)
    pd.testing.assert_frame_equal(back.items, tables.items)
    assert (back.facts is not None) == facts
    if facts:
        pd.testing.assert_frame_equal(back.facts, tables.facts)
    assert (back.name, back.fingerprint) == ("tiny", tables.fingerprint)
    assert back.report.steps == tables.report.steps
    assert back.report.rows_read == {"events": 3}
    assert back.report.matched == {"events": {"user_id": "who"}}
    assert back.report.ignored == {"events": ("price",)}
    assert back.report.affected.to_dict("list") == tables.report.affected.to_dict("list")


def test_nothing_but_the_folder_is_left_behind(tmp_path):
    write_tables(tiny(), tmp_path)
    assert [path.name for path in (tmp_path / "tables").iterdir()] == [tiny().fingerprint]


def test_the_same_tables_are_stored_once_and_never_overwritten(tmp_path):
    write_tables(tiny(), tmp_path)
    manifest = folder(tmp_path, tiny()) / "manifest.json"
    before = manifest.read_bytes()
    write_tables(tiny(), tmp_path)
    assert manifest.read_bytes() == before


def test_a_list_is_newest_first_and_has_the_sizes(tmp_path):
    write_tables(tiny(), tmp_path)
    write_tables(tiny(("ann", "bob", "cat"), facts=True), tmp_path)
    newest, oldest = list_tables(tmp_path)
    assert (newest.n_users, newest.n_items, newest.n_events, newest.n_facts) == (3, 2, 3, 1)
    assert (oldest.fingerprint, oldest.n_users, oldest.n_facts) == (tiny().fingerprint, 2, 0)
    assert oldest.has_clock_times
    assert newest.created >= oldest.created


def test_a_list_leaves_out_what_cannot_be_read(tmp_path):
    assert list_tables(tmp_path) == ()
    write_tables(tiny(), tmp_path)
    (tmp_path / "tables" / "0123456789abcdef").mkdir()
    (tmp_path / "tables" / "notes").mkdir()
    broken = tmp_path / "tables" / "fedcba9876543210"
    broken.mkdir()
    (broken / "manifest.json").write_text('{"format": 1}')
    assert [summary.fingerprint for summary in list_tables(tmp_path)] == [tiny().fingerprint]


@pytest.mark.parametrize("name", ["", "..", "../../etc", "0123456789ABCDEF", "0123456789abcdef\n", "0123456789abcde"])
def test_what_is_no_fingerprint_touches_no_path(tmp_path, name):
    for verb in (open_tables, delete_tables):
        with pytest.raises(RunError, match="is not the ID of a data set, which is 16 digits"):
            verb(tmp_path, name)


def test_unknown_tables_are_named_with_the_store(tmp_path):
    with pytest.raises(RunError, match=r"There is no data set 0123456789abcdef in .*: import the files again"):
        open_tables(tmp_path, "0123456789abcdef")


def test_half_written_tables_are_refused(tmp_path):
    write_tables(tiny(), tmp_path)
    (folder(tmp_path, tiny()) / "manifest.json").unlink()
    for verb in (lambda: open_tables(tmp_path, tiny().fingerprint), lambda: write_tables(tiny(), tmp_path)):
        with pytest.raises(RunError, match="is incomplete: delete it and import the files again"):
            verb()


def test_another_format_is_refused_with_the_version_that_wrote_it(tmp_path):
    write_tables(tiny(), tmp_path)
    manifest = folder(tmp_path, tiny()) / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 99, "written_by": "9.9"}))
    with pytest.raises(RunError, match=r"has format 99 \(written by MetaRec 9\.9\); this is MetaRec .* reads format 1"):
        open_tables(tmp_path, tiny().fingerprint)


@pytest.mark.parametrize(
    "file", ["manifest.json", "report.json", "events.parquet", "items.parquet", "affected.parquet"]
)
@pytest.mark.parametrize("damage", [b"", b"{", b"[]"])
def test_damaged_files_are_refused(tmp_path, file, damage):
    write_tables(tiny(), tmp_path)
    (folder(tmp_path, tiny()) / file).write_bytes(damage)
    with pytest.raises(RunError, match="is damaged: delete it and import the files again"):
        open_tables(tmp_path, tiny().fingerprint)


@pytest.mark.parametrize("file", ["report.json", "events.parquet", "facts.parquet"])
def test_a_deleted_file_is_noticed(tmp_path, file):
    tables = tiny(facts=True)
    write_tables(tables, tmp_path)
    (folder(tmp_path, tables) / file).unlink()
    with pytest.raises(RunError, match="is damaged"):
        open_tables(tmp_path, tables.fingerprint)


def test_contents_that_are_not_those_of_the_fingerprint_are_noticed(tmp_path):
    other = tiny(("ann", "cat"))
    write_tables(tiny(), tmp_path)
    write_tables(other, tmp_path)
    shutil.copy(folder(tmp_path, other) / "events.parquet", folder(tmp_path, tiny()))
    with pytest.raises(RunError, match="is damaged"):
        open_tables(tmp_path, tiny().fingerprint)


def test_a_store_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError, match=r"The data set cannot be written to .*: check space and permissions"):
        write_tables(tiny(), tmp_path / "file")
    assert (tmp_path / "file").read_text() == "in the way"


def test_deleted_tables_are_gone_and_leave_nothing(tmp_path):
    write_tables(tiny(), tmp_path)
    delete_tables(tmp_path, tiny().fingerprint)
    assert list((tmp_path / "tables").iterdir()) == []
    with pytest.raises(RunError, match="There is no data set"):
        delete_tables(tmp_path, tiny().fingerprint)


def test_the_state_of_tables_is_another_one_where_a_file_is_changed_or_gone(tmp_path):
    assert tables_state(tmp_path, tiny().fingerprint) == ()
    write_tables(tiny(), tmp_path)
    state = tables_state(tmp_path, tiny().fingerprint)
    assert {name for name, _, _ in state} >= {"events.parquet", "items.parquet", "manifest.json"}
    assert tables_state(tmp_path, tiny().fingerprint) == state
    (tmp_path / "tables" / tiny().fingerprint / "items.parquet").write_bytes(b"PAR1")
    assert tables_state(tmp_path, tiny().fingerprint) != state


def with_users_and_vectors() -> Tables:
    users = pd.DataFrame({"user_id": ["ann"], "age": ["24"], "row": [2]})
    vectors = {"image": np.float32([[1, 2], [0, 0]]), "a b/ü": np.float32([[1], [2]])}
    plain = tiny()
    return make_tables("tiny", plain.events, plain.items, None, plain.report, users=users, vectors=vectors)


def test_users_and_vectors_come_back_as_they_were(tmp_path):
    tables = with_users_and_vectors()
    write_tables(tables, tmp_path)
    back = open_tables(tmp_path, tables.fingerprint)
    pd.testing.assert_frame_equal(back.users, tables.users)
    assert {mode: numbers.tolist() for mode, numbers in back.vectors.items()} == {
        "image": [[1, 2], [0, 0]],
        "a b/ü": [[1], [2]],
    }
    assert open_tables(tmp_path, tables.fingerprint).facts is None


@pytest.mark.parametrize("file", ["users.parquet", "vectors.safetensors"])
@pytest.mark.parametrize("damage", [None, b"", b"{", b"0" * 64])
def test_damaged_users_and_vectors_are_noticed(tmp_path, file, damage):
    tables = with_users_and_vectors()
    write_tables(tables, tmp_path)
    path = folder(tmp_path, tables) / file
    path.unlink() if damage is None else path.write_bytes(damage)
    with pytest.raises(RunError, match="is damaged"):
        open_tables(tmp_path, tables.fingerprint)


def test_what_columns_were_taken_for_is_remembered_for_a_file_with_the_same_header(tmp_path):
    assert remembered_mapping(tmp_path, "events", ["who", "price"]) is None
    write_tables(tiny(), tmp_path)
    assert remembered_mapping(tmp_path, "events", ["price", "who"]) == ({"user_id": "who"}, "tiny")
    assert remembered_mapping(tmp_path, "events", ["who"]) is None
    assert remembered_mapping(tmp_path, "items", ["price", "who"]) is None
    (folder(tmp_path, tiny()) / "report.json").write_text("[]")
    assert remembered_mapping(tmp_path, "events", ["price", "who"]) is None
