import numpy as np
import pytest

from metarec_core.data.split import leave_one_out, user_split
from metarec_core.evaluation.ablation import Ablation, ablation, slices, variant_ranks
from metarec_core.metrics import ndcg
from metarec_core.models.metarec import FIXED, MetaRec
from metarec_core.models.popularity import Popularity
from tests.small_world import dataset

ITEMS = [f"i{number}" for number in range(1, 9)]
EVENTS = {f"u{user}": ["i1", "i2", "i3"] for user in range(7)} | {"long": [*ITEMS[:7]]}
DATA = dataset(EVENTS, ITEMS)


@pytest.fixture
def measured():
    """A model that always names i3 first, one that names it second, and one that never lists it in time."""
    right = Popularity(np.array([0, 0, 0, 3, 2, 0, 0, 0, 0], dtype=np.float32))
    wrong = Popularity(np.array([0, 0, 0, 0, 4, 0, 0, 0, 0], dtype=np.float32))
    parts = {"right": right, "wrong": wrong}
    whole = MetaRec(8, parts, units=dict.fromkeys(parts, 1.0), k={"right": 0.0, "wrong": -1.0})
    without = MetaRec(8, {"wrong": wrong}, units={"wrong": 1.0}, k={"wrong": 0.0})
    both = whole.with_k({"right": 0.0, "wrong": 0.0})
    split = leave_one_out(DATA)
    ranks = variant_ranks({FIXED: whole, "equal": both, "without right": without}, split, 10)
    return ablation({name: ndcg(found, 10) for name, found in ranks.items()}, split, 100)


def test_slices_say_how_much_is_known_of_answer_and_user():
    # i3 is known from one event (the long history); i7, the long history's answer, from none
    assert {name: chosen.tolist() for name, chosen in slices(leave_one_out(DATA)).items()} == {
        "all": [True] * 8,
        "new items": [False] * 7 + [True],
        "items with 1 to 5 events": [True] * 7 + [False],
        "items with more than 5 events": [False] * 8,
        "users with up to 5 events": [True] * 7 + [False],
        "users with more than 5 events": [False] * 7 + [True],
    }


def test_variants_are_measured_on_the_same_queries_and_compared_with_the_fixed_weights(measured):
    slice_of_threes = "items with 1 to 5 events"
    assert measured.queries == {
        "all": 8,
        "new items": 1,
        slice_of_threes: 7,
        "users with up to 5 events": 7,
        "users with more than 5 events": 1,
    }
    assert measured.users == measured.queries  # leave-one-out asks each once; no answer has more than five events
    second = 1 / np.log2(3)
    assert measured.ndcg[FIXED][slice_of_threes].mean == 1
    assert measured.ndcg["equal"][slice_of_threes].mean == pytest.approx(second)
    assert measured.gains["equal"][slice_of_threes].mean == pytest.approx(second - 1)
    assert measured.gains[FIXED]["all"].mean == 0


def test_its_table_has_a_row_a_variant_and_slice(measured):
    frame = measured.frame
    assert len(frame) == 3 * 5
    row = frame.query("variant == 'equal' and slice == 'users with up to 5 events'").iloc[0]
    assert row["queries"] == 7
    assert row["gain_share"] == pytest.approx(1 / np.log2(3) - 1)


def test_it_is_kept_as_plain_values(measured):
    assert Ablation.from_dict(measured.to_dict()) == measured


def test_a_slice_counts_users_beside_questions_and_with_few_of_them_is_small(measured):
    events = {f"u{user}": [ITEMS[(user + step) % 8] for step in range(3)] for user in range(50)}
    enough = ablation({FIXED: np.ones(50)}, leave_one_out(dataset(events, ITEMS)), 100)
    assert (enough.users["all"], enough.is_small("all")) == (50, False)
    assert measured.is_small("all")
    assert measured.frame["small"].all()
    asked_often = user_split(dataset({f"u{user}": ITEMS[:4] for user in range(20)}, ITEMS))
    often = ablation({FIXED: np.ones(len(asked_often.test))}, asked_often, 100)
    assert (often.queries["all"], often.users["all"]) == (2 * 3, 2)


def test_an_earlier_version_counted_questions_only_and_no_slice_has_more_users_than_those(measured):
    old = {name: value for name, value in measured.to_dict().items() if name != "users"}
    assert Ablation.from_dict({**old, "queries": dict.fromkeys(measured.queries, 49)}).is_small("all")
    assert not Ablation.from_dict({**old, "queries": dict.fromkeys(measured.queries, 50)}).is_small("all")
