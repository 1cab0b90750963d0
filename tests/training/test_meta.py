"""A world in which the right answer to "which part?" depends on how long the history is."""

import numpy as np
import pytest
import torch

from metarec_core import metrics
from metarec_core.models.meta import MetaKnowledge
from metarec_core.training import meta
from metarec_core.training.shortlists import Shortlists

N_QUESTIONS, N_CANDIDATES = 1_200, 30
LOG_COUNTS = np.zeros(N_CANDIDATES + 1, dtype=np.float32)


def world(depends_on_length: bool, n_questions: int = N_QUESTIONS, seed: int = 0, sure: bool = True) -> Shortlists:
    """Two parts. One knows the answers of short histories, the other those of long ones, surely or not; or neither does."""
    rng = np.random.default_rng(seed)
    everyone = np.arange(n_questions)
    lengths = rng.choice([2, 40], size=n_questions).astype(np.int32)
    values = rng.random((n_questions, N_CANDIDATES, 2)).astype(np.float32)
    answers = rng.integers(N_CANDIDATES, size=n_questions)
    if depends_on_length:
        known = 1.02 if sure else 0.75 + 0.2 * rng.random(n_questions)
        values[everyone, answers, np.where(lengths == 2, 0, 1)] = known
    order = np.argsort(-values.sum(axis=2), axis=1)
    place = np.argmax(order == answers[:, None], axis=1)
    values = np.take_along_axis(values, order[:, :, None], axis=1)
    items = (order + 1).astype(np.int32)
    last_items = np.ones(n_questions, dtype=np.int32)
    users = np.arange(1, n_questions + 1, dtype=np.int32)
    return Shortlists(values, items, place, place + 1.0, lengths, last_items, users)


def learn(shortlists: Shortlists) -> tuple[MetaKnowledge | None, meta.Verdict]:
    *waiting, last = meta.learn_meta(shortlists, LOG_COUNTS, seed=0)
    assert not any(waiting)
    assert last is not None
    assert last.ndcg.mean() == pytest.approx(last.verdict.fixed + last.verdict.gain)
    return last.knowledge, last.verdict


@pytest.fixture(scope="module")
def learned() -> tuple[MetaKnowledge | None, meta.Verdict]:
    return learn(world(depends_on_length=True))


def test_it_learns_which_part_to_trust_when(learned):
    knowledge, verdict = learned
    assert knowledge is not None
    assert verdict.gain > 0.1
    assert verdict.low > 0
    assert verdict.kept
    lists = world(depends_on_length=True)
    k = knowledge.k(lists.values, lists.items, lists.lengths, lists.last_items)
    short, long = k[lists.lengths == 2].mean(axis=(0, 1)), k[lists.lengths == 40].mean(axis=(0, 1))
    assert short[0] > short[1]  # a short history trusts the part for short ones
    assert long[1] > long[0]


def test_what_is_predicted_is_what_the_networks_say_on_average():
    torch.manual_seed(0)
    networks = [meta._Pairwise(n_features=5, n_parts=3).eval() for _ in range(2)]
    for network in networks:
        torch.nn.init.normal_(network.layers[3].weight)  # else it begins at zero
    features = np.random.default_rng(3).standard_normal((4, 7, 5)).astype(np.float32)
    with torch.inference_mode():
        said = np.mean([network(torch.from_numpy(features)).numpy() for network in networks], axis=0)
    np.testing.assert_allclose(meta._stacked([network.layers for network in networks])(features), said, atol=1e-6)
    assert np.ptp(said) > 0.5


def test_it_begins_with_the_fixed_weights():
    features = torch.randn(2, 4, 6)
    assert not meta._Pairwise(n_features=6, n_parts=3)(features).any()
    assert not meta._Separable(n_user=6, n_item=6, n_parts=3)(features[:, :1], features).any()


def test_what_was_learned_is_kept_and_never_beyond_the_dial(learned):
    knowledge, _ = learned
    again = MetaKnowledge.from_state(knowledge.state())
    values = np.random.default_rng(3).random((4, N_CANDIDATES, 2)).astype(np.float32)
    items = np.tile(np.arange(1, N_CANDIDATES + 1, dtype=np.int32), (4, 1))
    arguments = values, items, np.array([1, 2, 30, 60], dtype=np.int32), np.ones(4, dtype=np.int32)
    assert np.array_equal(again.k(*arguments), knowledge.k(*arguments))
    assert np.abs(knowledge.k(*arguments)).max() <= knowledge.trust


def test_where_nothing_can_be_gained_the_fixed_weights_stay():
    _, verdict = learn(world(depends_on_length=False))
    assert not verdict.kept
    assert verdict.low <= 0


def test_too_few_answers_teach_nothing(monkeypatch):
    monkeypatch.setattr(meta, "FEWEST_ANSWERS", N_QUESTIONS + 1)
    knowledge, verdict = learn(world(depends_on_length=True))
    assert knowledge is None
    assert verdict.answers == N_QUESTIONS


def test_the_yardstick_is_the_fixed_weights_on_all_answers(learned):
    ranks = world(depends_on_length=True).ranks
    assert learned[1].fixed == pytest.approx(metrics.ndcg(ranks, 10).mean())


def test_the_same_seed_learns_the_same(learned):
    again, verdict = learn(world(depends_on_length=True))
    assert verdict == learned[1]
    assert np.array_equal(again.network.out_weights, learned[0].network.out_weights)


def ndcg(knowledge: MetaKnowledge | None, lists: Shortlists) -> float:
    assert knowledge is not None
    k = knowledge.k(lists.values, lists.items, lists.lengths, lists.last_items)
    return float(metrics.ndcg(lists.reranked(k), 10).mean())


def test_who_goes_on_from_elsewhere_is_ahead_of_who_begins_with_few_answers():
    elsewhere, _ = learn(world(depends_on_length=True, sure=False))
    here = world(depends_on_length=True, n_questions=320, seed=1, sure=False)
    judges = world(depends_on_length=True, seed=2, sure=False)
    from_nothing, _ = learn(here)
    *_, adapted = meta.learn_meta(here, LOG_COUNTS, seed=0, start=elsewhere)
    assert ndcg(adapted.knowledge, judges) > ndcg(from_nothing, judges) + 0.03
    assert ndcg(adapted.knowledge, judges) > ndcg(elsewhere, judges)
    assert np.array_equal(adapted.knowledge.mean, elsewhere.mean)


def test_with_too_few_answers_what_came_from_elsewhere_stays_as_it_came(learned):
    elsewhere, _ = learned
    few = world(depends_on_length=True, n_questions=299)
    (only,) = meta.learn_meta(few, LOG_COUNTS + 1, seed=0, start=elsewhere)
    assert only.knowledge.network is elsewhere.network
    assert np.array_equal(only.knowledge.log_counts, LOG_COUNTS + 1)
    (none,) = meta.learn_meta(few, LOG_COUNTS, seed=0)
    assert none.knowledge is None
