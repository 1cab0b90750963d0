import numpy as np
import pytest

from metarec_core.data.split import leave_one_out
from metarec_core.training.questions import Questions
from tests.small_world import dataset

EVENTS = {"ann": ["tea", "milk", "jam"], "bob": ["milk", "tea", "jam"], "cat": ["cake", "tea", "milk"]}
# validation asks: ann after tea (milk), bob after milk (tea), cat after cake (tea)


@pytest.fixture
def questions():
    data = dataset(EVENTS)
    return Questions(data, leave_one_out(data).validation, max_history=10)


def fixed(*scores):
    return lambda batch: np.tile(np.float32([9, *scores]), (len(batch), 1))


def test_answers_are_ranked_without_padding_and_seen_items(questions):
    # tea 4, milk 3, cake 2, jam 1. ann has had tea: milk is first. bob has had milk: tea is first. cat: tea is first.
    assert questions.measure(fixed(4, 3, 2, 1)) == {"ndcg@10": 1.0, "hr@10": 1.0}
    # jam 4, cake 3, milk 2, tea 1. ann: milk is third. bob: tea is third. cat has had cake: tea is third.
    assert questions.ndcg(fixed(1, 2, 3, 4)) == pytest.approx(1 / np.log2(4))


def test_a_sample_keeps_the_order_and_never_asks_twice(questions):
    some = questions.sample(2, np.random.default_rng(0))
    assert len(some) == 2
    assert (np.diff(some.queries.events) > 0).all()
    assert set(some.queries.events) < set(questions.queries.events)
    assert questions.sample(3, np.random.default_rng(0)) is questions
