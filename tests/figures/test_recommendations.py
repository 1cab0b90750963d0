"""A list of two items by hand: parts, sums and foreign text."""

from dataclasses import replace

import pandas as pd
import pytest

from metarec_core.explain.explanation import AttentionWeight, Explanation, PartValue
from metarec_core.figures import recommendations as figures
from metarec_core.figures.chances import CHANCE, CHANCE_HELP
from metarec_core.figures.palette import BLUE, GREY

LISTED = pd.DataFrame(
    {
        "user_id": ["u1", "u1"],
        "item_id": ["i2", "i1"],
        "rank": [2, 1],
        "score": [0.5, 1.25],
        "part_popularity": [-0.25, 0.25],
        "part_sequence": [0.75, 1.0],
    }
)
TITLES = {"i1": "Tent <b>XL</b>", "i2": "Stove"}
WHY = Explanation(
    user_id="u1",
    item_id="i1",
    score=1.25,
    rank=3,
    parts=(
        PartValue("popularity", -0.25, 3),
        PartValue("transition", 0.5, 5),
        PartValue("sequence", 1.0, 41),
    ),
    attention=(AttentionWeight("i9", "2026-11-04T08:30:00+00:00", 1.0),),
)


def test_bars_are_in_the_order_of_ranks_and_of_parts_with_escaped_titles() -> None:
    drawn = figures.score_bars(LISTED, TITLES.__getitem__)
    tent, stove = drawn.rows
    assert (tent.id, tent.name, tent.value) == ("i1", "1. Tent <b>XL</b>", "1.250")
    assert (stove.name, stove.value) == ("2. Stove", "0.500")
    assert [(piece.begin, piece.end) for piece in tent.pieces] == [(0.0, 1.0), (1.0, 1.25)]
    assert [(piece.begin, piece.end) for piece in stove.pieces] == [(-0.25, 0.0), (0.0, 0.75)]
    assert [piece.words for piece in stove.pieces] == ["Popularity: -0.250", "Sequence: +0.750"]
    assert drawn.legend == (("Sequence", BLUE), ("Popularity", GREY))


def test_a_part_that_counts_nothing_in_the_list_is_left_out_of_the_chart_but_not_of_the_table() -> None:
    rows = LISTED.assign(part_transition=0.0)
    assert [name for name, _ in figures.score_bars(rows, TITLES.__getitem__).legend] == ["Sequence", "Popularity"]
    assert "What follows" in figures.score_table(rows, TITLES.__getitem__)


def test_the_table_twin_has_the_same_parts_which_add_up_to_the_score() -> None:
    table = figures.score_table(LISTED, TITLES.__getitem__)
    assert list(table.columns) == ["Rank", "Title", "Score", "Sequence", "Popularity", "Item ID"]
    assert list(table["Title"]) == ["Tent <b>XL</b>", "Stove"]
    assert (table["Sequence"] + table["Popularity"] == table["Score"]).all()


def test_chances_are_beside_the_titles_and_in_the_table_where_they_are_known() -> None:
    rows = LISTED.assign(probability=[0.034, 0.25])
    assert [row.note for row in figures.score_bars(rows, TITLES.__getitem__).rows] == ["25%", "3.4%"]
    assert list(figures.score_table(rows, TITLES.__getitem__)[CHANCE]) == [0.25, 0.034]
    assert figures.list_words(rows).endswith("the chance of being next. Click an item to see why.")
    assert figures.list_help(rows) == CHANCE_HELP
    assert figures.list_words(LISTED) == "The colours are the parts that add up to the score. Click an item to see why."
    assert figures.list_help(LISTED) is None


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (0.04, "Chance of being next: 4.0%, about 1 in 25."),
        (0.0004, "Chance of being next: < 0.1%."),
        (0.7, "Chance of being next: 70%."),
        (None, None),
    ],
)
def test_one_items_chance_is_told_as_odds_too(chance: float | None, words: str | None) -> None:
    assert figures.chance_words(replace(WHY, probability=chance)) == words


