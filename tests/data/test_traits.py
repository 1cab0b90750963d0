import numpy as np

from metarec_core.data.traits import traits
from tests.small_world import attribute


def one_each(name, *values):
    """An attribute with one value a user; none where it is empty."""
    return {name: attribute(name, [[value] if value else [] for value in values])}


def found(attributes, taken=()):
    """Each column's name, values, and numbers of the users in their order."""
    vocabularies, numbers = traits(attributes, taken)
    return [
        (vocabulary.kind, list(vocabulary.ids), numbers[1:, place].tolist())
        for place, vocabulary in enumerate(vocabularies)
    ]


def test_an_attribute_with_one_value_a_user_is_a_column():
    team = one_each("team", *["red"] * 5, "", *["blue"] * 5)
    assert found(team) == [("team", ["red", "blue"], [1] * 5 + [0] + [2] * 5)]
    assert traits(team, ())[1][0].tolist() == [0], "the padding user has none"
    assert traits(team, ())[1].dtype == np.int32


def test_several_values_a_user_and_values_that_hardly_anybody_shares_are_left_out():
    several = {"likes": attribute("likes", [["tea"]] * 10 + [["tea", "milk"]])}
    assert found(several) == []
    assert found(one_each("postcode", *[f"A{number // 4}" for number in range(12)])) == []  # four users a value
    assert found(one_each("postcode", *[f"A{number // 5}" for number in range(15)])) != []
    assert found(one_each("country", *["CH"] * 20)) == [], "one value tells nobody from anybody"
    vocabularies, numbers = traits({}, ())
    assert (vocabularies, numbers.shape) == ((), (0, 0))


def test_a_few_numbers_are_values_and_many_become_five_bands_of_about_equally_many_users():
    levels = one_each("level", *[str(number % 10) for number in range(50)])
    assert len(found(levels)[0][1]) == 10
    ages = one_each("age", *[str(20 + number % 20) for number in range(40)], "")  # two users of each age from 20 to 39
    ((name, bands, numbers),) = found(ages)
    assert (name, bands) == ("age", ["20–23", "24–27", "28–31", "32–35", "36–39"])
    assert np.bincount(numbers).tolist() == [1, 8, 8, 8, 8, 8]
    assert (numbers[0], numbers[3], numbers[4], numbers[19], numbers[40]) == (1, 1, 2, 5, 0)


def test_where_most_have_one_number_there_are_fewer_bands():
    visits = one_each("visits", *["1"] * 90, *[str(number) for number in range(2, 12)])
    assert [band for _, bands, _ in found(visits) for band in bands] == ["1", "2–11"]


def test_a_column_that_the_requests_have_already_is_named_apart():
    device = one_each("device", *["phone"] * 5, *["tablet"] * 5)
    assert [name for name, _, _ in found(device, taken=("device",))] == ["user device"]
