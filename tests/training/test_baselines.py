import numpy as np
import pytest

from metarec_core.data.dataset import Interactions
from metarec_core.data.split import leave_one_out
from metarec_core.errors import ConfigError
from metarec_core.models.batch import user_batch
from metarec_core.models.factors import ItemFactors
from metarec_core.models.memory import ItemMemory
from metarec_core.models.popularity import Popularity
from metarec_core.training import baselines
from metarec_core.training.baselines import (
    Baseline,
    baseline_names,
    fit_baselines,
    on_validation,
    require_baselines,
)
from metarec_core.training.questions import Questions
from tests.contracts.scorer_contract import EVERYONE, ITEMS, ScorerContract, shop
from tests.small_world import dataset


def fitted(name: str, seed: int = 0) -> Baseline:
    (baseline,) = fit_baselines([name], shop().events, shop(), seed)
    return baseline


class BaselineContract(ScorerContract):
    name = ""
    kind: type = ItemMemory

    def make(self):
        return fitted(self.name)

    def remake(self, state):
        return Baseline(self.name, len(ITEMS), self.kind.from_state(state))


class TestPopular(BaselineContract):
    name = "popular"
    kind = Popularity


class TestRecentPopular(BaselineContract):
    name = "recent_popular"
    kind = Popularity


class TestItemKnn(BaselineContract):
    name = "item_knn"


class TestEase(BaselineContract):
    name = "ease"


class TestEaseDecayed(BaselineContract):
    name = "ease_decayed"


class TestTransition(BaselineContract):
    name = "transition"


class TestIals(BaselineContract):
    name = "ials"
    kind = ItemFactors

    def make(self):
        pytest.importorskip("implicit", reason="the package implicit (requirements-extras.txt) is not installed")
        return super().make()


class TestTriTower(BaselineContract):
    name = "tri_tower"

    def remake(self, state):
        from metarec_core.models.tri_tower import TriTowerPart

        return Baseline(self.name, len(ITEMS), TriTowerPart.from_state(state))


class TestSasrec(BaselineContract):
    name = "sasrec"

    def remake(self, state):
        from metarec_core.models.sequence import SequencePart
        from metarec_core.training.sasrec import MODEL

        return Baseline(self.name, len(ITEMS), SequencePart.from_state(state, MODEL, "cpu"))


def test_every_baseline_is_tested():
    assert {kind.name for kind in BaselineContract.__subclasses__()} == set(baseline_names()) | {"ials"}


def test_popular_orders_by_events_for_everyone_alike():
    scores = fitted("popular").score(user_batch(shop(), EVERYONE, 10)).total
    # tea 4, milk 5, cake 4, jam 1, salt 0
    assert np.argsort(-scores[0, 1:], kind="stable").tolist() == [1, 0, 2, 3, 4]
    assert (scores == scores[0]).all()


def test_the_two_ease_baselines_share_one_fit_and_forget_differently(monkeypatch):
    fits = []

    def fit(events: Interactions, *, l2: float, decay: float) -> ItemMemory:
        fits.append((l2, decay))
        return ItemMemory(baselines.fit_item_knn(events).matrix, decay)

    monkeypatch.setattr(baselines, "fit_ease", fit)
    plain, decayed = (b.part for b in fit_baselines(["ease", "ease_decayed"], shop().events, shop(), 0))
    assert fits == [(8.0 * 14 / 5, 1.0)]  # 14 events of 5 items
    assert plain.matrix is decayed.matrix
    assert (plain.decay, decayed.decay) == (1.0, 0.7)  # 14 events of 5 users: short histories are forgotten fast


def test_an_ease_that_is_at_hand_is_not_fitted_again(monkeypatch):
    own = fitted("ease").part
    monkeypatch.delattr(baselines, "fit_ease")
    plain, decayed = (b.part for b in fit_baselines(["ease", "ease_decayed"], shop().events, shop(), 0, own))
    assert plain.matrix is decayed.matrix is own.matrix
    assert (plain.decay, decayed.decay) == (1.0, 0.7)


def test_simple_baselines_are_measured_on_validation():
    data = dataset({"ann": ["tea", "milk", "jam"], "bob": ["milk", "tea", "jam"], "cat": ["cake", "tea", "milk"]})
    split = leave_one_out(data)  # learned from: tea, milk, cake once each; asked: milk, tea and tea
    asked = Questions(data, split.validation, max_history=10)
    found = dict(on_validation(["popular", "sasrec", "tri_tower"], split.train, asked, seed=0))
    # ann and bob are left two items of one event, cat too: the answer shares places 1 and 2
    assert found == {"popular": pytest.approx(1 / np.log2(2.5))}


def test_the_seed_decides_what_is_random():
    batch = user_batch(shop(), EVERYONE, 10)
    first, again, other = (fitted("tri_tower", seed).score(batch).total for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_an_unknown_baseline_is_refused_with_the_known_ones():
    with pytest.raises(
        ConfigError, match="There is no baseline 'best': choose from popular, recent_popular, item_knn, ease"
    ):
        require_baselines(["popular", "best"])


def test_a_baseline_whose_package_is_missing_is_not_offered_and_says_what_to_install(monkeypatch):
    monkeypatch.setattr(baselines, "find_spec", lambda package: None)
    assert "ials" not in baseline_names()
    with pytest.raises(ConfigError) as refused:
        next(fit_baselines(["ials"], shop().events, shop(), 0))
    assert str(refused.value) == (
        "The baseline 'ials' needs the package implicit, which is not installed: "
        "run pip install -r requirements-extras.txt, or leave it out."
    )
