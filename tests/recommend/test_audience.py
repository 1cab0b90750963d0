from dataclasses import replace

import numpy as np
import pytest

from metarec_core.errors import InputError, UnknownIdError
from metarec_core.recommend.audience import audience
from tests.small_world import attribute, recommender

RANKS = np.float32([1, np.inf, 3])
ASKED = np.int32([1, 1, 2])


def _world():
    plain = recommender()
    places = {"city": attribute("city", [["Rome"], ["Oslo"], ["Rome"]])}
    return replace(plain, dataset=replace(plain.dataset, user_attributes=places))


def test_users_have_their_events_and_how_they_are_served():
    found = audience(_world(), ASKED, RANKS).frame.set_index("user_id")
    assert found.events.tolist() == [3, 2, 1]
    assert found.ndcg[["ann", "bob"]].tolist() == pytest.approx([(1 + 0) / 2, 0.5])
    assert found.place[["ann", "bob"]].tolist() == [2.5, 3]  # what could not be listed counts as last of four
    assert np.isnan(found.ndcg["cat"])


def test_a_parts_share_is_its_size_in_all_scores_of_the_list():
    found = audience(_world()).frame.set_index("user_id")
    # ann may only get jam: taste 4, fame -2
    assert found.part_taste["ann"] == pytest.approx(4 / 6)
    assert found.part_fame["ann"] == pytest.approx(2 / 6)


def test_users_are_found_by_id_attribute_and_behaviour():
    all_ = audience(_world(), ASKED, RANKS)

    def ids(**wanted):
        return all_.find(**wanted).user_id.tolist()

    assert ids() == ["ann", "bob", "cat"]
    assert ids(text="A") == ["ann", "cat"]
    assert ids(text=".*") == []  # no pattern
    assert ids(having={"city": "Rome"}) == ["ann", "cat"]
    assert ids(order="cold") == ["cat", "bob", "ann"]
    assert ids(order="busy", most=1) == ["ann"]
    assert ids(order="worst") == ["bob", "ann"]  # equal NDCG: the worse place first; cat was not asked
    assert ids(order="best") == ["ann", "bob"]
    # fame's shares: ann 2/6; bob cake 0/3, jam 2/6; cat tea .5/1.5, milk .25/2.25, jam 2/6
    assert ids(order="part:fame") == ["ann", "cat", "bob"]
    assert ids(order="cold", having={"city": "Rome"}, text="n") == ["ann"]


def test_what_cannot_be_searched_is_told():
    found = audience(_world())
    assert found.orders == ("cold", "busy", "part:taste", "part:fame")  # nothing was asked
    with pytest.raises(InputError, match=r"There is no user attribute 'age': choose one of city"):
        found.find(having={"age": "9"})
    with pytest.raises(UnknownIdError):
        found.find(having={"city": "Bonn"})
    with pytest.raises(InputError, match="Users cannot be sorted by 'worst': choose one of cold, busy, part:taste"):
        found.find(order="worst")
