import pandas as pd

from metarec_core.figures.what_if import (
    change_bars,
    change_table,
    change_words,
    growth_bars,
    growth_table,
    growth_words,
    moves_table,
    moves_words,
    parts_table,
)


def _frame() -> pd.DataFrame:
    rank, before = (pd.array(values, dtype="Int64") for values in ([1, 2, 3, 25, None], [4, 1, 30, 2, 3]))
    return pd.DataFrame(
        {
            "item_id": ["a", "b", "c", "d", "e"],
            "rank": rank,
            "rank_before": before,
            "move": ["up", "down", "new", "gone", "gone"],
            "score": [1.5, 1.25, 1.0, 0.5, 0.25],
            "score_before": [1.0, 1.25, 0.5, 1.0, 0.25],
            "part_text": [1.5, 1.25, 1.0, 0.5, 0.25],
            "part_graph": [0.0] * 5,
            "change_text": [0.5, 0.0, 0.5, -0.5, 0.0],
            "change_graph": [0.0] * 5,
        }
    )


def test_arrows_say_what_moved_by_how_many_places_and_by_which_part():
    table = moves_table(_frame(), str.upper)
    assert table["Move"].tolist() == ["▲ 3", "▼ 1", "new (was #30)", "removed (#25)", "removed"]
    assert table["Rank"].tolist() == ["1", "2", "3", "–", "–"]
    assert table["Moved most by"].tolist() == ["Text +0.500", "", "Text +0.500", "Text -0.500", ""]
    assert table["Title"].tolist() == ["A", "B", "C", "D", "E"]
    assert moves_words(_frame()) == "1 new, 2 removed, 2 items moved."
    assert moves_words(_frame().assign(move="same")) == "Nothing moved."


def test_only_parts_that_changed_are_drawn_and_nothing_where_none_did():
    drawn = change_bars(_frame(), lambda item: f"<b>{item}")
    assert [name for name, _ in drawn.legend] == ["Text"]
    assert [row.name for row in drawn.rows] == ["<b>a", "<b>b", "<b>c", "<b>d", "<b>e"]
    assert [row.value for row in drawn.rows] == ["+0.500", "+0.000", "+0.500", "-0.500", "+0.000"]
    assert [[(piece.begin, piece.end) for piece in row.pieces] for row in drawn.rows] == [
        [(0.0, 0.5)], [], [(0.0, 0.5)], [(-0.5, 0.0)], [],
    ]  # fmt: skip
    assert change_bars(_frame().assign(change_text=0.0), str) is None


def test_changes_are_told_by_the_greatest_and_counted_where_there_are_any():
    frame = _frame().assign(change_text=[0.5, 0.0, 0.25, -0.75, 0.0])
    assert change_words(frame, str.upper) == (
        "Change of each part of each item's score: largest for Text of D, -0.750."
    )
    table = change_table(frame, str.upper)
    assert table.to_numpy().tolist() == [["A", 0.5], ["B", 0.0], ["C", 0.25], ["D", -0.75], ["E", 0.0]]
    assert list(table.columns) == ["Title", "Text"]


def test_a_list_that_grows_is_drawn_as_the_mean_of_its_parts_and_told_by_its_heads():
    steps = pd.DataFrame(
        {"step": [0, 1, 1], "item_id": ["a", "b", "c"], "rank": [1, 1, 2], "score": 1.0, "part_text": [0.0, 1.0, 0.5]}
    )
    nothing, one = growth_bars(steps).rows
    assert (nothing.name, nothing.pieces, nothing.value) == ("0 events", (), "0.000")
    assert (one.name, one.value) == ("1 event", "0.750")
    assert [(piece.begin, piece.end, piece.words) for piece in one.pieces] == [(0.0, 0.75, "Text: +0.750")]
    assert growth_words(steps) == (
        "Parts of the mean score in the list after each event: after 1 event, Text adds most, +0.750."
    )
    assert parts_table(steps).to_numpy().tolist() == [[0, 0.0], [1, 0.75]]
    assert growth_table(steps, str.upper, last=2).to_numpy().tolist() == [[0, "A", ""], [1, "B", "C"]]
