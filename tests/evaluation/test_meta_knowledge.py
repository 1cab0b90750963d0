"""Eight users who chose the same three items, and k that is written down: what it does can be worked out by hand."""

import json
from dataclasses import replace

import numpy as np
import pytest

from metarec_core.data.split import leave_one_out
from metarec_core.errors import InputError
from metarec_core.evaluation.changed_lists import ChangedItem, ChangedUser, changed_lists
from metarec_core.evaluation.lesson import halves, lesson
from metarec_core.evaluation.meta_knowledge import LENGTH, POPULARITY, Look, look
from metarec_core.evaluation.transfer import SHARES, Transfer, require_same_parts, transfer
from metarec_core.models.metarec import MetaRec
from metarec_core.models.popularity import Popularity
from metarec_core.models.separable import Network, SeparableK
from metarec_core.training.questions import Questions
from tests.small_world import dataset

ITEMS = [f"i{number:02}" for number in range(1, 13)]
SPLIT = leave_one_out(dataset({f"u{user}": ["i01", "i02", "i03"] for user in range(8)}, ITEMS))


def always(*k: float) -> Network:
    """A network that says the same of everybody."""
    n = len(k)
    return Network(
        np.zeros((1, 4, 1), np.float32),
        np.zeros((1, 1), np.float32),
        np.zeros((1, 1, n), np.float32),
        np.arctanh(np.float32(k))[None],
    )


def of_items(*k: float) -> Network:
    return replace(always(*k), hidden_weights=np.zeros((1, 3, 1), np.float32))


def model(k: SeparableK | None = None) -> MetaRec:
    """Without k the answer i03 is third of the unseen, behind i04 and i05; a part that "knows" it is trusted too little."""
    knows = Popularity(np.float32([0, 0, 0, 1, 0, 0, *[0] * 7]))
    louder = Popularity(np.float32([0, 0, 0, 0, 1.4, 1.2, *[0] * 7]))
    parts = {"sequence": knows, "popularity": louder}
    return MetaRec(12, parts, units=dict.fromkeys(parts, 1.0), k=dict.fromkeys(parts, 0.0), separable=k)


def trusting() -> SeparableK:
    """Every user's trust in the first part is half again, for every item: 1.5 · 1 of "knows" beats 1.4 of "louder"."""
    return SeparableK(np.zeros(13, np.float32), always(0.5, 0.0), of_items(0.0, 0.0), trust=1.0)


def test_few_shot_curves_set_meta_knowledge_beside_fixed_weights_and_popularity():
    *_, found = look(model(trusting()), SPLIT, max_history=10, draws=50, seed=0)
    assert (found.served, found.learned, found.taught, found.questions) == (True, True, 0, 8)
    assert [shot.known for shot in found.few_shot] == [1, 2, 3, 5, 10, 20]
    shot = found.few_shot[0]
    assert shot.with_k.mean == 1  # rank 1
    assert shot.without.mean == pytest.approx(0.5)  # rank 3: 1 / log2(4)
    assert shot.gain.mean == pytest.approx(0.5)
    # nobody has chosen the answer before: it shares ranks 1 to 10 with all other unseen items
    assert shot.popular.mean == pytest.approx(1 / np.log2(1 + 5.5))


def test_k_is_told_by_how_much_is_known_of_users_and_of_items():
    *_, found = look(model(trusting()), SPLIT, max_history=10, draws=50, seed=0)
    by_length = [point for point in found.k if point.by == LENGTH]
    assert {point.first for point in by_length} == {1, 2}  # of nobody are three events known
    assert {(point.part, round(point.mean, 5), round(point.low, 5)) for point in by_length} == {
        ("sequence", 0.5, 0.5),
        ("popularity", 0.0, 0.0),
    }
    (sequence, popularity) = [point for point in found.k if point.by == POPULARITY]
    assert (sequence.first, sequence.last, sequence.pairs) == (0, 0, 8 * 10)  # all that can be listed has no events yet
    assert (round(sequence.mean, 5), round(popularity.mean, 5)) == (0.5, 0)


def test_a_look_is_kept_as_plain_values():
    *_, found = look(model(trusting()), SPLIT, max_history=10, draws=50, seed=0)
    assert Look.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    assert found.share_done == pytest.approx(7 / 8)


