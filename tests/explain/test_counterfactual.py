import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from metarec_core.errors import InputError, UnknownIdError
from metarec_core.explain.counterfactual import counterfactuals
from metarec_core.explain.explanation import Addition, PastEvent
from metarec_core.models.memory import ItemMemory
from metarec_core.training.baselines import Baseline
from tests.explain.planted import TARGET, planted
from tests.small_world import recommender

NO_VALUES = "This model knows items by their events only: what they are plays no part."
NO_SITUATION = "The situation of the request plays no part in this model."


def test_the_one_event_that_carries_an_item_is_found_and_proven_smallest():
    # target 1.5 against the rival's 1: without c3 it has 0.5
    found = counterfactuals(planted({"c3": 1.0, "c5": 0.5}), user_id="eve", item_id=TARGET, k=1)
    assert found.rank == 1
    assert found.removal.events == (PastEvent("c3", "1970-01-01T00:00:03+00:00"),)
    assert found.removal.rank == 2
    assert found.removal.smallest
    assert found.remarks == (NO_SITUATION, NO_VALUES)


def test_several_causes_need_several_removals_oldest_first_and_no_more_than_needed():
    # 0.9 + 0.9 + 0.9 = 2.7: any two have to go, and one is not enough
    found = counterfactuals(planted({"c2": 0.9, "c9": 0.9, "c7": 0.9}), user_id="eve", item_id=TARGET, k=1)
    assert len(found.removal.events) == 2
    assert [event.time for event in found.removal.events] == sorted(event.time for event in found.removal.events)
    assert found.removal.smallest


def test_what_was_not_proven_smallest_is_said():
    # eight causes of 1, and the rival has 4: five have to go; there are too many smaller sets to try
    weights = {f"c{number}": 1.0 for number in range(8)}
    found = counterfactuals(planted(weights, rival=3.5), user_id="eve", item_id=TARGET, k=1)
    assert len(found.removal.events) == 5
    assert not found.removal.smallest
    assert found.remarks[0] == "Every event of the set is needed; whether a smaller set would do was not tried out."


def test_an_item_that_stays_whatever_is_taken_out_is_said_to():
    found = counterfactuals(planted({"c3": 1.0}, rival=-1.0), user_id="eve", item_id=TARGET, k=2)
    assert found.removal is None
    assert found.remarks[0].startswith("It stays in the list whatever is taken out")


def test_an_item_that_the_user_has_had_is_in_no_list():
    found = counterfactuals(planted({}), user_id="eve", item_id="c3")
    assert found.rank is None
    assert found.remarks == ("The user has had this item; it is in no list.",)


def test_where_items_may_come_again_an_item_that_was_had_can_leave_the_list_and_others_can_bring_it_back():
    # the last event calls: tea for milk, milk for tea. bob had milk, then tea, and may get milk again.
    calls = np.zeros((5, 5), np.float32)
    calls[1, 2] = calls[2, 1] = 1.0
    plain = recommender()
    memory = Baseline("transition", 4, ItemMemory(sparse.csr_array(calls), 0.0))
    again = replace(plain, dataset=replace(plain.dataset, repeats=True), scorer=memory)
    found = counterfactuals(again, user_id="bob", item_id="milk", k=1)
    assert found.rank == 1
    assert [event.item_id for event in found.removal.events] == ["tea"]
    found = counterfactuals(again, user_id="bob", item_id="tea", k=1)
    assert found.rank == 2  # an equal of cake and jam, and before them
    assert found.addition == Addition(("milk",), rank=1, enough=True)


def test_where_no_part_names_causes_nothing_is_proposed_to_watch():
    found = counterfactuals(planted({}, rival=5.0), user_id="eve", item_id=TARGET, k=1)
    assert found.addition is None
    assert found.remarks[0] == "No part of this model says which items would call for it."


def test_lists_of_nothing_and_unknown_ids_are_refused():
    with pytest.raises(InputError, match="A list of 0 items cannot be made"):
        counterfactuals(recommender(), user_id="bob", item_id="jam", k=0)
    with pytest.raises(UnknownIdError):
        counterfactuals(recommender(), user_id="bob", item_id="rum")


def test_counterfactuals_are_plain_data():
    found = counterfactuals(planted({"c3": 1.5}), user_id="eve", item_id=TARGET, k=1)
    assert json.loads(json.dumps(found.to_dict()))["removal"]["smallest"] is True
    assert Addition(("c1",), 3, True).enough
