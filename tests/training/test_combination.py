"""A world in which one part cannot tell which of two items comes, and the network can, of some users."""

from dataclasses import dataclass

import numpy as np
import pytest

from metarec_core.data.split import leave_one_out
from metarec_core.models.batch import Batch
from metarec_core.models.metarec import FIXED, PAIRWISE, SEQUENCE, TRANSITION, MetaRec
from metarec_core.models.popularity import fit_popularity
from metarec_core.training.combination import combine
from metarec_core.training.questions import Questions
from metarec_core.training.rivals import Rivals
from metarec_core.training.weights import Candidates, gather, learn_weights
from tests.small_world import dataset

N_ITEMS, N_USERS, SHORT, LONG = 60, 1_200, 2, 9


@dataclass(frozen=True)
class Rule:
    """Says fixed numbers of three items: the next one, the one after it, and the third.

    Attributes:
        says: Of these three, in that order.
    """

    says: tuple[float, float, float] = (1.0, 0.5, 0.1)
    n_items: int = N_ITEMS

    def scores(self, batch: Batch) -> np.ndarray:
        scores = np.zeros((len(batch), N_ITEMS + 1), dtype=np.float32)
        for row, last in enumerate(batch.last_items()):
            scores[row, last + 1 : last + 4] = self.says
        return scores


@dataclass(frozen=True)
class Network:
    """Knows which of the next two items comes, where it is right; elsewhere it says the third.

    Attributes:
        right: Whether for short and for long histories.
    """

    right: tuple[bool, bool]
    n_items: int = N_ITEMS

    def scores(self, batch: Batch) -> np.ndarray:
        scores = np.zeros((len(batch), N_ITEMS + 1), dtype=np.float32)
        for row, (last, length) in enumerate(zip(batch.last_items(), batch.lengths, strict=True)):
            if self.right[int(length > SHORT)]:
                scores[row, answer(last)] = 1.0
            else:
                scores[row, last + 3] = 0.9
        return scores


def answer(last: int) -> int:
    """The item that comes after another: the next one or the one after it, which only the network can tell."""
    return last + 1 + last % 2


ALWAYS_RIGHT, AT_TIMES_RIGHT, NEVER_RIGHT = Network((True, True)), Network((True, False)), Network((False, False))


def combined(network: Network, share_of_short: float, meta: bool = True):
    """What serves, and the verdict, where so many users have short histories."""
    items = [f"i{number:02}" for number in range(1, N_ITEMS + 1)]
    events = {}
    for user in range(N_USERS):
        first = 1 + user % 40
        length = SHORT if (user * 7919) % 100 < 100 * share_of_short else LONG
        comes = answer(first + length)
        events[f"u{user:04}"] = [*items[first : first + length], items[comes - 1], items[comes]]
    split = leave_one_out(dataset(events, items))
    asked = Questions(split.dataset, split.validation, max_history=50)
    model = MetaRec(N_ITEMS, {SEQUENCE: network, TRANSITION: Rule()}, {}, {})
    candidates = gather(model, asked)
    model, _ = learn_weights(model, candidates)
    working = combine(model, candidates, asked, fit_popularity(split.train).log_counts, seed=0, meta=meta)
    while True:
        try:
            next(working)
        except StopIteration as end:
            return end.value


def test_a_network_that_pays_under_fixed_weights_is_kept():
    found, network = combined(ALWAYS_RIGHT, 0.5)
    assert network.kept
    assert network.low > 0
    assert network.gain_with_meta is None  # nothing was in doubt
    assert found.model.k[SEQUENCE] > -1


def test_a_network_in_doubt_is_kept_where_meta_knowledge_knows_when_to_trust_it():
    found, network = combined(AT_TIMES_RIGHT, 0.28)
    assert network.low <= 0
    assert network.kept
    assert network.low_with_meta > 0
    assert found.model is found.variants[PAIRWISE]
    assert found.ndcg.mean() == pytest.approx(found.learned[PAIRWISE]["fixed"] + found.learned[PAIRWISE]["gain"])


def test_without_meta_knowledge_a_network_in_doubt_is_not_trusted():
    found, network = combined(AT_TIMES_RIGHT, 0.28, meta=False)
    assert not network.kept
    assert network.gain_with_meta is None
    assert found.variants == {FIXED: found.model}
    assert found.model.k == {SEQUENCE: -1.0, TRANSITION: 0.0}


def test_a_network_that_is_always_wrong_is_not_trusted():
    found, network = combined(NEVER_RIGHT, 0.3)
    assert not network.kept
    assert found.model.k[SEQUENCE] == -1


def test_a_network_that_alone_ranks_better_than_the_others_together_is_not_left_out():
    # three questions: what the network and the other part say of the answer, and of two more items
    said = np.float32(
        [
            [[1, 1], [0, 0], [0, 0]],  # both are right
            [[1, 0.9], [0, 1], [0, 0]],  # the other part has the answer second
            [[0, 0.9], [0.6, 1], [1, 0]],  # the network has it third, the other part second
        ]
    )
    rivals = Rivals.of((SEQUENCE, TRANSITION), said, np.zeros((3, 3), dtype=bool))
    candidates = Candidates(rivals, np.ones(2), np.int32([1, 2, 3]))
    model, alone = learn_weights(MetaRec(N_ITEMS, {SEQUENCE: ALWAYS_RIGHT, TRANSITION: Rule()}, {}, {}), candidates)
    assert alone[SEQUENCE] == pytest.approx((1 + 1 + 1 / 2) / 3)
    assert alone[TRANSITION] == pytest.approx((1 + 2 / np.log2(3)) / 3)
    split = leave_one_out(dataset({"ann": ["tea", "milk", "cake"]}))
    asked = Questions(split.dataset, split.validation, max_history=50)
    working = combine(model, candidates, asked, fit_popularity(split.train).log_counts, seed=0, meta=False)
    next(working)
    with pytest.raises(StopIteration) as end:
        next(working)
    found, network = end.value.value
    assert network.low < 0 < network.gain  # three questions show nothing
    assert network.kept
    assert network.alone
    assert found.model.k == {SEQUENCE: 0.0, TRANSITION: -1.0}


def test_alone_there_is_nothing_to_choose():
    items = [f"i{number:02}" for number in range(1, N_ITEMS + 1)]
    split = leave_one_out(dataset({"a": items[:5], "b": items[3:9]}, items))
    asked = Questions(split.dataset, split.validation, max_history=50)
    alone = MetaRec(N_ITEMS, {SEQUENCE: Rule()}, {SEQUENCE: 1.0}, {SEQUENCE: 0.0})
    working = combine(alone, gather(alone, asked), asked, fit_popularity(split.train).log_counts, 0, meta=False)
    with pytest.raises(StopIteration) as end:
        next(working)
    assert end.value.value[0].model == alone
    assert end.value.value[1] is None