def test_without_enough_answers_there_is_nothing_to_show_but_fixed_weights():
    *_, found = look(model(), SPLIT, max_history=10, draws=50, seed=0)
    assert (found.served, found.learned, found.taught, found.questions) == (False, False, 4, 4)
    assert found.k == ()
    assert all(shot.with_k is None and shot.gain is None for shot in found.few_shot)
    assert found.few_shot[0].without.mean == pytest.approx(0.5)


def test_who_teaches_does_not_judge():
    teaching, judging = halves(Questions(SPLIT.dataset, SPLIT.test, 10), seed=3)
    assert sorted([*teaching.queries.user_numbers, *judging.queries.user_numbers]) == list(range(1, 9))
    assert (
        lesson(model(), SPLIT, 10, seed=3).judged.queries.user_numbers.tolist() == judging.queries.user_numbers.tolist()
    )


def test_the_users_and_items_whose_lists_changed_are_named():
    # 14 items and lists of ten: everybody has seen three, so one of eleven is left out, the last, i14, of equals.
    items = [f"i{number:02}" for number in range(1, 15)]
    split = leave_one_out(dataset({f"u{user}": ["i01", "i02", "i03"] for user in range(2)}, items))
    rising = Popularity(np.float32([0, *np.linspace(2, 1, 13), 0.9]))
    hidden = Popularity(np.float32([*[0] * 14, 1]))
    parts = {"sequence": rising, "text": hidden}
    fixed = MetaRec(14, parts, units=dict.fromkeys(parts, 1.0), k={"sequence": 0.0, "text": -0.99})
    k = SeparableK(np.zeros(15, np.float32), always(-0.9, 0.0), of_items(0.0, 0.0), trust=1.0)
    louder = replace(fixed, k={"sequence": 0.0, "text": -0.5}, separable=k)
    found = changed_lists(fixed, louder, split, max_history=10, seed=0)
    assert (found.lists, found.unchanged) == (2, 0)
    assert found.users == (ChangedUser("u0", 3, 1, "i14"), ChangedUser("u1", 3, 1, "i14"))
    assert found.items == (ChangedItem("i13", 0, 0, 2), ChangedItem("i14", 0, 2, 0))


def test_transferred_k_is_judged_by_all_test_answers_of_the_target():
    there, here = model(trusting()), model()
    *_, found = transfer((there, SPLIT, 10), (here, SPLIT, 10), draws=50, seed=0)
    assert (found.served, found.questions, found.users) == (True, 8, 8)
    assert (found.fixed.mean, found.moved.mean) == (pytest.approx(0.5), 1)
    assert found.gain.mean == pytest.approx(0.5)
    assert found.accepted
    # eight answers teach nothing: the fixed weights stay, and so does what came from elsewhere
    assert [(taught.answers, taught.learned, taught.gain.mean) for taught in found.curve] == [
        (1, False, 0),
        (1, False, 0),
        (1, False, 0),
        (2, False, 0),
        (4, False, 0),
    ]
    assert [(taught.learned, taught.gain.mean) for taught in found.adapted] == [(False, pytest.approx(0.5))] * 5
    assert len(found.curve) == len(found.adapted) == len(SHARES)
    assert found.share_done == 1
    assert Transfer.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_what_makes_lists_worse_is_refused():
    doubting = replace(trusting(), users=always(-0.5, 0.0))
    *_, found = transfer((model(doubting), SPLIT, 10), (model(), SPLIT, 10), draws=50, seed=0)
    assert found.gain.mean <= 0
    assert not found.accepted


def test_runs_of_other_parts_and_runs_without_anything_to_give_are_refused():
    other = MetaRec(12, {"text": Popularity(np.zeros(13, np.float32))}, units={"text": 1.0}, k={"text": 0.0})
    with pytest.raises(InputError, match=r"the other run lacks sequence, popularity and also has text\. Train both"):
        require_same_parts(model(), other)
    with pytest.raises(InputError, match="too few test answers to learn it now: choose another run"):
        next(transfer((model(), SPLIT, 10), (model(), SPLIT, 10), draws=50, seed=0))
