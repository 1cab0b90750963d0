import numpy as np
import pandas as pd

from metarec_core.data.encode import encode
from metarec_core.data.tables import CleaningReport, Tables, make_tables


def tables(
    events: dict[str, list],
    items: dict[str, list],
    facts: dict[str, list] | None = None,
    users: dict[str, list] | None = None,
    vectors: dict[str, np.ndarray] | None = None,
) -> Tables:
    frames = [None if table is None else with_rows(table) for table in (events, items, facts, users)]
    return make_tables("tiny", *frames[:3], CleaningReport({}, {}, (), {}), users=frames[3], vectors=vectors)


def with_rows(table: dict[str, list]) -> pd.DataFrame:
    frame = pd.DataFrame(table)
    frame["row"] = range(2, len(frame) + 2)
    return frame


ITEMS = {"item_id": ["tea", "milk", "jam"], "title": ["T", "M", "J"]}
EVENTS = {
    "user_id": ["bob", "ann", "bob", "ann"],
    "item_id": ["jam", "tea", "milk", "jam"],
    "time": [20, 40, 10, 30],
}


def test_users_are_numbered_as_they_appear_and_items_as_the_table_lists_them():
    dataset = encode(tables(EVENTS, ITEMS))
    assert list(dataset.users.ids) == ["bob", "ann"]
    assert list(dataset.items.ids) == ["tea", "milk", "jam"]
    assert (dataset.n_users, dataset.n_items) == (2, 3)


def test_events_lie_user_after_user_each_oldest_first():
    dataset = encode(tables(EVENTS, ITEMS))
    events = dataset.events
    assert events.offsets.tolist() == [0, 0, 2, 4]
    assert events.item_numbers.tolist() == [2, 3, 3, 1]
    assert events.times.tolist() == [10, 20, 30, 40]
    assert dataset.event_rows.tolist() == [4, 2, 5, 3]
    assert (events.item_numbers.dtype, events.times.dtype, events.offsets.dtype) == (np.int32, np.int64, np.int64)


def test_events_of_one_moment_keep_the_order_of_the_file():
    events = {"user_id": ["ann"] * 4, "item_id": ["jam", "tea", "milk", "jam"], "time": [5, 5, 5, 4]}
    assert encode(tables(events, ITEMS)).events.item_numbers.tolist() == [3, 3, 1, 2]


def test_clock_times_become_seconds_and_parts_of_a_second_still_order():
    clock = pd.to_datetime([1_700_000_000_900_000, 1_700_000_000_100_000], unit="us", utc=True)
    dataset = encode(tables({"user_id": ["ann"] * 2, "item_id": ["tea", "jam"], "time": clock}, ITEMS))
    assert dataset.has_clock_times
    assert dataset.events.times.tolist() == [1_700_000_000, 1_700_000_000]
    assert dataset.events.item_numbers.tolist() == [3, 1]


def test_whether_ties_are_sets_is_told_to_everything_after():
    assert not encode(tables(EVENTS, ITEMS)).events.ties_are_sets
    assert encode(tables(EVENTS, ITEMS), ties_are_sets=True).events.ties_are_sets


def test_ratings_weights_and_contexts_follow_their_events():
    extra = {
        "rating": [1.0, 2.0, float("nan"), 4.0],
        "weight": [0.5, float("nan"), 3.0, 4.0],
        "context_device": ["web", "", "app", "web"],
        "context_mood": ["", "", "", "sad"],
    }
    dataset = encode(tables(EVENTS | extra, ITEMS))
    np.testing.assert_array_equal(dataset.ratings, np.float32([np.nan, 1, 4, 2]))
    np.testing.assert_array_equal(dataset.weights, np.float32([3, 0.5, 4, 1]))
    assert [(v.kind, list(v.ids)) for v in dataset.context_vocabularies] == [
        ("device", ["web", "app"]),
        ("mood", ["sad"]),
    ]
    assert dataset.contexts.tolist() == [[2, 0], [1, 0], [1, 1], [0, 0]]
    assert dataset.contexts.dtype == np.int32


def test_without_ratings_weights_and_contexts_there_are_none():
    dataset = encode(tables(EVENTS, ITEMS))
    assert dataset.ratings is None
    assert dataset.weights is None
    assert dataset.contexts.shape == (4, 0)
    assert dataset.context_vocabularies == ()


def test_attributes_are_split_into_their_values():
    kinds = {"kind": ["hot|leaf", "", "sweet| hot |sweet|"], "year": ["1990", "", "1990"]}
    attributes = encode(tables(EVENTS, ITEMS | kinds)).attributes
    assert list(attributes) == ["kind", "year"]
    kind, year = attributes["kind"], attributes["year"]
    assert list(kind.vocabulary.ids) == ["hot", "leaf", "sweet"]
    assert kind.offsets.tolist() == [0, 0, 2, 2, 4]
    assert kind.value_numbers.tolist() == [1, 2, 3, 1]
    assert kind.value_numbers.dtype == np.int32
    assert kind.rows.tolist() == [2, 2, 4, 4]
    assert (list(year.vocabulary.ids), year.offsets.tolist(), year.value_numbers.tolist()) == (
        ["1990"],
        [0, 0, 1, 1, 2],
        [1, 1],
    )


