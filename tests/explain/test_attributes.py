from dataclasses import replace

import numpy as np
import pytest

from metarec_core.explain.counterfactual import counterfactuals
from metarec_core.explain.explanation import AttributeChange, ItemValue
from metarec_core.models.content import ContentPart
from metarec_core.models.graph import GraphPart
from metarec_core.models.metarec import MetaRec
from metarec_core.models.popularity import Popularity
from tests.small_world import attribute, recommender

HOT, SWEET, ORGANIC = ItemValue("kind", "hot"), ItemValue("kind", "sweet"), ItemValue("label", "organic")
KINDS = attribute("kind", [["hot"], ["hot"], ["sweet"], ["sweet"]])
LABELS = attribute("label", [["organic"], [], [], ["organic"]])
AXES = np.eye(2, dtype=np.float32)
NO_SITUATION = "The situation of the request plays no part in this model."


def at_work(parts, **known):
    """The tea room, its items with kinds; ``known`` overrides what is known of items."""
    plain = recommender()
    weights = dict.fromkeys(parts, 1.0)
    model = MetaRec(4, parts, units=weights, k=dict.fromkeys(parts, 0.0))
    items = plain.items.assign(kind=["hot", "hot", "sweet", "sweet"], label=["organic", "", "", "organic"])
    data = replace(plain.dataset, **({"attributes": {"kind": KINDS}} | known))
    return replace(plain, dataset=data, scorer=model, items=items)


def graph():
    """Hot leads to hot and sweet to sweet; an item is its kind."""
    return GraphPart(np.float32([[0, 0], [1, 0], [1, 0], [0, 1], [0, 1]]), AXES, 0.0, AXES)


def read(title, description, attributes):
    """Two directions, for the words hot and sweet."""
    found = np.float32([word in attributes["kind"].split("|") for word in ("hot", "sweet")])
    return found / max(float(np.linalg.norm(found)), 1.0)


def test_the_value_that_carries_an_item_is_found_and_the_item_falls_without_it():
    # cat had cake, which is sweet: jam is 1, tea and milk are 0. Without sweet, jam is 0 too, and comes last of equals.
    found = counterfactuals(at_work({"graph": graph()}), user_id="cat", item_id="jam", k=1)
    assert found.attributes == AttributeChange((SWEET,), (), rank=3, smallest=True)
    assert found.remarks == (NO_SITUATION,)


def test_the_value_that_would_bring_an_item_in_is_found():
    # bob had milk and tea: cake and jam are 0, cake first. A jam that is hot too is 1 / √2.
    found = counterfactuals(at_work({"graph": graph()}), user_id="bob", item_id="jam", k=1)
    assert found.rank == 2
    assert found.attributes == AttributeChange((), (HOT,), rank=1, smallest=True)


def test_the_text_is_read_again_without_the_value():
    vectors = np.float32([[0, 0], [1, 0], [1, 0], [0, 1], [0, 1]])
    world = at_work({"text": ContentPart(vectors, 0.0)}, attributes={"kind": KINDS, "label": LABELS})
    found = counterfactuals(world, user_id="cat", item_id="jam", k=1, read=read)
    assert found.attributes == AttributeChange((SWEET,), (), rank=3, smallest=True)  # the label says nothing here


def test_two_values_that_carry_an_item_each_alone_both_have_to_go():
    # jam is like cake by its kind, in text and in the graph, and popular enough to win with half of it
    counts = np.float32([0, 0, 0, 0, 0.5])
    sweet = attribute("kind", [["hot"], ["hot"], ["sweet"], ["sweet"]])
    tastes = attribute("taste", [["bitter"], ["bitter"], ["fruity"], ["fruity"]])
    entities = np.float32([[1, 0], [0, 1], [1, 0], [0, 1]])
    world = at_work(
        {"graph": replace(graph(), entities=entities), "popularity": Popularity(counts)},
        attributes={"kind": sweet, "taste": tastes},
    )
    found = counterfactuals(world, user_id="cat", item_id="jam", k=1)
    assert found.attributes is None  # popularity carries it, whatever it is
    assert "It stays in the list whichever of its values are removed: other things keep it there." in found.remarks
    quiet = replace(world.scorer, k={"graph": 0.0, "popularity": -1.0})
    found = counterfactuals(replace(world, scorer=quiet), user_id="cat", item_id="jam", k=1)
    assert found.attributes == AttributeChange((SWEET, ItemValue("taste", "fruity")), (), rank=3, smallest=True)


def test_a_text_that_cannot_be_read_again_as_it_was_is_left_alone_and_said():
    vectors = np.float32([[0, 0], [1, 0], [1, 0], [0, 1], [0, 1]])
    world = at_work({"text": ContentPart(vectors, 0.0)})
    nothing = "No part of this model reads item content in a way that can be run again."
    found = counterfactuals(world, user_id="cat", item_id="jam", k=1)
    assert found.attributes is None
    assert found.remarks[-2:] == (
        "The item's text was left as it is, because what reads it is not available here.",
        nothing,
    )
    found = counterfactuals(world, user_id="cat", item_id="jam", k=1, read=lambda *said: np.float32([1, 0]))
    assert found.remarks[-2:] == (
        "The item's text was left as it is, because what reads it no longer gives the same vector.",
        nothing,
    )


@pytest.mark.parametrize(
    ("parts", "known", "said"),
    [
        ({"graph": graph()}, {"attributes": {}}, "Nothing is known about the item that could be changed."),
        (
            {"graph": replace(graph(), entities=np.zeros((0, 0), np.float32))},
            {},
            "The graph part was left as it is, because this run did not keep its value vectors.",
        ),
    ],
)
def test_where_nothing_can_be_changed_that_is_said(parts, known, said):
    found = counterfactuals(at_work(parts, **known), user_id="cat", item_id="jam", k=1)
    assert found.attributes is None
    assert said in found.remarks


def test_a_simple_model_knows_nothing_of_what_items_are():
    found = counterfactuals(recommender(), user_id="bob", item_id="jam", k=1)
    assert found.attributes is None
    assert found.remarks[-1] == "This model knows items only by their events: their content plays no part."
