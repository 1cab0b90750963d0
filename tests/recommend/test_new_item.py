from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from metarec_core.data.dataset import Attribute
from metarec_core.data.vocabulary import Vocabulary
from metarec_core.errors import InputError
from metarec_core.models.content import ContentPart
from metarec_core.models.graph import GraphPart
from metarec_core.models.memory import ItemMemory
from metarec_core.models.metarec import MetaRec
from metarec_core.recommend.new_item import Draft, new_item
from metarec_core.recommend.recommender import Recommender
from tests.small_world import recommender

KINDS = Attribute(Vocabulary("kind", ["hot", "sweet"]), np.array([0, 0, 1, 2, 3, 4]), np.int32([1, 1, 2, 2]))
"""Tea and milk are hot, cake and jam sweet."""


def _model() -> Recommender:
    calls = np.zeros((5, 5), np.float32)
    calls[1, 3] = 1.0
    vectors = np.float32([[0, 0], [1, 0], [0, 1], [0, 1], [0, 1]])
    kinds = np.float32([[0, 0], [1, 0], [1, 0], [0, 1], [0, 1]])
    parts = {
        "transition": ItemMemory(sparse.csr_array(calls), 0.5),
        "text": ContentPart(vectors, 0.0),
        "graph": GraphPart(kinds, np.eye(2, dtype=np.float32), 0.0, np.eye(2, dtype=np.float32)),
    }
    weights = dict.fromkeys(parts, 1.0)
    model = MetaRec(4, parts, units=weights, k=dict.fromkeys(parts, 0.0))
    plain = recommender()
    return replace(plain, dataset=replace(plain.dataset, attributes={"kind": KINDS}), scorer=model)


def test_a_new_item_goes_to_those_whose_last_item_is_like_it_and_its_parts_add_up():
    read = [[1.0, 0.0]]
    found = new_item(_model(), Draft("Hot tea", attributes={"kind": ("hot",)}), lambda *said: np.float32(read[0]))
    users = found.users.set_index("user_id")
    # bob ended with tea: alike in words and hot; what the item has no events for says nothing
    assert users.part_text["bob"] == pytest.approx(1.0)
    assert users.part_graph["bob"] == pytest.approx(1.0)
    assert set(users.part_transition) == {0.0}
    assert users.score["bob"] == pytest.approx(2.0)
    assert users["rank"]["bob"] == 1
    assert found.users.user_id.iloc[0] == "bob"
    assert found.n_users == 3
    assert found.remarks == ("It has no events: what follows, goes together or is popular is zero for it.",)


def test_it_lies_beside_items_with_the_same_words_and_values():
    found = new_item(_model(), Draft("", attributes={"kind": ("sweet",)}), lambda *said: np.float32([0, 1]))
    by_graph = found.neighbours[found.neighbours["by"] == "graph"]
    assert by_graph.item_id.tolist()[:2] == ["cake", "jam"]
    assert by_graph.similarity.tolist()[:2] == pytest.approx([1.0, 1.0])
    assert found.neighbours[found.neighbours["by"] == "text"].item_id.tolist()[:3] == ["milk", "cake", "jam"]


def test_what_is_not_known_of_it_is_said():
    found = new_item(_model(), Draft("Rum", attributes={"kind": ("strong",)}), lambda *said: np.zeros(2, np.float32))
    assert found.remarks[:3] == (
        "No other item has kind: strong: what is new links to nothing.",
        "Its text has nothing that other items' texts have.",
        "It shares no value with other items, so the knowledge graph says nothing of it.",
    )
    assert len(found.neighbours) == 0
    kept_no_values = _model()
    parts = {
        **kept_no_values.scorer.parts,
        "graph": replace(kept_no_values.scorer.parts["graph"], entities=np.zeros((0, 0))),
    }
    older = replace(kept_no_values, scorer=replace(kept_no_values.scorer, parts=parts))
    assert "did not keep its vectors of values" in new_item(older, Draft("Tea")).remarks[0]


def test_what_cannot_be_a_new_item_is_refused():
    with pytest.raises(
        InputError, match="Nothing is said of the new item: give it a title, a description or attributes"
    ):
        new_item(_model(), Draft("  "))
    with pytest.raises(InputError, match=r"Items have no attribute 'colour': choose one of those there are \(kind\)"):
        new_item(_model(), Draft("Tea", attributes={"colour": ("red",)}))
    with pytest.raises(InputError, match="This model knows items by their events only"):
        new_item(recommender(), Draft("Tea"))
