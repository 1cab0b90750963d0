from dataclasses import replace

import pytest

from metarec_core.data.vocabulary import Vocabulary
from metarec_core.errors import InputError, UnknownIdError
from metarec_core.recommend.comparison import compare, stability
from tests.small_world import recommender

SWEET = {"taste": [1.0, 2.0, 4.0, 3.0], "fame": [0.0, 0.0, 0.0, 0.0]}
FAMED = {"taste": [1.0, 2.0, 3.0, 2.0], "fame": [0.0, 0.0, 0.0, 3.0]}


def test_two_models_side_by_side_share_items_and_say_which_part_sets_the_others_apart():
    # bob may get cake and jam: by taste alone cake leads, with fame jam does
    found = compare(recommender(SWEET), recommender(FAMED), "bob", k=1)
    assert found.common == 0
    frame = found.frame
    assert frame.item_id.tolist() == ["cake", "jam"]
    assert frame["in"].tolist() == ["first", "second"]
    assert (frame["rank"].tolist(), frame.rank_other.tolist()) == ([1, 2], [2, 1])
    # fame keeps cake behind jam in the second list, taste keeps jam behind cake in the first
    assert frame.why.tolist() == ["2 fame", "1 taste"]


def test_the_same_model_twice_has_all_items_in_common():
    found = compare(recommender(SWEET), recommender(SWEET), "bob", k=2)
    assert found.common == 2
    assert found.frame.why.tolist() == ["", ""]


def test_stability_is_what_lists_and_reasons_have_in_common():
    same = stability([recommender(SWEET), recommender(SWEET)], ["bob", "cat"], k=2)
    assert (same.overlap, same.n_users, same.k) == (1.0, 2, 2)
    other = stability([recommender(SWEET), recommender(FAMED), recommender(SWEET)], ["bob"], k=1)
    assert other.frame.overlap.tolist() == [0.0, 1.0, 0.0]
    assert other.overlap == pytest.approx(1 / 3)


def test_what_cannot_be_compared_is_named():
    plain = recommender()
    with pytest.raises(UnknownIdError, match="There is no user 'zoe'"):
        compare(plain, plain, "zoe")
    with pytest.raises(InputError, match="A list of 0 items is not possible"):
        compare(plain, plain, "bob", k=0)
    with pytest.raises(InputError, match="Stability needs at least two runs and one user: name more"):
        stability([plain], ["bob"])
    with pytest.raises(InputError, match="These runs have different parts, so their reasons cannot be compared"):
        stability([plain, recommender({"taste": [1.0, 2.0, 3.0, 4.0]})], ["bob"])
    other = replace(plain, dataset=replace(plain.dataset, items=Vocabulary("item", ["a", "b", "c", "d"])))
    with pytest.raises(InputError, match="These runs have different items: compare runs on the same data"):
        compare(plain, other, "bob")
    stranger = replace(plain, dataset=replace(plain.dataset, users=Vocabulary("user", ["x", "y", "z"])))
    with pytest.raises(InputError, match="The other run does not know user 'bob': compare runs on the same data"):
        compare(plain, stranger, "bob")
