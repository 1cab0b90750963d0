import numpy as np
import pytest

from metarec_core.data.split import leave_one_out
from metarec_core.models.metarec import MetaRec
from metarec_core.models.popularity import Popularity
from metarec_core.training.questions import Questions
from metarec_core.training.shortlists import gather_shortlists
from tests.small_world import dataset

ITEMS = ["tea", "milk", "cake", "jam", "salt", "rice"]
COUNTS = np.array([0, 6, 5, 4, 3, 2, 1], dtype=np.float32)


@pytest.fixture
def shortlists(monkeypatch):
    monkeypatch.setattr("metarec_core.models.metarec.SHORTLIST", 3)
    data = dataset({"ann": ["tea", "milk", "cake"], "bob": ["jam", "rice", "milk"]}, ITEMS)
    questions = Questions(data, leave_one_out(data).validation, max_history=10)  # milk after tea; rice after jam
    parts = {"one": Popularity(COUNTS), "two": Popularity(-COUNTS / 4)}
    model = MetaRec(6, parts, units={"one": 1.0, "two": 2.0}, k={"one": 0.0, "two": -0.5})
    return gather_shortlists(model, questions)


def test_a_list_holds_the_best_items_that_are_not_in_the_history(shortlists):
    assert shortlists.items.tolist() == [[2, 3, 4], [1, 2, 3]]
    np.testing.assert_allclose(shortlists.values[0], [[5, -1.25], [4, -1], [3, -0.75]])


def test_an_answer_is_in_the_list_only_where_serving_would_list_it(shortlists):
    assert shortlists.place.tolist() == [0, -1]
    assert shortlists.ranks.tolist() == [1, 5]
    assert shortlists.lengths.tolist() == [1, 1]
    assert shortlists.last_items.tolist() == [1, 4]
    assert shortlists.users.tolist() == [1, 2]


def test_reranking_moves_listed_answers_only(shortlists):
    k = np.zeros_like(shortlists.values)
    assert shortlists.reranked(k).tolist() == [1, 5]
    k[:, 0, 0] = -0.9  # the first of each list falls
    assert shortlists.reranked(k).tolist() == [3, 5]
