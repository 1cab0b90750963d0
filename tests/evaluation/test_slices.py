import json

import numpy as np
import pytest

from metarec_core.data.split import leave_one_out
from metarec_core.evaluation.answers import Answers
from metarec_core.evaluation.leaderboard import RUN_NAME
from metarec_core.evaluation.slices import Slice, groups, slices, slices_frame
from tests.small_world import attribute, dataset

EVENTS = {
    "ann": ["tea", "milk", "cake"],
    "bob": ["milk", "tea", "jam"],
    "cat": ["cake", "milk", *["tea"] * 6, "cake"],
}
DATA = dataset(
    EVENTS,
    attributes={"kind": attribute("kind", [["drink"], ["drink"], ["food"], ["food", "sweet"]])},
    user_attributes={"country": attribute("country", [["FR"], ["FR"], []])},
)
SPLIT = leave_one_out(DATA)
ANSWERS = Answers(
    SPLIT.test.user_numbers,
    SPLIT.test.events,
    {RUN_NAME: np.float32([1, 3, np.inf]), "popular": np.float32([3, 3, 1])},
)


def test_queries_are_cut_by_all_that_is_known_of_user_item_and_request():
    found = {(kind, name): chosen.tolist() for kind, name, chosen in groups(SPLIT)}
    assert found["History", "1 to 5 events"] == [True, True, False]
    assert found["History", "6 to 20 events"] == [False, False, True]
    assert found["Item popularity", "no events"] == [False, True, False]  # nobody had jam before
    assert found["Item popularity", "1 to 5 events"] == [True, False, True]
    assert found["Cold or warm", "items never seen before"] == [False, True, False]
    assert found["Cold or warm", "users seen before"] == [True, True, True]
    assert found["Item: kind", "food"] == [True, True, True]
    assert found["Item: kind", "sweet"] == [False, True, False]
    assert found["User: country", "FR"] == [True, True, False]


def test_a_slice_has_its_size_and_the_difference_to_the_best_baseline():
    found = {(cut.kind, cut.name): cut for cut in slices(ANSWERS, SPLIT, "popular", draws=100)}
    french = found["User: country", "FR"]
    assert (french.n_queries, french.n_users, french.is_small) == (2, 2, True)
    assert french.ndcg[RUN_NAME].mean == pytest.approx((1 + 0.5) / 2)
    assert french.gain.mean == pytest.approx((0.5 + 0) / 2)
    assert french.gain.low == 0


def test_what_holds_for_all_questions_or_none_is_no_slice():
    found = {(cut.kind, cut.name) for cut in slices(ANSWERS, SPLIT, "popular", draws=100)}
    assert ("Item: kind", "food") not in found
    assert ("Item popularity", "more than 100 events") not in found


def test_slices_survive_json_and_make_a_table():
    found = slices(ANSWERS, SPLIT, None, draws=100)
    assert tuple(Slice.from_dict(json.loads(json.dumps(cut.to_dict()))) for cut in found) == found
    frame = slices_frame(found)
    assert len(frame) == 2 * len(found)
    assert frame["small"].all()


def numbered(ages: list[str], prices: list[str]) -> list[tuple[str, str, list[int]]]:
    """One user after the other has the first item and chooses one of their own; their ages, and what that item costs."""
    n = len(ages)
    items = ["first", *(f"i{number}" for number in range(n))]
    data = dataset(
        {f"u{number}": ["first", "first", f"i{number}"] for number in range(n)},
        items,
        attributes={"price": attribute("price", [[], *([price] if price else [] for price in prices)])},
        user_attributes={"age": attribute("age", [[age] if age else [] for age in ages])},
    )
    cuts = groups(leave_one_out(data))
    return [(kind, name, np.flatnonzero(rows).tolist()) for kind, name, rows in cuts if kind[:4] in ("User", "Item")]


def test_more_numbers_than_there_is_room_for_are_cut_into_quarters_of_the_questions():
    ages = ["61", "18", "25", "33", "19", "47", "25", "18", "40", "52", "30", "29"]
    found = [cut for cut in numbered(ages, [""] * 12) if cut[0] == "User: age"]
    assert found == [
        ("User: age", "18 to 19", [1, 4, 7]),
        ("User: age", "25 to 29", [2, 6, 11]),
        ("User: age", "30 to 40", [3, 8, 10]),
        ("User: age", "47 to 61", [0, 5, 9]),
    ]


def test_bands_of_items_have_sensible_digits_and_a_number_that_most_have_is_a_band_by_itself():
    prices = ["0"] * 6 + ["1.23456", "2.5", "-3", "12345.678", "4", "5", "6", "7"]
    found = [(name, rows) for kind, name, rows in numbered([""] * 14, prices) if kind == "Item: price"]
    assert found == [
        ("-3 to 0", [0, 1, 2, 3, 4, 5, 8]),
        ("1.23 to 5", [6, 7, 10, 11]),
        ("6 to 12346", [9, 12, 13]),
    ]


def test_few_numbers_and_numbers_among_words_stay_single_values():
    eight = [str(number) for number in range(20, 28)]
    assert [name for kind, name, _ in numbered(eight, [""] * 8) if kind == "User: age"] == eight
    words = [*eight, "28", "old"]
    assert [name for kind, name, _ in numbered(words, [""] * 10) if kind == "User: age"] == eight


def test_a_context_makes_slices_of_its_commonest_values():
    from dataclasses import replace

    from metarec_core.data.vocabulary import Vocabulary

    contexts = np.zeros((DATA.events.n_events, 1), dtype=np.int32)
    contexts[SPLIT.test.events[:2], 0] = [2, 1]
    device = Vocabulary("device", ("phone", "desk"))
    split = replace(SPLIT, dataset=replace(DATA, contexts=contexts, context_vocabularies=(device,)))
    found = {name: chosen.tolist() for kind, name, chosen in groups(split) if kind == "Context: device"}
    assert found == {"phone": [False, True, False], "desk": [True, False, False]}


def test_answers_survive_a_file():
    again = Answers.from_arrays(ANSWERS.arrays())
    assert again.asks_like(ANSWERS)
    assert again.ndcg("popular").tolist() == pytest.approx([0.5, 0.5, 1])
