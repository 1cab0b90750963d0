from functools import partial

import numpy as np
import pytest

from metarec_core import metrics
from metarec_core.data.split import leave_one_out
from metarec_core.models.content import ContentPart
from metarec_core.models.memory import fit_transition
from metarec_core.models.metarec import TEXT, TRANSITION, MetaRec
from metarec_core.training import new_items
from metarec_core.training.new_items import STRENGTHS, choose_borrowing, play_new, pretending
from metarec_core.training.questions import Questions
from tests.small_world import dataset

ITEMS = [f"i{number}" for number in range(40)]
KINDS = np.arange(40) // 10  # four kinds of ten items
CONTENT = np.vstack([np.zeros(4), np.eye(4)[KINDS]]).astype(np.float32)


@pytest.fixture
def walks():
    """Users who go round the kinds in order, taking any item of each."""
    rng = np.random.default_rng(0)
    events = {
        f"u{user}": [ITEMS[10 * ((user + step) % 4) + int(rng.integers(10))] for step in range(6)] for user in range(80)
    }
    split = leave_one_out(dataset(events, ITEMS))
    counts = np.bincount(split.train.item_numbers, minlength=41)
    model = MetaRec(40, {TRANSITION: fit_transition(split.train)}, {TRANSITION: 1.0}, {TRANSITION: 0.0})
    return model, counts, Questions(split.dataset, split.validation, 10)


def pretend_of(model, counts):
    def no_graph(hidden):
        raise AssertionError("there is no graph part")

    return partial(pretending, model, content=CONTENT, counts=counts, graph_without=no_graph)


def test_a_tenth_of_the_items_that_can_plays_new():
    able = np.repeat([False, True, False], [11, 20, 10])
    hidden = play_new(able, np.random.default_rng(0))
    assert hidden.sum() == 2
    assert not (hidden & ~able).any()


def test_where_items_of_a_kind_stand_for_each_other_new_ones_borrow_and_are_found(walks):
    model, counts, questions = walks
    found = choose_borrowing(pretend_of(model, counts), counts > 0, questions, price=0.03, seed=0)
    assert found.strength > 0
    assert found.found["0"] < 0.1 < found.found[f"{found.strength:g}"]
    assert found.ndcg[f"{found.strength:g}"] >= 0.97 * max(found.ndcg.values())
    assert list(found.ndcg) == [f"{strength:g}" for strength in STRENGTHS]


def test_a_higher_price_lets_new_items_borrow_more(walks):
    model, counts, questions = walks
    strengths = [
        choose_borrowing(pretend_of(model, counts), counts > 0, questions, price=price, seed=0).strength
        for price in (0.0, 0.1, 0.5)
    ]
    assert strengths == sorted(strengths)
    assert strengths[0] < strengths[-1]


def test_what_an_episode_measures_is_what_the_borrowing_model_scores(walks, monkeypatch):
    model, counts, questions = walks
    hidden = play_new(counts > 0, np.random.default_rng(3))
    new = pretend_of(model, counts)(hidden)
    ranks = new_items._ranks(new, questions, hidden)[STRENGTHS.index(1.0)]
    assert metrics.ndcg(ranks, 10).mean() == pytest.approx(questions.ndcg(lambda batch: new.score(batch).total))


def test_of_items_that_play_new_only_content_parts_know_anything(walks):
    model, counts, _ = walks
    text = ContentPart(CONTENT)
    model = MetaRec(40, {**model.parts, TEXT: text}, {TRANSITION: 1.0, TEXT: 1.0}, {TRANSITION: 0.0, TEXT: 0.0})
    hidden = np.zeros(41, dtype=bool)
    hidden[7] = True
    new = pretend_of(model, counts)(hidden)
    assert new.parts[TEXT] is text
    own, borrowed = (part.matrix.toarray()[:, 7] for part in (model.parts[TRANSITION], new.parts[TRANSITION]))
    same_kind = model.parts[TRANSITION].matrix.toarray()[:, [1, 2, 3, 4, 5, 6, 8, 9, 10]]
    np.testing.assert_allclose(borrowed, same_kind.mean(axis=1), rtol=1e-5)
    assert not np.allclose(own, borrowed)
