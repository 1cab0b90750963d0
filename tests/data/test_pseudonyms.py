"""Keyed hashes in place of ids."""

import hashlib
import hmac
import io
import stat

import pyarrow as pa
import pytest

from metarec_core.data.clean import read_ids, read_tables
from metarec_core.data.pseudonyms import KEY_FILE, identities, pseudonymise, pseudonyms, read_key, workspace_key
from metarec_core.errors import DataError, RunError

KEY = bytes(range(32))
LOG = "user_id,item_id,time\nann,tea,2024-01-01\nbob,jam,2024-01-02\nann,jam,2024-01-03\n,jam,2024-01-04\n"
ITEMS = "item_id,title\ntea,Green tea\njam,\n"
FACTS = "item_id,relation,entity\ntea,with,jam\ntea,in,Assam\n"
USERS = "user_id,age\nann,30\ncat,40\n"


def upload(text):
    return io.BytesIO(text.encode())


def tables():
    return read_tables(upload(LOG), upload(ITEMS), upload(FACTS), users=upload(USERS), name="log")


def test_a_pseudonym_is_the_keyed_hash_of_kind_and_id():
    digest = hmac.new(KEY, b"user\0ann", hashlib.sha256).digest()
    (found,) = pseudonyms(pa.array(["ann"]), KEY, "user").to_pylist()
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    number = int.from_bytes(digest[:10])
    assert found == "".join(letters[number >> shift & 31] for shift in range(75, -1, -5))
    assert pseudonyms(pa.array(["ann"]), KEY, "item").to_pylist() != [found]
    assert pseudonyms(pa.array(["ann"]), KEY[::-1], "user").to_pylist() != [found]


def test_users_are_replaced_everywhere_and_nothing_else():
    before, after = tables(), pseudonymise(tables(), KEY)
    ann, bob, cat = pseudonyms(pa.array(["ann", "bob", "cat"]), KEY, "user").to_pylist()
    assert after.events["user_id"].tolist() == [ann, bob, ann]
    assert after.users["user_id"].tolist() == [ann, cat]
    assert after.events.drop(columns="user_id").equals(before.events.drop(columns="user_id"))
    assert after.items.equals(before.items)
    assert after.fingerprint != before.fingerprint
    assert after.report.affected["text"].tolist() == ["", ""][: len(before.report.affected)]
    assert after.report.steps[-1].rule == "pseudonym"


def test_items_are_replaced_when_wanted_with_titles_that_are_ids_and_facts_about_them():
    after = pseudonymise(tables(), KEY, items=True)
    tea, jam = pseudonyms(pa.array(["tea", "jam"]), KEY, "item").to_pylist()
    assert after.items["item_id"].tolist() == [tea, jam]
    assert after.items["title"].tolist() == ["Green tea", jam]
    assert after.facts["entity"].tolist() == [jam, "Assam"]
    assert after.events["item_id"].tolist() == [tea, jam, jam]
    assert str(after.items["title"].dtype) == "str"


def test_the_same_key_gives_the_same_tables():
    assert pseudonymise(tables(), KEY).fingerprint == pseudonymise(tables(), KEY).fingerprint


def test_who_has_the_key_and_the_file_can_tell_who_is_who():
    ids = read_ids(upload("user_id,item_id\n1.0,tea\n2.0,jam\n,jam\n"))
    assert ids.to_pylist() == ["1", "2"]
    found = identities(ids, KEY)
    assert found["user_id"].tolist() == ["1", "2"]
    assert found["pseudonym"].tolist() == pseudonyms(pa.array(["1", "2"]), KEY, "user").to_pylist()
    with pytest.raises(DataError, match="has no column for user_id"):
        read_ids(upload("who,item_id\nann,tea\n"))


def test_a_workspace_makes_one_key_that_only_its_owner_reads(tmp_path):
    store = tmp_path / "workspace"
    key = workspace_key(store)
    assert (len(key), workspace_key(store)) == (32, key)
    assert stat.S_IMODE((store / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in store.iterdir()] == [KEY_FILE]


def test_a_missing_or_damaged_key_is_told_in_a_sentence(tmp_path):
    with pytest.raises(RunError, match=r"There is no pseudonym key .*pseudonyms\.key: it is created when"):
        read_key(tmp_path / KEY_FILE)
    (tmp_path / KEY_FILE).write_text("soon")
    with pytest.raises(RunError, match=r"is not a pseudonym key \(64 digits 0-9, a-f\): restore it"):
        workspace_key(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"The pseudonym key cannot be written to .*: check space"):
        workspace_key(tmp_path / "file" / "store")
