import numpy as np
import pytest

from metarec_core.graph.values import item_values, relation_keys, value_columns
from tests.small_world import attribute, dataset

#              tea            milk            cake             jam
KINDS = attribute("kind", [["hot", "drink"], ["drink"], ["sweet"], ["sweet", "cold"]])
LOG2 = np.log(2)


def test_a_value_weighs_the_log_of_how_rare_it_is_and_one_of_a_single_item_is_dropped():
    values = item_values(dataset(attributes={"kind": KINDS})).toarray()
    # drink and sweet are left, each of two of four items; within one attribute that is all the say there is
    assert values.tolist() == [[0, 0], [1, 0], [1, 0], [0, 1], [0, 1]]
    assert values.dtype == np.float32


def test_a_rare_value_counts_more_than_a_hub():
    kinds = attribute("kind", [["food", "hot"], ["food", "hot"], ["food"], []])
    tea, _, cake, jam = item_values(dataset(attributes={"kind": kinds})).toarray()[1:]
    food, hot = np.log(4 / 3), np.log(4 / 2)
    assert tea == pytest.approx(np.array([food, hot]) / np.hypot(food, hot))
    assert cake.tolist() == [1, 0]
    assert not jam.any()


def test_what_all_items_have_says_nothing():
    kinds = attribute("kind", [["food"], ["food"], ["food"], ["food"]])
    assert item_values(dataset(attributes={"kind": kinds})).shape == (5, 0)


def test_every_attribute_and_every_relation_has_equal_say():
    makers = attribute("maker", [["a", "b", "c"], ["a", "b", "c"], ["d"], ["d"]])
    tea = item_values(dataset(attributes={"kind": KINDS}, facts={"maker": makers})).toarray()[1]
    # kind: drink, sweet; maker: a, b, c, d. Three makers of tea share what one kind has.
    assert tea == pytest.approx(np.array([1, 0, 3**-0.5, 3**-0.5, 3**-0.5, 0]) / np.sqrt(2))


def test_items_without_attributes_and_facts_have_no_values():
    assert item_values(dataset()).shape == (5, 0)


def test_every_column_knows_its_attribute_or_relation_and_its_value():
    makers = attribute("maker", [["a", "b", "c"], ["a", "b", "c"], ["d"], ["d"]])
    places, numbers = value_columns(dataset(attributes={"kind": KINDS}, facts={"maker": makers}))
    assert places.tolist() == [0, 0, 1, 1, 1, 1]
    # of hot, drink, sweet, cold those that two items have
    assert numbers.tolist() == [2, 3, 1, 2, 3, 4]
    assert value_columns(dataset())[0].tolist() == []


def test_what_a_relation_counts_scales_its_share_of_a_row():
    makers = attribute("maker", [["a"], ["a"], ["b"], ["b"]])
    data = dataset(attributes={"kind": KINDS}, facts={"maker": makers})
    places, _ = value_columns(data)
    row = item_values(data, np.float32([1, 2])).toarray()[1]
    assert np.linalg.norm(row[places == 1]) == pytest.approx(2 * np.linalg.norm(row[places == 0]))
    assert not item_values(data, np.float32([1, 0])).toarray()[:, places == 1].any()
    assert relation_keys(data) == ["attribute.kind", "fact.maker"]
