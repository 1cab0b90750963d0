import numpy as np
import pytest

from metarec_core.models.batch import user_batch
from metarec_core.models.graph import GraphPart, fit_graph, sum_steps
from metarec_core.models.scorer import Scores
from tests.contracts.scorer_contract import ITEMS as SHOP_ITEMS
from tests.contracts.scorer_contract import ScorerContract, shop
from tests.small_world import dataset

DRINK, FOOD = [1, 0], [0, 1]
#                     padding  tea   milk   cake  jam
VECTORS = np.float32([[0, 0], DRINK, DRINK, FOOD, FOOD])
ANN = np.array([1], dtype=np.int32)


class OnePart:
    """A part as a scorer."""

    def __init__(self, part):
        self.part = part
        self.n_items = part.n_items
        self.part_names = ("graph",)

    def score(self, batch):
        return Scores({"graph": self.part.scores(batch)})

    def attention(self, batch):
        return None

    def state(self):
        return self.part.state()


class TestGraphPart(ScorerContract):
    def make(self):
        vectors = np.float32([[0, 0], [1, 0], [1, 0], [0, 1], [0.6, 0.8], [0, 0]])
        assert len(vectors) == len(SHOP_ITEMS) + 1
        return OnePart(fit_graph(shop().events, vectors))

    def remake(self, state):
        return OnePart(GraphPart.from_state(state))


def test_a_score_goes_from_the_decayed_vectors_of_a_history_over_the_map_to_an_item():
    part = GraphPart(VECTORS, leads=np.float32([[1, 5], [0, 2]]), decay=0.5)
    # ann: tea, milk, cake. With decay 0.5: 0.75 drinks and 1 food; drinks lead to 1 drink and 5 food, food to 2 food.
    batch = user_batch(dataset(), ANN, 10)
    assert part.scores(batch)[0] == pytest.approx([0, 0.75, 0.75, 5.75, 5.75])


def test_the_map_is_two_sided_ridge_regression_by_hand():
    # one step each: tea → cake for ann and bob, cake → milk for cat. H'H = diag(2, 1), Z'Z = diag(2, 2), and the sums of
    # answers are 2 from drink to food, 1 from food to drink.
    events = dataset({"ann": ["tea", "cake"], "bob": ["tea", "cake"], "cat": ["cake", "milk"]}).events
    part = sum_steps(events, VECTORS, decay=0.5).part(ridge=0.5)
    before, among = [2 + 0.5 * 3, 1 + 0.5 * 3], 2 + 0.5 * 4
    assert part.leads == pytest.approx(np.array([[0, 2 / before[0] / among], [1 / before[1] / among, 0]]))


def test_older_events_weigh_less_in_what_is_learned():
    events = dataset({"ann": ["tea", "cake", "jam"]}).events
    steps = sum_steps(events, VECTORS, decay=0.5)
    # histories: tea = (1, 0) before cake, and tea, cake = (0.5, 1) before jam
    assert steps.before == pytest.approx(np.array([[1.25, 0.5], [0.5, 1]]))
    assert steps.next == pytest.approx(np.array([[0, 0], [0, 0], [0, 0], [1, 0], [0.5, 1]]))


def test_an_item_without_any_event_is_scored_by_its_values():
    events = dataset({"ann": ["tea", "cake"], "bob": ["milk", "cake"]}).events
    batch = user_batch(dataset({"ann": ["tea"]}), ANN, 10)
    scores = fit_graph(events, VECTORS).scores(batch)[0]
    assert scores[4] == scores[3] > scores[1]  # jam, which nobody has had, is food like cake


def test_an_item_that_is_not_to_be_known_teaches_nothing():
    events = dataset({"ann": ["tea", "cake"], "bob": ["tea", "milk"]}).events
    known = np.array([False, True, True, False, True])
    part = sum_steps(events, VECTORS).part(known=known)
    assert part.leads[0, 0] > 0
    assert part.leads[0, 1] == 0


def test_large_logs_are_summed_block_by_block(monkeypatch):
    steps = sum_steps(shop().events, VECTORS[[0, 1, 2, 3, 4, 0]])
    monkeypatch.setattr("metarec_core.models.graph._BLOCK", 2)
    blocks = sum_steps(shop().events, VECTORS[[0, 1, 2, 3, 4, 0]])
    np.testing.assert_allclose(blocks.before, steps.before, rtol=1e-6)
    np.testing.assert_allclose(blocks.next, steps.next, rtol=1e-6)


def test_without_a_single_step_or_a_known_item_the_map_leads_nowhere():
    assert not fit_graph(dataset({"ann": ["tea"]}).events, VECTORS).leads.any()
    assert not fit_graph(dataset().events, np.zeros_like(VECTORS)).leads.any()


def test_its_state_makes_the_same_part_again():
    part = GraphPart(VECTORS, leads=np.float32([[1, 5], [0, 2]]), decay=0.5)
    again = GraphPart.from_state(part.state())
    assert (again.decay, again.n_items) == (0.5, 4)
    assert np.array_equal(again.vectors, part.vectors)
    assert np.array_equal(again.leads, part.leads)


def test_a_part_keeps_the_values_that_its_vectors_are_sums_of():
    events, entities = dataset().events, np.float32([[1, 0], [0, 1], [1, 1]])
    part = fit_graph(events, VECTORS, entities)
    assert np.array_equal(part.leads, fit_graph(events, VECTORS).leads)
    assert np.array_equal(GraphPart.from_state(part.state()).entities, entities)
    assert "entities" not in fit_graph(events, VECTORS).state()
