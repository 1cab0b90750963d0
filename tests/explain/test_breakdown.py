"""What is said of a part, where that depends on what the model knows of the item."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from metarec_core.data.dataset import Dataset
from metarec_core.data.vocabulary import Vocabulary
from metarec_core.explain.explain import explain_history
from metarec_core.explain.history import history_of
from metarec_core.figures.reasons import carriers_table
from metarec_core.models.content import ContentPart
from metarec_core.models.memory import ItemMemory
from metarec_core.models.meta import MetaKnowledge
from metarec_core.models.metarec import MetaRec
from metarec_core.models.new_items import Lending, nearest
from metarec_core.models.popularity import ContextPopularity, Popularity
from metarec_core.models.separable import Network
from metarec_core.recommend.recommender import Recommender
from metarec_core.review.report import _named
from metarec_core.training.new_items import with_borrowed
from tests.small_world import recommender

STRENGTH = 1.5
NEW = np.array([True, False, False, False, True])
"""Nobody has chosen jam; padding counts as such an item."""


def on_phones() -> Dataset:
    """The tea room, of whose events it is known that bob's last one was made on a phone."""
    contexts = np.array([[0], [0], [0], [0], [1], [0]], dtype=np.int32)
    return replace(recommender().dataset, contexts=contexts, context_vocabularies=(Vocabulary("device", ("phone",)),))


def lending(strength: float = STRENGTH) -> Recommender:
    """Jam is described like cake (cosine 0.8) and like milk (0.6), so it borrows .64 of cake's and .36 of milk's.

    Tea calls for milk (1), milk goes together with cake (2); milk is chosen twice as often on phones.
    """
    calls, together = np.zeros((2, 5, 5), np.float32)
    calls[1, 2], together[2, 3] = 1.0, 2.0
    lifts = np.zeros((2, 5), np.float32)
    lifts[1, 2] = np.log(2)
    text = np.float32([[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0], [0.8, 0.6, 0]])
    counts = np.log1p(np.float32([0, 3, 2, 1, 0]))
    parts = {
        "transition": ItemMemory(sparse.csr_array(calls), 0.5),
        "cooccurrence": ItemMemory(sparse.csr_array(together), 0.5),
        "text": ContentPart(text, 0.5),
        "popularity": Popularity(counts),
        "context": ContextPopularity(lifts, np.array([0])),
    }
    borrowed, known = with_borrowed(parts, counts, nearest(text, NEW), strength)
    features = 4 * len(parts) + 8
    draw = np.random.default_rng(0).normal(size=(features + 1 + len(parts), 4)).astype(np.float32)
    network = Network(draw[None, :features], draw[None, features], draw[None, features + 1 :].mT, np.zeros((1, 5)))
    meta = MetaKnowledge(known, np.zeros(features, np.float32), np.ones(features, np.float32), network, 0.5)
    ones = dict.fromkeys(parts, 1.0)
    model = MetaRec(4, borrowed, units=ones, k=dict.fromkeys(parts, 0.0), meta=meta)
    return replace(recommender(), dataset=on_phones(), scorer=model, lending=Lending(strength, NEW))


def of(item, world=None):
    """Of bob's parts on a phone."""
    world = world or lending()
    history = replace(history_of(world, "bob"), context=np.int32([1]))
    why = explain_history(world, history, user_id="bob", item_id=item, effects=False)
    return {part.name: part for part in why.parts}, why


def test_an_item_without_events_is_said_to_borrow_and_has_no_count_of_its_own():
    parts, why = of("jam")
    known = "The model has no events of it, and borrows from items like it"
    assert parts["popularity"].reason == (
        f"{known} (“Lemon cake” and “Oat milk”): how popular they are counts for it too."
    )  # 0.36 of log 3 is .40, 0.64 of log 2 is .44: cake lends more
    assert parts["popularity"].count is None
    # bob had milk, then tea: only milk is called for by tea, only cake goes together with milk
    assert parts["transition"].reason == f"{known} (“Oat milk”): they are often chosen soon after “Green tea”."
    assert parts["cooccurrence"].reason == f"{known} (“Lemon cake”): they go together with “Oat milk”."
    assert parts["context"].reason == (
        f"{known} (“Oat milk”): how often they are chosen in such a situation counts for it too."
    )
    assert parts["context"].situations == ()
    assert parts["transition"].borrowed_from == ("milk",)
    assert set(carriers_table(why, str)["Because"]) == {""}
    assert {event.others for part in parts.values() for event in part.events} == {None}
    assert {"cake", "milk"} <= _named(why)  # the record has their titles


def test_what_it_borrows_is_what_its_parts_say():
    parts, _ = of("jam")
    plain = {name: part.value - part.correction for name, part in parts.items()}
    # strength 1.5; tea is the last event, milk the one before at half weight
    assert plain["transition"] == pytest.approx(1.5 * 0.36 * 1.0)
    assert plain["cooccurrence"] == pytest.approx(1.5 * 0.64 * 0.5 * 2.0)
    assert plain["popularity"] == pytest.approx(1.5 * (0.64 * np.log(2) + 0.36 * np.log(3)))
    assert plain["context"] == pytest.approx(1.5 * 0.36 * np.log(2))


def test_what_its_events_do_for_meta_knowledge_is_said_of_the_items_like_it():
    parts, _ = of("jam")
    (words,) = {reason.words for part in parts.values() for reason in part.trust if reason.feature == "item_events"}
    assert words == "the model has no events of the item and treats it as being as well known as items like it"


def test_items_with_events_keep_their_own_counts_and_places_among_items_with_events():
    parts, _ = of("cake", lending(strength=20.0))  # jam, with twenty times their mean, would be before everything
    assert parts["popularity"].reason == "It was chosen once overall: rank 3 of 4."
    assert parts["cooccurrence"].reason == "It goes together with “Oat milk” (1 user chose both)."
    assert {part.borrowed_from for part in parts.values()} == {()}


def test_where_nothing_is_lent_an_item_without_events_was_chosen_by_nobody():
    parts, _ = of("jam", lending(strength=0.0))
    assert parts["popularity"].reason == "It was chosen 0 times overall: rank 4 of 4."
    assert parts["transition"].reason == "Nothing in the history supports it."
    assert {part.borrowed_from for part in parts.values()} == {()}
