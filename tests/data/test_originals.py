"""Files kept beside their tables, for other rules."""

import io
import json

import numpy as np
import pytest

from metarec_core.config import CleaningConfig
from metarec_core.data.columns import TableName
from metarec_core.data.originals import Brought, keep_originals, open_originals, read_brought, why_not_kept
from metarec_core.data.pseudonyms import pseudonymise
from metarec_core.data.read import Reading
from metarec_core.data.store import delete_tables, write_tables
from metarec_core.errors import RunError

LOG = "who;item_id;time\nann;tea;1700000000\nbob;jam;1700000001\nann;tea;1700000000\n"
RULES = CleaningConfig(max_events_per_day=7)


def named(content: bytes | str, name: str) -> io.BytesIO:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = name
    return file


def numbers() -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32))
    return file.getvalue()


def brought(log: str = LOG) -> Brought:
    files: dict[TableName, io.BytesIO] = {
        "events": named(log, "../log.csv"),
        "items": named("item_id,title\ntea,Tea\njam,Jam\n", "shelf.csv"),
    }
    vectors = {"image": (named(numbers(), "image.npy"), named("tea\njam\n", "image.txt"))}
    return Brought(files, vectors, name="shop", mapping={"user_id": "who"}, reading={"events": Reading(separator=";")})


def stored(store, log: str = LOG):
    tables = read_brought(brought(log), RULES)
    write_tables(tables, store)
    return tables


def test_kept_files_give_the_same_tables_again_and_others_by_other_rules(tmp_path):
    tables = stored(tmp_path)
    assert keep_originals(tmp_path, tables, brought(), RULES)
    again, rules = open_originals(tmp_path, tables.fingerprint)
    assert rules == RULES
    assert read_brought(again, rules).fingerprint == tables.fingerprint
    more = read_brought(again, CleaningConfig(drop_duplicates=False))
    assert (len(tables.events), len(more.events)) == (2, 3)
    assert (more.name, more.report.files) == ("shop", {"events": "log.csv", "items": "shelf.csv"})
    write_tables(more, tmp_path)
    assert keep_originals(
        tmp_path, more, again, CleaningConfig(drop_duplicates=False)
    )  # kept files are brought in turn
    delete_tables(tmp_path, tables.fingerprint)
    assert read_brought(*open_originals(tmp_path, more.fingerprint)).fingerprint == more.fingerprint


def test_the_files_of_a_public_data_set_are_kept_as_well(tmp_path):
    files = (named("1\t7\t3\t881250949\n2\t8\t4\t881250950\n", "u.data"),)
    tables = read_brought(Brought(layout=files), RULES)
    write_tables(tables, tmp_path)
    assert keep_originals(tmp_path, tables, Brought(layout=files), RULES)
    assert read_brought(*open_originals(tmp_path, tables.fingerprint)).fingerprint == tables.fingerprint


def test_files_are_not_kept_where_something_was_held_back(tmp_path):
    mails = LOG.replace("time\n", "time;mail\n").replace("0\n", "0;a@x.org\n").replace("1\n", "1;b@x.org\n")
    tables = stored(tmp_path, mails)
    assert not keep_originals(tmp_path, tables, brought(mails), RULES)
    assert why_not_kept(tables.report) == "The files were not kept, because they contain columns that were left out."
    tables = pseudonymise(stored(tmp_path), b"k" * 32)
    write_tables(tables, tmp_path)
    assert not keep_originals(tmp_path, tables, brought(), RULES)
    assert why_not_kept(tables.report) == (
        "The files were not kept, because they contain the IDs that were replaced by pseudonyms."
    )
    assert open_originals(tmp_path, tables.fingerprint) is None


@pytest.mark.parametrize("damage", ["", "{}", '{"files": ["a"], "tables": ["events", "items"]}', "[1]"])
def test_damaged_ones_are_told_in_one_sentence(tmp_path, damage):
    tables = stored(tmp_path)
    keep_originals(tmp_path, tables, brought(), RULES)
    recipe = tmp_path / "tables" / tables.fingerprint / "originals" / "recipe.json"
    assert json.loads(recipe.read_text())["files"] == ["log.csv", "shelf.csv", "image.npy", "image.txt"]
    recipe.write_text(damage)
    with pytest.raises(RunError, match=r"^The files kept in \S+ are damaged: import them again\.$"):
        open_originals(tmp_path, tables.fingerprint)


def test_a_store_that_cannot_be_written_is_told_in_one_sentence(tmp_path):
    tables = read_brought(brought(), RULES)  # which were never stored: there is no folder
    with pytest.raises(RunError, match=r"^The files cannot be kept in .*: check space and permissions\.$"):
        keep_originals(tmp_path, tables, brought(), RULES)
