import json

from metarec_core.config import RunConfig
from metarec_core.data.split import leave_one_out
from metarec_core.evaluation.learning_curve import Point, learning_curve, of_users
from tests.small_world import dataset

ITEMS = [f"i{number}" for number in range(12)]
EVENTS = {f"u{user}": [ITEMS[(user + step) % 12] for step in range(6)] for user in range(30)}
SPLIT = leave_one_out(dataset(EVENTS, ITEMS))


def test_a_share_of_users_is_learned_from_and_all_are_asked():
    fifth = of_users(SPLIT, 0.2)
    assert (fifth.known.lengths() > 0).sum() == 6
    assert set(fifth.validation.user_numbers.tolist()) == set(fifth.known.user_numbers().tolist())
    assert fifth.test.events.tolist() == SPLIT.test.events.tolist()
    assert of_users(SPLIT, 1.0).known.n_events == SPLIT.known.n_events


def test_a_larger_share_has_the_users_of_every_smaller_one():
    small, large = (set(of_users(SPLIT, share).known.user_numbers().tolist()) for share in (0.2, 0.5))
    assert small < large


def test_more_users_teach_more_where_what_comes_next_can_be_learned():
    config = RunConfig.preset("fast").with_settings(["evaluation.bootstrap_draws=100", "model.text=false"])
    few, all_ = learning_curve(SPLIT, config, shares=(0.1, 1.0))
    assert (few.n_users, all_.n_users) == (3, 30)
    assert all_.ndcg.mean > few.ndcg.mean
    assert Point.from_dict(json.loads(json.dumps(few.to_dict()))) == few
