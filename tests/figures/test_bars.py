"""Bars as data: pieces that add up on either side of zero, and places in percent of the axis."""

from metarec_core.figures.bars import Bars, Piece, Row, stacked

RED, BLUE = "#ff0000", "#0000ff"


def test_pieces_add_up_to_the_right_of_zero_and_to_the_left_of_it_and_zero_is_no_piece() -> None:
    assert stacked([(2.0, RED, "a"), (-1.0, BLUE, "b"), (0.0, RED, "c"), (1.0, BLUE, "d"), (-0.5, RED, "e")]) == (
        Piece(-1.5, -1.0, RED, "e"),
        Piece(-1.0, 0.0, BLUE, "b"),
        Piece(0.0, 2.0, RED, "a"),
        Piece(2.0, 3.0, BLUE, "d"),
    )


def test_the_axis_holds_every_row_and_places_are_percent_of_it() -> None:
    drawn = Bars(
        (
            Row("x", "Tea", stacked([(3.0, RED, "a")]), "3.000", "12%"),
            Row("y", "<b>Milk", stacked([(-1.0, BLUE, "b"), (1.0, RED, "a")]), "0.000"),
            Row("z", "Rum", ()),
        ),
        (("A", RED), ("B", BLUE)),
    ).drawn()
    assert drawn["zero"] == 25.0
    tea, milk, rum = drawn["rows"]
    assert tea["pieces"] == [{"left": 25.0, "width": 75.0, "colour": RED, "words": "a"}]
    assert [(piece["left"], piece["width"]) for piece in milk["pieces"]] == [(0.0, 25.0), (25.0, 25.0)]
    assert (tea["end"], milk["end"], rum["end"]) == (100.0, 50.0, 25.0)  # where the value is written
    assert (milk["name"], milk["note"], tea["note"]) == ("<b>Milk", "", "12%")


def test_rows_without_anything_in_them_have_an_axis_too() -> None:
    assert Bars((Row("x", "Tea", ()),)).drawn()["rows"][0]["end"] == 0.0
    assert Bars(()).drawn()["rows"] == []
