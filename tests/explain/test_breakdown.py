"""What is said of a part, where that depends on what the model knows of the item."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from metarec_core.data.dataset import Dataset
from metarec_core.data.vocabulary import Vocabulary
from metarec_core.explain.explain import explain, explain_history
from metarec_core.explain.explanation import Situation
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
from tests.small_world import dataset, recommender

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


def test_a_situation_says_how_much_more_often_the_item_is_chosen_in_it():
    parts, _ = of("milk")  # log 2 on phones
    assert parts["context"].situations == (Situation("device", "phone", pytest.approx(2.0)),)
    assert parts["context"].reason == "With device phone it is chosen 2.00 times as often as overall."
    unknown = explain(lending(), user_id="bob", item_id="milk", effects=False)  # as the next request is, by itself
    (context,) = (part for part in unknown.parts if part.name == "context")
    assert (context.situations, context.reason) == ((), "The situation of the request is unknown.")


def made_by(name, histories, calls):
    """``eve`` and what others did, with a memory in which some items call for others."""
    items = ["camp", "tent", "lamp", "rope"]
    matrix = np.zeros((5, 5), np.float32)
    for one, other in calls:
        matrix[1 + items.index(one), 1 + items.index(other)] = 1.0
    scorer = MetaRec(4, {name: ItemMemory(sparse.csr_array(matrix), 1.0)}, units={name: 1.0}, k={name: 0.0})
    table = pd.DataFrame({"item_id": items, "title": [item.capitalize() for item in items]})
    data = dataset({"eve": ["tent", "lamp"], **histories}, items)
    world = Recommender(data, scorer, table, max_history=20)
    (part,) = explain(world, user_id="eve", item_id="camp", effects=False).parts
    return part


def test_transition_counts_the_users_who_made_the_step_soon_and_in_this_order():
    part = made_by(
        "transition",
        {
            "soon": ["tent", "camp"],
            "twice": ["tent", "camp", "tent", "camp"],  # one user all the same
            "later": ["tent", *["rope"] * 9, "camp"],  # the tenth event after it
            "too late": ["tent", *["rope"] * 10, "camp"],
            "before": ["camp", "tent"],
            "next": ["camp"],  # after somebody else's tent
        },
        [("tent", "camp"), ("lamp", "camp")],
    )
    assert {event.item_id: event.others for event in part.events} == {"tent": 3, "lamp": 0}
    assert part.reason == "It is often chosen soon after “Tent” (3 users made this step) and “Lamp”."


def test_cooccurrence_counts_the_users_who_chose_both_in_any_order():
    part = made_by(
        "cooccurrence",
        {"one": ["camp", "rope", "tent"], "two": ["tent", "camp"], "only": ["camp"], "too": ["lamp", "camp", "lamp"]},
        [("tent", "camp"), ("lamp", "camp")],
    )
    assert {event.item_id: event.others for event in part.events} == {"tent": 2, "lamp": 1}
    assert part.reason == "It goes together with “Tent” (2 users chose both) and “Lamp” (1 user chose both)."


def test_text_names_the_rare_words_that_items_share():
    titles = ["Submarine in the deep", "A submarine at night", "The deep forest"] + [f"Story {n}" for n in range(97)]
    titles[50:] = [f"Night story {n}" for n in range(50)]  # night is in half of the titles and says nothing
    items = [f"i{number}" for number in range(100)]
    vectors = np.zeros((101, 2), np.float32)
    vectors[1:3], vectors[3] = [1, 0], [0.6, 0.8]
    model = MetaRec(100, {"text": ContentPart(vectors, 1.0)}, units={"text": 1.0}, k={"text": 0.0})
    table = pd.DataFrame({"item_id": items, "title": titles})
    world = Recommender(dataset({"eve": ["i1", "i2"]}, items), model, table, max_history=20)
    (part,) = explain(world, user_id="eve", item_id="i0", effects=False).parts
    assert {event.item_id: event.shared for event in part.events} == {"i1": ("word: submarine",), "i2": ("word: deep",)}
    assert part.reason == (
        "Its description resembles that of “A submarine at night” (word: submarine) and “The deep forest” (word: deep)."
    )
