from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from metarec_core.data.dataset import Attribute
from metarec_core.data.vocabulary import Vocabulary
from metarec_core.errors import InputError
from metarec_core.models.batch import user_batch
from metarec_core.models.content import ContentPart, side_by_side
from metarec_core.models.graph import GraphPart
from metarec_core.models.memory import ItemMemory
from metarec_core.models.metarec import MetaRec
from metarec_core.models.new_items import Lending, nearest
from metarec_core.models.popularity import Popularity
from metarec_core.recommend.new_item import Draft, new_item
from metarec_core.recommend.recommender import Recommender
from metarec_core.training.new_items import with_borrowed
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
    assert found.remarks == (
        "It has no events, and this run had no new items from which to learn how much to borrow: what follows, "
        "what goes together and popularity are zero for it.",
    )
    assert len(found.lenders) == 0


def _lending(strength: float) -> Recommender:
    """The same, where milk calls for tea, popularity counts, and jam is new: 1.5 times what its lenders have is its own."""
    plain = _model()
    calls = np.zeros((5, 5), np.float32)
    calls[2, 1] = 1.0
    popularity = Popularity(np.float32([0, 3, 1, 2, 0]))
    parts = {**plain.scorer.parts, "transition": ItemMemory(sparse.csr_array(calls), 0.5), "popularity": popularity}
    weights = dict.fromkeys(parts, 1.0)
    scorer = MetaRec(4, parts, units=weights, k=dict.fromkeys(parts, 0.0))
    return replace(plain, scorer=scorer, lending=Lending(strength, np.array([True, False, False, False, True])))


def test_a_new_item_borrows_from_the_items_most_like_it_as_much_as_the_run_found():
    run = _lending(1.5)
    found = new_item(run, Draft("Hot tea", attributes={"kind": ("hot",)}), lambda *said: np.float32([1, 0]))
    # in words and kind together, its cosine with tea is 1, with milk 0.5, with cake 0: squared 1 and 0.25 of 1.25
    assert found.lenders.item_id.tolist() == ["tea", "milk"]
    assert found.lenders.share.tolist() == pytest.approx([0.8, 0.2])
    users = found.users.set_index("user_id")
    # bob had milk, then tea: milk, at half weight, calls for tea; 1.5 x 0.8 of that
    assert users.part_transition["bob"] == pytest.approx(0.5 * 1.5 * 0.8)
    assert users.part_popularity.to_numpy() == pytest.approx(1.5 * (0.8 * 3 + 0.2 * 1))
    parts = users.filter(like="part_").sum(axis=1)
    assert users.score.to_numpy() == pytest.approx(parts.to_numpy())
    assert found.remarks == (
        "It has no events: for what follows, what goes together and popularity, it borrows from the 2 items most similar "
        "to it, 1.5 times their mean, as this run's own new items do.",
    )


def test_it_is_scored_as_if_it_had_been_in_the_catalogue():
    run = _lending(1.5)
    vectors = run.scorer.parts["text"].vectors, run.scorer.parts["graph"].vectors
    lenders = nearest(side_by_side(4, vectors), run.lending.new)
    parts, _ = with_borrowed(run.scorer.parts, np.zeros(5, np.float32), lenders, 1.5)
    own = replace(run.scorer, parts=parts).score(user_batch(run.dataset, np.int32([1, 2, 3]), 10)).parts
    found = new_item(run, Draft("Plum jam", attributes={"kind": ("sweet",)}), lambda *said: np.float32([0, 1]))
    users = found.users.set_index("user_id").loc[["ann", "bob", "cat"]]
    for name in own:  # jam is such an item, of the catalogue
        assert users[f"part_{name}"].to_numpy() == pytest.approx(own[name][:, 4], abs=1e-6)


def test_where_nothing_is_borrowed_it_says_why():
    read = [np.float32([1, 0])]
    free = new_item(_lending(0.0), Draft("Tea"), lambda *said: read[0])
    assert "in this run borrowing from other items cost too much" in free.remarks[-1]
    unlike = new_item(_lending(1.5), Draft("Rum"), lambda *said: 0 * read[0])
    assert "no item is similar enough to borrow from" in unlike.remarks[-1]
    assert set(unlike.users.part_popularity) == {0.0}


def test_it_lies_beside_items_with_the_same_words_and_values():
    found = new_item(_model(), Draft("", attributes={"kind": ("sweet",)}), lambda *said: np.float32([0, 1]))
    by_graph = found.neighbours[found.neighbours["by"] == "graph"]
    assert by_graph.item_id.tolist()[:2] == ["cake", "jam"]
    assert by_graph.similarity.tolist()[:2] == pytest.approx([1.0, 1.0])
    assert found.neighbours[found.neighbours["by"] == "text"].item_id.tolist()[:3] == ["milk", "cake", "jam"]


def test_what_is_not_known_of_it_is_said():
    found = new_item(_model(), Draft("Rum", attributes={"kind": ("strong",)}), lambda *said: np.zeros(2, np.float32))
    assert found.remarks[:3] == (
        "No other item has kind: strong: a new value links to nothing.",
        "Its text has nothing in common with the texts of other items.",
        "It shares no value with other items, so the knowledge graph says nothing about it.",
    )
    assert len(found.neighbours) == 0
    kept_no_values = _model()
    parts = {
        **kept_no_values.scorer.parts,
        "graph": replace(kept_no_values.scorer.parts["graph"], entities=np.zeros((0, 0))),
    }
    older = replace(kept_no_values, scorer=replace(kept_no_values.scorer, parts=parts))
    assert "did not keep its value vectors" in new_item(older, Draft("Tea")).remarks[0]


def test_what_cannot_be_a_new_item_is_refused():
    with pytest.raises(
        InputError, match="Nothing is known about the new item: give it a title, a description or attributes"
    ):
        new_item(_model(), Draft("  "))
    with pytest.raises(InputError, match=r"There is no item attribute 'colour': choose one of kind"):
        new_item(_model(), Draft("Tea", attributes={"colour": ("red",)}))
    with pytest.raises(InputError, match="This model knows items only by their events"):
        new_item(recommender(), Draft("Tea"))
