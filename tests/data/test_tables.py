import hashlib
import struct

import numpy as np
import pandas as pd
import pytest

from metarec_core.data.tables import CleaningReport, Tables, fingerprint, make_tables

EVENTS = pd.DataFrame(
    {"user_id": ["ann", "bob"], "item_id": ["tea", "jam"], "time": [1, 2], "rating": [1.0, float("nan")], "row": [2, 3]}
)
ITEMS = pd.DataFrame({"item_id": ["tea", "jam"], "title": ["Tea", "Jam"], "kind": ["a|b", ""], "row": [2, 3]})
FACTS = pd.DataFrame({"item_id": ["tea"], "relation": ["in"], "entity": ["Assam"], "row": [2]})


def tables(events: pd.DataFrame = EVENTS) -> Tables:
    return make_tables("tiny", events, ITEMS, None, CleaningReport({}, {}, (), {}))


def test_a_fingerprint_is_a_hash_of_names_lengths_texts_and_little_endian_numbers():
    # spelt out, because stored tables are found by it: no new library or release may change it
    events = pd.DataFrame({"user_id": ["zoë", ""], "time": [7, 8], "rating": [0.5, -0.0]})
    items = pd.DataFrame({"item_id": ["tea"]})
    expected = hashlib.sha256(
        b"events 2\nuser_id text\n" + struct.pack("<qq", 4, 0) + "zoë".encode()
        + b"time integer\n" + struct.pack("<qq", 7, 8)
        + b"rating number\n" + struct.pack("<dd", 0.5, 0.0)
        + b"items 1\nitem_id text\n" + struct.pack("<q", 3) + b"tea"
    )  # fmt: skip
    assert fingerprint(events, items, None) == expected.hexdigest()[:16]


def test_tables_carry_the_fingerprint_of_their_contents():
    assert tables().fingerprint == fingerprint(EVENTS, ITEMS, None) != fingerprint(EVENTS, ITEMS, FACTS)


def test_a_fingerprint_does_not_depend_on_how_a_frame_holds_its_columns():
    objects = EVENTS.astype({"user_id": object, "row": "int32"})
    parts = pd.concat([EVENTS.iloc[:1], EVENTS.iloc[1:]])
    assert fingerprint(objects, ITEMS, FACTS) == fingerprint(parts, ITEMS, FACTS) == fingerprint(EVENTS, ITEMS, FACTS)


@pytest.mark.parametrize(
    "changed",
    [
        EVENTS.assign(user_id=["ann", "bo"]),
        EVENTS.assign(user_id=["an", "nbob"]),  # the same letters, cut elsewhere
        EVENTS.assign(time=[1, 3]),
        EVENTS.assign(time=pd.to_datetime([1, 2], unit="us", utc=True)),
        EVENTS.assign(rating=[1.0, 0.0]),
        EVENTS.rename(columns={"rating": "weight"}),
        EVENTS.iloc[::-1],
        EVENTS.iloc[:1],
    ],
)
def test_a_fingerprint_changes_with_the_contents(changed):
    assert fingerprint(changed, ITEMS, FACTS) != fingerprint(EVENTS, ITEMS, FACTS)


def test_tables_know_their_clock_contexts_and_attributes():
    clocked = EVENTS.assign(time=pd.to_datetime([1, 2], unit="us", utc=True), context_device=["a", ""])
    assert tables(clocked).has_clock_times
    assert tables(clocked).context_names == ("device",)
    assert not tables().has_clock_times
    assert tables().context_names == ()
    assert tables().attribute_names == ("kind",)


USERS = pd.DataFrame({"user_id": ["ann"], "age": ["24"], "row": [2]})
IMAGE = np.float32([[1, 2], [0, 0]])


def test_users_and_vectors_are_part_of_the_fingerprint_and_nothing_changes_without_them():
    assert fingerprint(EVENTS, ITEMS, FACTS, None, {}) == fingerprint(EVENTS, ITEMS, FACTS)
    prints = {
        fingerprint(EVENTS, ITEMS, FACTS),
        fingerprint(EVENTS, ITEMS, FACTS, USERS),
        fingerprint(EVENTS, ITEMS, FACTS, USERS, {"image": IMAGE}),
        fingerprint(EVENTS, ITEMS, FACTS, USERS, {"image": IMAGE + 1}),
        fingerprint(EVENTS, ITEMS, FACTS, USERS, {"sound": IMAGE}),
    }
    assert len(prints) == 5


def test_the_order_of_modes_and_the_sign_of_zero_do_not_change_a_fingerprint():
    one = fingerprint(EVENTS, ITEMS, None, None, {"a": IMAGE, "b": IMAGE})
    assert one == fingerprint(
        EVENTS, ITEMS, None, None, {"b": np.asfortranarray(IMAGE), "a": IMAGE * np.float32([1, 1])}
    )
    assert one == fingerprint(EVENTS, ITEMS, None, None, {"b": IMAGE, "a": np.float32([[1, 2], [-0.0, 0]])})


def test_images_are_no_attribute():
    illustrated = ITEMS.assign(
        poster=["tea.png", "data:image/png;base64,AAAA"], image_url="https://images.example/1.png"
    )
    found = make_tables("tiny", EVENTS, illustrated, None, CleaningReport({}, {}, (), {}))
    assert found.attribute_names == ("kind",)
