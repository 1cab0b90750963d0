import numpy as np
import pytest

from metarec_core.data.split import leave_one_out
from metarec_core.evaluation import ablation as module
from metarec_core.evaluation.ablation import Ablation, ablation, slices, variant_ranks
from metarec_core.metrics import ndcg
from metarec_core.models.metarec import FIXED, MetaRec
from metarec_core.models.popularity import Popularity
from tests.small_world import dataset

ITEMS = [f"i{number}" for number in range(1, 9)]
EVENTS = {f"u{user}": ["i1", "i2", "i3"] for user in range(7)} | {"long": [*ITEMS[:7]]}
DATA = dataset(EVENTS, ITEMS)


@pytest.fixture
def measured(monkeypatch):
    """A model that always names i3 first, one that names it second, and one that never lists it in time."""
    monkeypatch.setattr(module, "FEWEST_QUERIES", 1)
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


def test_slices_with_few_queries_are_left_out():
    assert ablation({FIXED: np.ones(8)}, leave_one_out(DATA), 100).queries == {}