def test_a_waterfall_begins_each_part_where_the_one_before_ended() -> None:
    rows = figures.waterfall(WHY).rows
    assert [row.name for row in rows] == ["Sequence", "What follows", "Popularity", "Score"]
    spans = [(piece.begin, piece.end) for row in rows for piece in row.pieces]
    assert spans == [(0.0, 1.0), (1.0, 1.5), (1.25, 1.5), (0.0, 1.25)]
    assert [row.value for row in rows] == ["+1.000", "+0.500", "-0.250", "1.250"]
    assert rows[-1].pieces[0].colour == ""  # an outline: it is no part


def test_charts_are_told_by_their_ends_and_by_what_adds_most() -> None:
    assert figures.score_words(LISTED, TITLES.__getitem__) == (
        "Scores of 2 recommended items, each split into its parts: from Tent <b>XL</b> with 1.250 down to Stove with 0.500. "
        "Sequence adds most."
    )
    assert figures.score_words(LISTED.head(0), TITLES.__getitem__) == "No item is recommended."
    assert figures.waterfall_words(WHY) == (
        "The score, built up part by part: Sequence +1.000, What follows +0.500, Popularity -0.250. Together 1.250."
    )


def test_the_breakdown_ends_with_the_sum() -> None:
    table = figures.breakdown_table(WHY)
    assert list(table.index) == ["Sequence", "What follows", "Popularity", "Score"]
    assert list(table["Value"]) == ["+1.000", "+0.500", "-0.250", "+1.250"]
    assert list(table["Rank without it"]) == ["#41", "#5", "#3", "#3"]


def test_a_part_that_rounds_to_nothing_has_no_sign() -> None:
    why = Explanation("u1", "i1", -0.0001, 1, (PartValue("sequence", -0.0001, 1),), ())
    assert list(figures.breakdown_table(why)["Value"]) == ["0.000", "0.000"]


def test_effects_are_told_strongest_first_and_only_where_the_place_moves() -> None:
    assert figures.effect_words(WHY) == "Without Sequence: #3 → #41. Without What follows: #3 → #5."


@pytest.mark.parametrize(
    ("rank", "without", "words"),
    [(None, None, "The user already had this item"), (1, 1, "No single part decides its rank")],
)
def test_effects_say_so_when_there_is_no_place_to_move(rank: int | None, without: int | None, words: str) -> None:
    why = Explanation("u1", "i1", 1.0, rank, (PartValue("sequence", 1.0, without),), ())
    assert figures.effect_words(why).startswith(words)


def test_history_shows_titles_context_and_times_with_the_id_last() -> None:
    history = pd.DataFrame(
        {
            "item_id": ["i1"],
            "title": ["Tent"],
            "time": pd.to_datetime(["2026-11-04T08:30:00Z"]),
            "context_time_of_day": ["morning"],
        }
    )
    assert figures.history_table(history).to_dict("records") == [
        {"Title": "Tent", "When": "4 Nov 2026", "Time of day": "morning", "Item ID": "i1"}
    ]
    assert figures.history_words(history) == "1 event, 4 Nov 2026 to 4 Nov 2026"


def test_history_without_clock_times_counts_events() -> None:
    history = pd.DataFrame({"item_id": ["i1", "i2"], "title": ["Tent", "Stove"], "time": [7, 3]})
    assert list(figures.history_table(history)["When"]) == ["event 7", "event 3"]
    assert figures.history_words(history) == "2 events"


def test_the_breakdown_says_how_much_of_each_part_is_meta_knowledge_of_the_pair():
    parts = (PartValue("sequence", 1.25, 2, correction=0.25), PartValue("popularity", 0.5, 1, correction=-0.125))
    table = figures.breakdown_table(Explanation("ann", "jam", 1.75, 1, parts, ()))
    assert table["Of which from meta-knowledge"].to_dict() == {
        "Sequence": "+0.250",
        "Popularity": "-0.125",
        "Score": "+0.125",
    }
