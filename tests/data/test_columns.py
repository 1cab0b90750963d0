import pytest

from metarec_core.data.columns import distinct, match_columns, missing_columns
from metarec_core.errors import DataError


def test_names_match_whatever_their_case_and_underscores():
    match = match_columns(["userId", "Movie ID", "RATING", "time_stamp"], "events")
    assert match.used == {"user_id": "userId", "item_id": "Movie ID", "time": "time_stamp", "rating": "RATING"}
    assert match.ignored == ()


def test_the_better_of_two_names_wins_and_the_other_is_ignored():
    match = match_columns(["date", "timestamp", "user", "user_id", "item"], "events")
    assert match.used == {"user_id": "user_id", "item_id": "item", "time": "timestamp"}
    assert match.ignored == ("date", "user")


def test_an_override_comes_first_and_an_empty_one_says_there_is_none():
    match = match_columns(["user_id", "buyer", "sku", "score"], "events", {"user_id": "buyer", "rating": ""})
    assert match.used == {"user_id": "buyer", "item_id": "sku"}
    assert match.ignored == ("user_id", "score")


def test_situations_become_contexts_and_other_behaviour_columns_are_ignored():
    match = match_columns(["user_id", "item_id", "Device", "TimeOfDay", "context_mood", "price"], "events")
    assert {inside: name for inside, name in match.used.items() if inside.startswith("context_")} == {
        "context_device": "Device",
        "context_time_of_day": "TimeOfDay",
        "context_mood": "context_mood",
    }
    assert match.ignored == ("price",)


def test_any_column_can_be_made_a_context():
    match = match_columns(["user_id", "item_id", "shop"], "events", {"context_shop": "shop"})
    assert match.used["context_shop"] == "shop"


def test_other_item_columns_are_attributes_but_index_columns_are_not():
    match = match_columns(["unnamed 1", "id", "name", "Genre List", "row"], "items")
    assert match.used == {"item_id": "id", "title": "name", "genre_list": "Genre List"}
    assert match.ignored == ("unnamed 1", "row")


def test_facts_may_be_called_head_relation_tail():
    match = match_columns(["head", "relation", "tail"], "facts")
    assert match.used == {"item_id": "head", "relation": "relation", "entity": "tail"}


def test_the_article_s_files_match_as_they_are():
    behaviour = match_columns(["user_id", "item_id", "meta_data", "label"], "events")
    assert behaviour.used == {
        "user_id": "user_id",
        "item_id": "item_id",
        "label": "label",
        "context_meta_data": "meta_data",
    }
    items = match_columns(["item_id", "meta_data", "label"], "items")
    assert items.used == {"item_id": "item_id", "meta_data": "meta_data", "label": "label"}


def test_missing_columns_are_named_with_what_is_there_and_what_was_probably_meant():
    match = match_columns(["usr_id", "item_id", "day"], "events")
    assert missing_columns(match, "events", "log.csv") == (
        "log.csv has no column for user_id: it has item_id, usr_id, day; "
        "did you mean 'usr_id' as user_id? Rename or map columns."
    )


def test_missing_columns_are_named_without_a_guess_where_nothing_is_near():
    match = match_columns(["x", "y"], "facts")
    assert missing_columns(match, "facts", "f.csv") == (
        "f.csv has no column for item_id and relation and entity: it has x, y; rename or map columns."
    )
    assert missing_columns(match_columns(["item"], "items"), "items", "i.csv") is None


def test_an_override_must_name_columns_that_exist():
    with pytest.raises(DataError, match=r"The events file has no column 'who' to use as user_id: it has user, item\."):
        match_columns(["user", "item"], "events", {"user_id": "who"})
    with pytest.raises(DataError, match="Column 'price' of the items cannot be set: choose one of item_id, title"):
        match_columns(["item", "cost"], "items", {"price": "cost"})


def test_a_name_is_one_line_and_short_and_still_told_apart():
    assert distinct(["two\nlines", "x" * 300, "x" * 200, " "]) == [
        "two lines",
        "x" * 100,
        "x" * 100 + " 2",
        "unnamed 4",
    ]


def test_a_sentence_about_a_file_of_many_columns_names_the_first_of_them():
    names = [f"c{n}" for n in range(10_000)]
    said = missing_columns(match_columns(names, "facts"), "facts", "big.csv")
    assert said is not None
    assert "it has c0, c1, " in said
    assert "c11 and 9,988 more;" in said
