import pytest

from metarec_core.data.vocabulary import Vocabulary
from metarec_core.errors import UnknownIdError

FRUIT = Vocabulary("fruit", ("fig", "plum"))


def test_numbers_start_at_one_and_lead_back():
    assert [FRUIT.number(id_) for id_ in FRUIT.ids] == [1, 2]
    assert [FRUIT.id(number) for number in (1, 2)] == ["fig", "plum"]
    assert FRUIT.numbers(["plum", "fig", "plum"]).tolist() == [2, 1, 2]
    assert len(FRUIT) == 2
    assert "fig" in FRUIT
    assert "pear" not in FRUIT


def test_padding_has_no_id():
    for number in (0, -1):
        with pytest.raises(IndexError, match=f"fruit number {number} is padding or negative"):
            FRUIT.id(number)


def test_an_unknown_id_is_named_with_an_example_of_a_known_one():
    with pytest.raises(
        UnknownIdError, match=r"There is no fruit 'pear' in this data \(2 fruits\)\. IDs look like 'fig'\."
    ):
        FRUIT.numbers(["fig", "pear"])
    with pytest.raises(UnknownIdError, match=r"There is no fruit 'fig' in this data \(0 fruits\)\.$"):
        Vocabulary("fruit", ()).number("fig")
