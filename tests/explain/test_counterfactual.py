import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from metarec_core.data.vocabulary import Vocabulary
from metarec_core.errors import InputError, UnknownIdError
from metarec_core.explain.counterfactual import counterfactuals
from metarec_core.explain.explanation import Addition, ContextChange, PastEvent
from metarec_core.models.memory import ItemMemory
from metarec_core.models.metarec import MetaRec
from metarec_core.models.popularity import ContextPopularity, Popularity
from metarec_core.recommend.recommender import Recommender
from metarec_core.recommend.what_if import scenario_of, what_if
from metarec_core.training.baselines import Baseline
from tests.explain.planted import TARGET, planted
from tests.small_world import dataset, recommender

NO_VALUES = "This model knows items only by their events: their content plays no part."
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
    assert found.remarks[0] == "Every event in the set is needed; whether a smaller set would do was not tested."


def test_an_item_that_stays_whatever_is_taken_out_is_said_to():
    found = counterfactuals(planted({"c3": 1.0}, rival=-1.0), user_id="eve", item_id=TARGET, k=2)
    assert found.removal is None
    assert found.remarks[0].startswith("It stays in the list whatever is removed")


def test_an_item_that_the_user_has_had_is_in_no_list():
    found = counterfactuals(planted({}), user_id="eve", item_id="c3")
    assert found.rank is None
    assert found.remarks == ("The user already had this item, so it is in no list.",)


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


def following(calls):
    """``ned``, who has had the spare item, and a model in which some items call for others, all events counting alike.

    Args:
        calls: By the item that calls: what for, and how much.
    """
    items = ["a", "b", "rival", "target", "other", "spare"]
    matrix = np.zeros((7, 7), np.float32)
    for item, called in calls.items():
        for other, weight in called.items():
            matrix[1 + items.index(item), 1 + items.index(other)] = weight
    table = pd.DataFrame({"item_id": items, "title": items})
    memory = Baseline("transition", 6, ItemMemory(sparse.csr_array(matrix), 1.0))
    return Recommender(dataset({"ned": ["spare"]}, items), memory, table, max_history=10)


def rank_at_the_desk(world, scenario, item):
    """Where the what-if desk, which scores anew, has an item."""
    return what_if(world, scenario, k=10).frame.set_index("item_id")["rank"][item]


def test_the_items_after_which_an_item_comes_into_the_list_are_found_one_after_the_other():
    # the rival has 1, and the target .6 after either of a and b: both have to be chosen
    world = following({"spare": {"rival": 1.0}, "a": {"target": 0.6}, "b": {"target": 0.6}})
    found = counterfactuals(world, user_id="ned", item_id="target", k=1)
    assert (found.rank, found.removal) == (4, None)
    assert found.addition == Addition(("a", "b"), rank=1, enough=True)
    desk = scenario_of(world, "ned")
    assert rank_at_the_desk(world, desk.followed_by("a"), "target") == 2
    assert rank_at_the_desk(world, desk.followed_by("a").followed_by("b"), "target") == 1


def test_as_far_as_the_search_came_is_told_where_that_is_not_far_enough():
    world = following({"spare": {"rival": 5.0}, "a": {"target": 0.6}, "b": {"target": 0.6}})
    found = counterfactuals(world, user_id="ned", item_id="target", k=1)
    assert found.addition == Addition(("a",), rank=2, enough=False)  # b after it does not lift it further
    assert found.remarks[0] == "Even after the best item tried it is not in the list."


def test_what_lowers_an_item_is_not_proposed_to_watch():
    # second as things are; a would lift the other past it, and b the rival only
    world = following(
        {
            "spare": {"rival": 1.0, "target": 0.2},
            "a": {"target": 0.1, "other": 0.5},
            "b": {"target": 0.1, "rival": 1.0},
        }
    )
    assert rank_at_the_desk(world, scenario_of(world, "ned").followed_by("a"), "target") == 3
    found = counterfactuals(world, user_id="ned", item_id="target", k=1)
    assert (found.rank, found.addition) == (2, None)
    assert found.remarks[0] == "None of the items tried moves it up."


def in_situations(devices=("phone", "tablet"), k=0.0):
    """The tea room, where fame decides, and jam is chosen far more often on phones, cake far less on tablets."""
    plain = recommender()
    lifts = np.zeros((1 + len(devices), 5), np.float32)
    if len(devices) > 1:
        lifts[1, 4], lifts[2, 3] = 5.0, -4.0
    parts = {
        "popularity": Popularity(np.float32([0, 0, 0, 3, 1])),
        "context": ContextPopularity(lifts, np.array([0])),
    }
    model = MetaRec(4, parts, units=dict.fromkeys(parts, 1.0), k={"popularity": 0.0, "context": k})
    data = replace(
        plain.dataset,
        contexts=np.zeros((6, 1), np.int32),
        context_vocabularies=(Vocabulary("device", devices),),
    )
    return replace(plain, dataset=data, scorer=model)


def test_the_situation_that_takes_an_item_across_the_end_of_the_list_is_found():
    # bob may get cake (3) and jam (1): on a phone jam has 6, on a tablet cake has -1
    world = in_situations()
    into = counterfactuals(world, user_id="bob", item_id="jam", k=1)
    assert (into.rank, into.context) == (2, ContextChange("device", "phone", rank=1))
    out = counterfactuals(world, user_id="bob", item_id="cake", k=1)
    assert (out.rank, out.context) == (1, ContextChange("device", "phone", rank=2))
    desk = scenario_of(world, "bob").in_context("device", "phone")
    assert [rank_at_the_desk(world, desk, item) for item in ("jam", "cake")] == [1, 2]


def test_where_no_situation_that_was_tried_is_enough_that_is_all_that_is_said():
    deaf = in_situations(k=-1.0)  # the part counts nothing
    tried = "No other single value of the situation that was tried {} the list."
    assert tried.format("removes it from") in counterfactuals(deaf, user_id="bob", item_id="cake", k=1).remarks
    assert tried.format("brings it into") in counterfactuals(deaf, user_id="bob", item_id="jam", k=1).remarks
    none = counterfactuals(in_situations(devices=()), user_id="bob", item_id="cake", k=1)
    assert "There is no other situation to try." in none.remarks


def test_where_no_part_names_causes_nothing_is_proposed_to_watch():
    found = counterfactuals(planted({}, rival=5.0), user_id="eve", item_id=TARGET, k=1)
    assert found.addition is None
    assert found.remarks[0] == "No part of this model says which items would lead to it."


def test_lists_of_nothing_and_unknown_ids_are_refused():
    with pytest.raises(InputError, match="A list of 0 items is not possible"):
        counterfactuals(recommender(), user_id="bob", item_id="jam", k=0)
    with pytest.raises(UnknownIdError):
        counterfactuals(recommender(), user_id="bob", item_id="rum")


def test_counterfactuals_are_plain_data():
    found = counterfactuals(planted({"c3": 1.5}), user_id="eve", item_id=TARGET, k=1)
    removal = {"events": [{"item_id": "c3", "time": "1970-01-01T00:00:03+00:00"}], "rank": 2, "smallest": True}
    assert json.loads(json.dumps(found.to_dict())) == {
        "user_id": "eve",
        "item_id": TARGET,
        "k": 1,
        "rank": 1,
        "removal": removal,
        "context": None,
        "addition": None,
        "attributes": None,
        "remarks": [NO_SITUATION, NO_VALUES],
    }
