import numpy as np
import pytest

from metarec_core.data.split import leave_one_out
from metarec_core.models.memory import fit_transition
from metarec_core.models.metarec import TRANSITION, MetaRec
from metarec_core.training.episodes import FEW_EVENTS, users_play_new
from metarec_core.training.questions import Questions
from tests.small_world import dataset

ITEMS = [f"i{number}" for number in range(12)]
LOG_COUNTS = np.log1p(np.arange(13, dtype=np.float32))


@pytest.fixture
def world():
    """Eighty users with ten of twelve items each, in any order."""
    rng = np.random.default_rng(0)
    split = leave_one_out(dataset({f"u{user}": list(rng.permutation(ITEMS)[:10]) for user in range(80)}, ITEMS))
    model = MetaRec(12, {TRANSITION: fit_transition(split.train)}, {TRANSITION: 1.0}, {TRANSITION: 0.0})
    return model, Questions(split.dataset, split.validation, 10)


def test_users_who_play_new_are_asked_about_with_their_last_events_only(world):
    model, questions = world
    episodes = list(users_play_new(model, questions, LOG_COUNTS, seed=0))
    assert [set(episode.shortlists.lengths.tolist()) for episode in episodes] == [{n} for n in FEW_EVENTS]
    assert [len(episode.shortlists.users) for episode in episodes] == [10] * len(FEW_EVENTS)
    answers = dict(zip(questions.queries.user_numbers.tolist(), questions.answers().tolist(), strict=True))
    ends = dict(zip(questions.queries.user_numbers.tolist(), questions.queries.history_ends.tolist(), strict=True))
    events = questions.dataset.events
    for lists in (episode.shortlists for episode in episodes):
        for user, listed, place in zip(lists.users.tolist(), lists.items, lists.place, strict=True):
            # eight of the twelve items are known to be seen, though only some are shown: none of them is listed
            seen = set(events.item_numbers[events.offsets[user] : ends[user]].tolist())
            assert len(seen) == 8
            assert set(listed.tolist()) - {0} == set(range(1, 13)) - seen
            assert listed[place] == answers[user]


def test_an_answer_that_would_not_be_listed_has_no_place(world, monkeypatch):
    monkeypatch.setattr("metarec_core.models.metarec.SHORTLIST", 2)  # of four that could be
    model, questions = world
    for lists in (episode.shortlists for episode in users_play_new(model, questions, LOG_COUNTS, seed=0)):
        assert lists.items.shape[1] == 2
        assert (lists.place < 0).any()
        assert np.array_equal(lists.place < 0, lists.ranks > 2)


def test_users_of_whom_no_more_is_known_do_not_play(world):
    _, questions = world
    short = Questions(questions.dataset, questions.queries, 10)
    assert len(short.longer_than(7)) == 80
    assert len(short.longer_than(8)) == 0
