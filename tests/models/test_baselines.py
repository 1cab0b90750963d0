import numpy as np
import pytest

from metarec_core.errors import ConfigError
from metarec_core.models.baselines import BASELINE_NAMES, Baseline, fit_baseline
from metarec_core.models.batch import user_batch
from metarec_core.models.memory import ItemMemory
from metarec_core.models.popularity import Popularity
from tests.contracts.scorer_contract import EVERYONE, ITEMS, ScorerContract, shop


class BaselineContract(ScorerContract):
    name = ""

    def make(self):
        return fit_baseline(self.name, shop().events)

    def remake(self, state):
        kind = Popularity if self.name == "popular" else ItemMemory
        return Baseline(self.name, len(ITEMS), kind.from_state(state))


class TestPopular(BaselineContract):
    name = "popular"


class TestItemKnn(BaselineContract):
    name = "item_knn"


class TestEase(BaselineContract):
    name = "ease"


class TestTransition(BaselineContract):
    name = "transition"


def test_every_baseline_is_tested():
    assert {kind.name for kind in BaselineContract.__subclasses__()} == set(BASELINE_NAMES)


def test_popular_orders_by_events_for_everyone_alike():
    scores = fit_baseline("popular", shop().events).score(user_batch(shop(), EVERYONE, 10)).total
    # tea 4, milk 5, cake 4, jam 1, salt 0
    assert np.argsort(-scores[0, 1:], kind="stable").tolist() == [1, 0, 2, 3, 4]
    assert (scores == scores[0]).all()


def test_an_unknown_baseline_is_refused_with_the_known_ones():
    with pytest.raises(
        ConfigError, match="There is no baseline 'best': choose among popular, item_knn, ease, transition"
    ):
        fit_baseline("best", shop().events)
