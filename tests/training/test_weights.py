from dataclasses import dataclass, replace

import numpy as np
import pytest

from metarec_core import metrics
from metarec_core.data.split import leave_one_out
from metarec_core.models.metarec import MetaRec
from metarec_core.training.questions import Questions
from metarec_core.training.rivals import Rivals
from metarec_core.training.weights import Candidates, gather, learn_weights, readable, weights_of, without_each, worth
from tests.small_world import dataset

ITEMS = [f"i{number}" for number in range(1, 31)]


@dataclass(frozen=True)
class Written:
    """A part whose scores are written down, by last item of the history."""

    table: np.ndarray

    @property
    def n_items(self):
        return self.table.shape[1] - 1

    def scores(self, batch):
        return self.table[batch.history[np.arange(len(batch)), batch.lengths - 1]]

    def state(self):
        return {}


@pytest.fixture
def world():
    """Users of three items, and parts that know half of the answers each."""
    rng = np.random.default_rng(0)
    events = {f"u{user}": [ITEMS[number] for number in rng.permutation(30)[:3]] for user in range(60)}
    data = dataset(events, ITEMS)
    questions = Questions(data, leave_one_out(data).validation, max_history=10)
    noise = rng.random((2, 31, 31)).astype(np.float32)
    answers = questions.answers()
    for row, (user, answer) in enumerate(zip(questions.queries.user_numbers, answers, strict=True)):
        last = data.events.item_numbers[data.events.offsets[user]]
        noise[row % 2, last, answer] += 1.0
    return questions, {"first": Written(10 * noise[0]), "second": Written(noise[1])}


def model(parts):
    return MetaRec(30, parts, dict.fromkeys(parts, 1.0), dict.fromkeys(parts, 0.0))


def test_ranks_among_candidates_are_those_in_the_whole_catalogue(world):
    questions, parts = world
    candidates = gather(model(parts), questions)
    for weights in ({"first": 1.0, "second": 0.0}, {"first": 0.1, "second": 1.0}):
        whole = questions.ndcg(
            lambda batch, w=weights: sum(w[name] * part.scores(batch) for name, part in parts.items())
        )
        assert candidates.ndcg(weights) == pytest.approx(whole, abs=1e-6)


def test_a_part_counts_in_units_of_its_mean_top_score_among_unseen_items(world):
    questions, parts = world
    learned, _ = learn_weights(model(parts), gather(model(parts), questions))
    tops = []
    for block, batch in questions.blocks(1):
        scores = parts["first"].scores(batch).copy()
        questions.hide_seen(scores, block)
        tops += scores.max(axis=1).tolist()
    assert learned.units["first"] == pytest.approx(1 / np.mean(tops), rel=1e-5)


def test_parts_that_know_different_answers_are_better_together(world):
    questions, parts = world
    learned, measured = learn_weights(model(parts), gather(model(parts), questions))
    assert measured["all"] > max(measured["first"], measured["second"]) + 0.05
    assert questions.ndcg(lambda batch: learned.score(batch).total) == pytest.approx(measured["all"], abs=1e-3)


def test_a_part_that_misleads_is_not_trusted_and_the_most_trusted_part_has_k_zero(world):
    questions, parts = world
    table = np.random.default_rng(1).random((31, 31), dtype=np.float32)
    for user, answer in zip(questions.queries.user_numbers, questions.answers(), strict=True):
        events = questions.dataset.events
        table[events.item_numbers[events.offsets[user]], answer] = -5.0
    three = model({**parts, "third": Written(table)})
    learned, _ = learn_weights(three, gather(three, questions))
    assert learned.k["third"] == -1
    assert max(learned.k.values()) == 0
    assert readable(learned)["third"] == learned.k["third"] + 1


def written_down(*values):
    """One question with what three parts say of its answer, and of twelve other items alike."""
    said = np.array([values[0], *[values[1]] * 12], dtype=np.float32)[None]
    rivals = Rivals.of(("first", "second", "third"), said, np.zeros((1, 13), dtype=bool))
    return Candidates(rivals, np.ones(3), np.int32([1]))


