"""What every scorer keeps. A test class that inherits ``ScorerContract`` and makes a scorer of the small shop is checked."""

import numpy as np
import pytest

from metarec_core.data.dataset import Dataset
from metarec_core.models.batch import Batch, user_batch
from metarec_core.models.scorer import Scorer
from tests.small_world import dataset

EVENTS = {
    "ann": ["tea", "milk", "cake", "tea"],
    "bob": ["milk", "cake"],
    "cat": ["cake", "tea", "milk", "jam", "milk"],
    "dan": ["tea", "milk", "cake"],
    "eve": [],
}
ITEMS = ["tea", "milk", "cake", "jam", "salt"]  # salt has no events
EVERYONE = np.arange(1, len(EVENTS) + 1, dtype=np.int32)


def shop() -> Dataset:
    return dataset(EVENTS, ITEMS)


def rows(batch: Batch, order: list[int]) -> Batch:
    return Batch(batch.history[order], batch.lengths[order], batch.times[order], batch.context[order], batch.now[order])


class ScorerContract:
    """Inherit, and say how a scorer of ``shop()`` is made, and made again from its state."""

    def make(self) -> Scorer:
        raise NotImplementedError

    def remake(self, state: dict[str, np.ndarray]) -> Scorer:
        raise NotImplementedError

    @pytest.fixture
    def scorer(self) -> Scorer:
        return self.make()

    @pytest.fixture
    def batch(self) -> Batch:
        return user_batch(shop(), EVERYONE, max_history=10)

    def test_every_part_scores_every_item_of_every_row_with_finite_float32(self, scorer, batch):
        parts = scorer.score(batch).parts
        assert tuple(parts) == scorer.part_names
        assert scorer.n_items == len(ITEMS)
        for part in parts.values():
            assert part.shape == (len(EVERYONE), len(ITEMS) + 1)
            assert part.dtype == np.float32
            assert np.isfinite(part).all()

    def test_the_score_is_the_sum_of_its_parts(self, scorer, batch):
        scores = scorer.score(batch)
        np.testing.assert_allclose(scores.total, np.sum(list(scores.parts.values()), axis=0), rtol=1e-6, atol=1e-6)

    def test_someone_with_a_history_gets_an_order(self, scorer, batch):
        assert len(np.unique(scorer.score(batch).total[0, 1:])) > 1

    def test_the_same_question_always_gets_the_same_answer(self, scorer, batch):
        assert np.array_equal(scorer.score(batch).total, scorer.score(batch).total)

    def test_rows_do_not_see_each_other(self, scorer, batch):
        backwards = list(range(len(EVERYONE)))[::-1]
        together = scorer.score(batch).total
        np.testing.assert_allclose(
            scorer.score(rows(batch, backwards)).total, together[backwards], rtol=1e-5, atol=1e-6
        )
        alone = user_batch(shop(), EVERYONE[1:2], max_history=10)  # narrower, as bob's history is short
        np.testing.assert_allclose(scorer.score(alone).total, together[1:2], rtol=1e-5, atol=1e-6)

    def test_a_history_longer_than_any_seen_in_training_is_scored(self, scorer):
        data = dataset({"fay": ["tea", "milk", "cake", "jam"] * 100}, ITEMS)
        total = scorer.score(user_batch(data, EVERYONE[:1], max_history=400)).total
        assert total.shape == (1, len(ITEMS) + 1)
        assert np.isfinite(total).all()

    def test_no_rows_give_no_scores(self, scorer):
        assert scorer.score(user_batch(shop(), EVERYONE[:0], max_history=10)).total.shape == (0, len(ITEMS) + 1)

    def test_its_state_makes_the_same_scorer_again(self, scorer, batch):
        state = scorer.state()
        assert all(isinstance(array, np.ndarray) for array in state.values())
        again = self.remake({name: array.copy() for name, array in state.items()})
        assert again.part_names == scorer.part_names
        assert np.array_equal(again.score(batch).total, scorer.score(batch).total)