def test_an_attribute_without_any_value_is_empty():
    kind = encode(tables(EVENTS, ITEMS | {"kind": ["", "", ""]})).attributes["kind"]
    assert (len(kind.vocabulary), kind.offsets.tolist(), kind.value_numbers.tolist()) == (0, [0, 0, 0, 0, 0], [])


def test_facts_are_an_attribute_for_each_relation_without_things_that_are_not_items():
    rows = [
        ("jam", "made_of", "plum"),
        ("plum", "grows_in", "Hungary"),
        ("tea", "made_by", "Ono"),
        ("jam", "made_of", "sugar"),
        ("tea", "made_of", "leaf"),
        ("plum", "made_of", "stone"),
    ]
    facts = dict(zip(("item_id", "relation", "entity"), map(list, zip(*rows, strict=True)), strict=True))
    encoded = encode(tables(EVENTS, ITEMS, facts)).facts
    assert list(encoded) == ["made_of", "made_by"]
    made_of, made_by = encoded["made_of"], encoded["made_by"]
    assert (made_of.vocabulary.kind, list(made_of.vocabulary.ids)) == ("made_of", ["plum", "sugar", "leaf"])
    assert made_of.offsets.tolist() == [0, 0, 1, 1, 3]  # padding, tea, milk, jam
    assert made_of.value_numbers.tolist() == [3, 1, 2]
    assert made_of.rows.tolist() == [6, 2, 5]
    assert (made_of.offsets.dtype, made_of.value_numbers.dtype) == (np.int64, np.int32)
    assert (made_by.offsets.tolist(), made_by.value_numbers.tolist()) == ([0, 0, 1, 1, 1], [1])


def test_without_a_fact_table_there_are_no_facts():
    assert encode(tables(EVENTS, ITEMS)).facts == {}


def test_user_attributes_follow_the_numbers_of_users():
    users = {"user_id": ["cat", "ann", "bob"], "age": ["7", "24", ""], "likes": ["x", "a|b", "b"]}
    attributes = encode(tables(EVENTS, ITEMS, users=users)).user_attributes
    assert list(attributes) == ["age", "likes"]
    age, likes = attributes["age"], attributes["likes"]
    assert (list(age.vocabulary.ids), age.offsets.tolist(), age.value_numbers.tolist()) == (["24"], [0, 0, 0, 1], [1])
    assert list(likes.vocabulary.ids) == ["b", "a"]  # bob is user 1, ann user 2, cat has no events
    assert (likes.offsets.tolist(), likes.value_numbers.tolist()) == ([0, 0, 1, 3], [1, 2, 1])
    assert likes.rows.tolist() == [4, 3, 3]


def test_a_user_that_the_table_does_not_list_has_no_attributes():
    age = encode(tables(EVENTS, ITEMS, users={"user_id": ["ann"], "age": ["24"]})).user_attributes["age"]
    assert (age.offsets.tolist(), age.value_numbers.tolist(), age.rows.tolist()) == ([0, 0, 0, 1], [1], [2])


def test_users_that_only_the_user_table_has_come_last_where_attributes_serve_them():
    team = {"user_id": ["cat", "ann", "bob"], "team": ["red", "", "red"]}
    assert list(encode(tables(EVENTS, ITEMS, users=team)).users.ids) == ["bob", "ann"]
    dataset = encode(tables(EVENTS, ITEMS, users=team), user_attributes=True)
    assert list(dataset.users.ids) == ["bob", "ann", "cat"]
    assert dataset.events.lengths().tolist() == [0, 2, 2, 0]
    assert dataset.user_attributes["team"].offsets.tolist() == [0, 0, 1, 1, 2]


def test_attributes_of_users_are_columns_of_their_requests_after_the_context():
    names = [f"u{number}" for number in range(10)]
    events = {"user_id": names, "item_id": ["tea"] * 10, "time": list(range(10)), "context_device": ["tv", ""] * 5}
    users = {"user_id": names, "team": ["red"] * 5 + ["blue"] * 5}
    dataset = encode(tables(events, ITEMS, users=users), user_attributes=True)
    assert [vocabulary.kind for vocabulary in dataset.request_vocabularies] == ["device", "team"]
    asked = np.array([1, 2, 6], dtype=np.int32)
    assert dataset.requests(asked).tolist() == [[0, 1], [0, 1], [0, 2]]
    assert dataset.requests(asked, np.array([0, 1, 5])).tolist() == [[1, 1], [0, 1], [0, 2]]
    without = encode(tables(events, ITEMS, users=users))
    assert without.requests(asked, np.array([0, 1, 5])).tolist() == [[1], [0], [0]]


def test_vectors_have_a_row_of_zeros_for_padding():
    image = np.float32([[1, 2], [0, 0], [3, 4]])
    vectors = encode(tables(EVENTS, ITEMS, vectors={"image": image})).vectors
    assert vectors["image"].tolist() == [[0, 0], [1, 2], [0, 0], [3, 4]]
    assert vectors["image"].dtype == np.float32


def test_without_users_and_vectors_there_are_none():
    dataset = encode(tables(EVENTS, ITEMS))
    assert (dataset.user_attributes, dataset.vectors) == ({}, {})
