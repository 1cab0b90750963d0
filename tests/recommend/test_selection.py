from dataclasses import replace

import pytest

from metarec_core.errors import InputError, UnknownIdError
from metarec_core.recommend.link import pack
from metarec_core.recommend.recommender import Recommender
from metarec_core.recommend.selection import Selection, item_numbers_of, number_ranges
from tests.small_world import attribute, dataset, recommender

KIND = attribute("kind", [["hot"], ["hot"], ["sweet"], ["sweet"]])
PRICE = attribute("price", [["2.5"], ["1"], ["4"], []])


def _world() -> Recommender:
    plain = recommender()
    return Recommender(dataset(attributes={"kind": KIND, "price": PRICE}), plain.scorer, plain.items, plain.max_history)


#   scores: tea 1.5, milk 2.25, cake 3, jam 2; cat has had cake
def _items(**wanted: object) -> list[str]:
    return _world().recommend(["cat"], 4, Selection(**wanted)).item_ids


def test_without_a_wish_the_list_is_by_score_without_what_was_had():
    assert _items() == ["milk", "jam", "tea"]


def test_a_listed_item_has_one_of_the_values_and_a_number_between():
    assert _items(values={"kind": ("hot",)}) == ["milk", "tea"]
    assert _items(values={"kind": ("hot", "sweet")}) == ["milk", "jam", "tea"]
    assert _items(ranges={"price": (2, 4)}) == ["tea"]  # jam has no price
    assert _items(values={"kind": ("sweet",)}, ranges={"price": (0, 3)}) == []
    assert _items(values={"kind": ()}) == ["milk", "jam", "tea"]


def test_what_was_had_may_be_listed_and_new_items_alone():
    assert _items(seen=True) == ["cake", "milk", "jam", "tea"]
    assert _items(only_new=True) == ["jam"]  # nobody has had it


def test_the_chances_are_those_among_all_items():
    from dataclasses import replace

    from tests.small_world import HALVED

    world = replace(_world(), scorer=replace(recommender().scorer, calibration=HALVED))
    alone = world.recommend(["cat"], 1, Selection(values={"kind": ("sweet",)})).frame
    whole = world.recommend(["cat"], 4).frame.set_index("item_id")
    assert alone.probability[0] == whole.probability[alone.item_id[0]]


def test_numbers_are_numbers_only_where_all_values_are_and_none_has_two():
    assert item_numbers_of(PRICE)[1:4].tolist() == [2.5, 1, 4]
    assert item_numbers_of(KIND) is None
    assert item_numbers_of(attribute("size", [["1", "2"], [], [], []])) is None
    assert item_numbers_of(attribute("size", [["nan"], ["inf"], [], []])) is None
    assert number_ranges(_world().dataset) == {"price": (1, 4)}


def test_what_cannot_be_selected_is_told():
    with pytest.raises(InputError, match=r"There is no item attribute 'colour': choose one of kind, price"):
        _items(values={"colour": ("red",)})
    with pytest.raises(InputError, match="Attribute 'kind' has values that are not numbers: filter by values instead"):
        _items(ranges={"kind": (1, 2)})
    with pytest.raises(UnknownIdError):
        _items(values={"kind": ("cold",)})
    with pytest.raises(InputError, match="A diversity of 2 is not possible: choose a value from 0 to 1"):
        Selection(diversity=2)


def test_a_selection_travels_as_a_link_and_all_that_may_be_listed_needs_none():
    wanted = Selection({"kind": ("hot", "热"), "maker": ()}, {"price": (1.0, 2.5)}, seen=True, diversity=0.3)
    assert Selection.from_link(wanted.to_link()) == replace(wanted, values={"kind": ("hot", "热")})
    assert (Selection().to_link(), Selection.from_link("")) == ("", Selection())


@pytest.mark.parametrize(
    "wrong",
    [
        "%%%",
        pack({"values": ["hot"]}),
        pack({"ranges": {"price": [1]}}),
        pack({"ranges": {"price": [float("nan"), 1]}}),
        pack({"diversity": 7}),
        "a" * 6_001,
    ],
)
def test_a_link_that_holds_no_selection_is_refused(wrong: str):
    with pytest.raises(InputError, match=r"cannot be read|is not possible"):
        Selection.from_link(wrong)


def test_more_filters_than_a_link_can_hold_are_refused():
    many = {"kind": tuple(f"{n * 7919 % 10**9:09}{n**3 % 977}" for n in range(1_000))}
    with pytest.raises(InputError, match="too long for a link"):
        Selection(many).to_link()
