from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from metarec_core.data.vocabulary import Vocabulary
from metarec_core.graph.build import build_graph
from metarec_core.graph.space import item_shares, node_vectors
from tests.small_world import attribute, dataset

#                              tea              milk       cake      jam
KINDS = attribute("kind", [["hot", "drink"], ["drink"], ["sweet"], []])
DATA = replace(
    dataset(attributes={"kind": KINDS}, facts={"made by": attribute("made by", [["Acme"], [], ["Acme"], []])}),
    user_attributes={"town": attribute("town", [["Rome"], ["Rome"], ["Oslo"]])},
    contexts=np.int32([[1], [1], [2], [1], [0], [2]]),
    context_vocabularies=(Vocabulary("device", ("phone", "tablet")),),
    has_clock_times=False,
)
GRAPH = build_graph(DATA)
#          tea, milk, cake of ann; milk, tea of bob; cake of cat: the last counts 1, the one before it a half
HISTORIES = sparse.csr_array(np.float32([[0, 0.25, 0.5, 1, 0], [0, 1, 0.5, 0, 0], [0, 0, 0, 1, 0]]))
SHARES = item_shares(GRAPH, HISTORIES)
#                       padding  tea     milk     cake     jam: nothing is known
ITEMS = np.float32([[0, 0], [1, 0], [0.6, 0.8], [0, 1], [0, 0]])


def shares(key):
    return SHARES[[GRAPH.node(key)]].toarray()[0].tolist()


def lies(*keys):
    return node_vectors(SHARES, ITEMS, np.array([GRAPH.node(key) for key in keys]))


def test_an_item_lies_where_the_model_has_it_and_one_without_anything_known_nowhere():
    assert lies("item:tea", "item:milk", "item:jam") == pytest.approx(ITEMS[[1, 2, 4]])


def test_a_user_lies_at_the_sum_of_the_own_history_the_latest_first():
    assert shares("user:ann") == [0, 0.25, 0.5, 1, 0]
    summed = 0.25 * ITEMS[1] + 0.5 * ITEMS[2] + ITEMS[3]
    assert lies("user:ann")[0] == pytest.approx(summed / np.linalg.norm(summed))


def test_a_value_and_an_entity_are_made_of_the_items_that_have_them():
    assert np.sign(shares("attribute.kind:drink")).tolist() == [0, 1, 1, 0, 0]
    assert np.sign(shares("entity:Acme")).tolist() == [0, 1, 0, 1, 0]
    assert lies("entity:Acme")[0] == pytest.approx([0.5**0.5, 0.5**0.5])


def test_a_context_is_made_of_what_is_chosen_in_it():
    assert shares("context.device:phone") == [0, 1, 2, 0, 0]
    assert shares("context.device:tablet") == [0, 0, 0, 2, 0]


def test_a_users_value_is_made_of_the_users_who_have_it_each_counting_alike():
    rome = np.array(shares("user attribute.town:Rome"))
    ann, bob = HISTORIES.toarray()[:2] / HISTORIES.toarray()[:2].sum(axis=1, keepdims=True)
    assert rome / rome.sum() == pytest.approx((ann + bob) / 2)
    assert lies("user attribute.town:Oslo") == pytest.approx(lies("item:cake"))