def test_where_parts_stand_in_each_others_way_the_best_part_alone_is_found():
    # the first part alone has the answer first; with both of the others, or with one of them, all twelve items come before it,
    # and no single weight changes that
    candidates = written_down([1, -3, -3], [0, 1, 1])
    parts = dict.fromkeys(candidates.names, Written(np.zeros((2, 14), dtype=np.float32)))
    learned, measured = learn_weights(model(parts), candidates)
    assert candidates.ndcg(dict.fromkeys(parts, 1.0)) == 0
    assert measured == {"all": 1.0, "first": 1.0, "second": 0.0, "third": 0.0}
    assert learned.k == {"first": 0.0, "second": -1.0, "third": -1.0}


def test_an_answer_that_was_seen_counts_nothing():
    data = dataset({"ann": ["i1", "i1", "i2"]}, ITEMS)
    questions = Questions(data, leave_one_out(data).validation, max_history=10)
    flat = model({"flat": Written(np.ones((31, 31), dtype=np.float32))})
    candidates = gather(flat, questions)
    assert candidates.ranks({"flat": 1.0}).tolist() == [np.inf]
    assert metrics.ndcg(candidates.ranks({"flat": 1.0}), 10).tolist() == [0]


def test_what_a_part_adds_is_measured_against_the_others_with_weights_of_their_own(world):
    questions, parts = world
    parts = {**parts, "silent": Written(np.zeros((31, 31), dtype=np.float32))}
    candidates = gather(model(parts), questions)
    whole, _ = learn_weights(model(parts), candidates)
    found = {name: (smaller, worth) for name, smaller, worth in without_each(whole, candidates, whole.part_names)}
    assert list(found) == ["first", "second", "silent"]
    assert found["first"][0].part_names == ("second", "silent")
    assert found["first"][1].gain > 0.2  # it alone knows half of the answers
    assert found["first"][1].low > 0
    assert found["silent"][1].gain == pytest.approx(0, abs=1e-9)


def test_one_part_alone_has_nothing_to_be_compared_with(world):
    questions, parts = world
    alone = model({"first": parts["first"]})
    assert list(without_each(alone, gather(alone, questions), alone.part_names)) == []


def test_a_sample_of_questions_keeps_their_candidates(world):
    questions, parts = world
    candidates = gather(model(parts), questions)
    some = candidates.sample(10)
    weights = {"first": 1.0, "second": 1.0}
    assert some.ranks(weights)[[0, -1]].tolist() == candidates.ranks(weights)[[0, -1]].tolist()
    assert some.of_parts(["second"]).names == ("second",)


def test_what_weights_add_is_as_sure_as_there_are_users(world):
    questions, parts = world
    candidates = gather(model(parts), questions)
    whole, _ = learn_weights(model(parts), candidates)
    simpler = whole.with_k({"first": 0.0, "second": -1.0})
    gain = np.subtract(*(metrics.ndcg(candidates.ranks(weights_of(one)), 10) for one in (whole, simpler)))
    found = worth(whole, simpler, candidates)  # leave one out: one question a user
    assert len(np.unique(candidates.users)) == len(gain) == 60
    assert found.gain == pytest.approx(gain.mean())
    assert found.low == pytest.approx(gain.mean() - 1.96 * gain.std() / np.sqrt(60))
    # the second part has the answers of every other question: were those of one user, and the rest of another, there were two
    # observations
    two = worth(whole, simpler, replace(candidates, users=np.arange(60) % 2))
    assert two.gain == found.gain
    assert two.low < 0 < found.low


def test_whole_and_rest_are_searched_alike(world):
    questions, parts = world
    parts = {**parts, "silent": Written(np.zeros((31, 31), dtype=np.float32))}
    candidates = gather(model(parts), questions)
    poor = model(parts).with_k({"first": -0.9, "second": 0.0, "silent": 0.0})  # far from the best weights
    poor = replace(poor, units=learn_weights(poor, candidates)[0].units)
    ((_, rest, silent),) = without_each(poor, candidates, ["silent"])
    assert candidates.of_parts(rest.part_names).ndcg(weights_of(rest)) > candidates.ndcg(weights_of(poor)) + 0.01
    assert silent.gain == pytest.approx(0, abs=1e-9)  # what better weights gain is no loss by a part that says nothing
