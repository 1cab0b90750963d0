import pyarrow as pa
import pytest

from metarec_core.data.mapping import BY_CONTENT, BY_NAME, DOUBTFUL, SURE, guess_columns


def guesses(table: str, **cells: list[str]) -> dict[str, tuple[str, float]]:
    found = guess_columns(pa.table({name: pa.chunked_array([texts]) for name, texts in cells.items()}), table)
    return {column: (guess.source, guess.confidence) for column, guess in found.items()}


def test_a_name_is_believed_the_very_name_most():
    cells = {"user_id": ["a", "b"], "Movie ID": ["x", "y"], "评分": ["1", "2"], "時間": ["2024-01-01", "2024-01-02"]}
    assert guesses("events", **cells) == {
        "user_id": ("user_id", SURE),
        "item_id": ("Movie ID", BY_NAME),
        "time": ("時間", BY_NAME),
        "rating": ("评分", BY_NAME),
    }


def test_a_name_that_the_cells_contradict_is_doubtful():
    cells = {"user": ["", ""], "item": ["x", "y"], "time": ["soon", "later"], "rating": ["good", "bad"]}
    assert guesses("events", **cells) == {
        "user_id": ("user", DOUBTFUL),
        "item_id": ("item", BY_NAME),
        "time": ("time", DOUBTFUL),
        "rating": ("rating", DOUBTFUL),
    }


def test_what_no_name_says_is_guessed_from_the_cells():
    cells = {
        "a": ["u1", "u2", "u1", "u3"],
        "b": ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-03"],
        "c": ["5", "4", "5", "4"],
        "d": ["x1", "x1", "x2", "x3"],
        "e": ["so good it was", "not for me", "fine by me", "well well"],
    }
    assert guesses("events", **cells) == {
        "user_id": ("a", BY_CONTENT),
        "item_id": ("d", BY_CONTENT),
        "time": ("b", BY_CONTENT),
        "rating": ("c", BY_CONTENT),
    }


@pytest.mark.parametrize(
    "cells", [["1704448800", "1704448801"], ["1704448800000", "1704448801000"], ["31.01.2024", "1.2.2024"]]
)
def test_epoch_numbers_and_dates_look_like_times(cells):
    assert guesses("events", user=["a", "b"], item=["x", "y"], z=cells)["time"] == ("z", BY_CONTENT)


def test_a_column_of_ids_that_no_two_rows_share_is_that_of_items_and_of_users():
    cells = {"n": ["a", "b", "c"], "words": ["Green tea", "Black tea", "Jam"], "kind": ["x", "x", "y"]}
    assert guesses("items", **cells) == {"item_id": ("n", BY_CONTENT), "title": ("words", BY_CONTENT)}
    assert guesses("users", **cells) == {"user_id": ("n", BY_CONTENT)}


def test_facts_are_told_by_their_order_and_the_few_relations():
    cells = {"a": ["x", "y", "x", "z"], "b": ["in", "in", "in", "in"], "c": ["Assam", "Japan", "Tea", "Jam"]}
    assert guesses("facts", **cells) == {
        "item_id": ("a", BY_CONTENT),
        "relation": ("b", BY_CONTENT),
        "entity": ("c", BY_CONTENT),
    }


def test_of_columns_that_look_like_nothing_nothing_is_said():
    assert guesses("events", a=["", ""], b=["1.5", "2.5"], c=["one two", "three four"]) == {}
