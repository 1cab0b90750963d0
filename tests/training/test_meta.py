"""A world in which the right answer to "which part?" depends on how long the history is."""

import numpy as np
import pytest

from metarec_core import metrics
from metarec_core.models.meta import MetaKnowledge
from metarec_core.training import meta
from metarec_core.training.weights import Candidates

N_QUESTIONS, N_CANDIDATES = 1_200, 30
LOG_COUNTS = np.zeros(N_CANDIDATES + 1, dtype=np.float32)


def world(depends_on_length: bool) -> Candidates:
    """Two parts. One knows the answers of short histories, the other those of long ones; or neither knows any."""
    rng = np.random.default_rng(0)
    lengths = rng.choice([2, 40], size=N_QUESTIONS).astype(np.int32)
    values = rng.random((N_QUESTIONS, N_CANDIDATES, 2)).astype(np.float32)
    if depends_on_length:
        values[np.arange(N_QUESTIONS), 0, np.where(lengths == 2, 0, 1)] = 1.02
    items = np.tile(np.arange(1, N_CANDIDATES + 1, dtype=np.int32), (N_QUESTIONS, 1))
    answers = rng.integers(1, N_CANDIDATES + 1, size=N_QUESTIONS).astype(np.int32)
    items[np.arange(N_QUESTIONS), answers - 1] = 1
    items[:, 0] = answers
    hidden = np.zeros(items.shape, dtype=bool)
    last = np.ones(N_QUESTIONS, dtype=np.int32)
    return Candidates(("short", "long"), items, values, hidden, np.ones(2), lengths, last)


def learn(candidates: Candidates) -> tuple[MetaKnowledge | None, meta.Verdict]:
    *waiting, last = meta.learn_meta(candidates, LOG_COUNTS, seed=0)
    assert not any(waiting)
    assert last is not None
    return last


@pytest.fixture(scope="module")
def learned() -> tuple[MetaKnowledge | None, meta.Verdict]:
    return learn(world(depends_on_length=True))


def test_it_learns_which_part_to_trust_when(learned):
    knowledge, verdict = learned
    assert knowledge is not None
    assert verdict.gain > 0.1
    assert verdict.low > 0
    values = np.full((2, N_CANDIDATES, 2), 0.5, dtype=np.float32)
    items = np.tile(np.arange(1, N_CANDIDATES + 1, dtype=np.int32), (2, 1))
    k = knowledge.k(values, items, np.array([2, 40], dtype=np.int32), np.ones(2, dtype=np.int32)).mean(axis=1)
    assert k[0, 0] > k[0, 1]  # a short history trusts the part for short ones
    assert k[1, 1] > k[1, 0]


def test_what_is_predicted_is_what_the_networks_say(learned):
    knowledge, _ = learned
    again = MetaKnowledge.from_state(knowledge.state())
    values = np.random.default_rng(3).random((4, N_CANDIDATES, 2)).astype(np.float32)
    items = np.tile(np.arange(1, N_CANDIDATES + 1, dtype=np.int32), (4, 1))
    arguments = values, items, np.array([1, 2, 30, 60], dtype=np.int32), np.ones(4, dtype=np.int32)
    assert np.array_equal(again.k(*arguments), knowledge.k(*arguments))
    assert np.abs(knowledge.k(*arguments)).max() <= knowledge.trust


def test_where_nothing_can_be_gained_the_fixed_weights_stay():
    knowledge, verdict = learn(world(depends_on_length=False))
    assert knowledge is None
    assert verdict.trust == 0
    assert verdict.low <= 0


def test_too_few_answers_teach_nothing(monkeypatch):
    monkeypatch.setattr(meta, "FEWEST_ANSWERS", N_QUESTIONS + 1)
    knowledge, verdict = learn(world(depends_on_length=True))
    assert knowledge is None
    assert verdict.answers == N_QUESTIONS


def test_the_yardstick_is_the_fixed_weights_on_all_answers(learned):
    candidates = world(depends_on_length=True)
    ranks = candidates.ranks({"short": 1.0, "long": 1.0})
    assert learned[1].fixed == pytest.approx(metrics.ndcg(ranks, 10).mean())


def test_the_same_seed_learns_the_same(learned):
    again, verdict = learn(world(depends_on_length=True))
    assert verdict == learned[1]
    assert np.array_equal(again.out_weights, learned[0].out_weights)
