"""Why a pair is trusted as far as it is, against networks run by hand: two parts, four items, and one user's history."""

import numpy as np
import pytest
from scipy import sparse

from metarec_core.models.batch import Batch
from metarec_core.models.memory import ItemMemory
from metarec_core.models.meta import MetaKnowledge, corrected_part, meta_features
from metarec_core.models.metarec import MetaRec
from metarec_core.models.popularity import Popularity
from metarec_core.models.separable import Network, SeparableK
from metarec_core.models.trust import pair_trust

COUNTS = np.log1p(np.float32([0, 9, 2, 0, 4]))
"""Items 1 to 4 were chosen nine, two, no and four times."""

BATCH = Batch(np.int32([[1, 2]]), np.int32([2]), np.int64([[10, 20]]), np.zeros((1, 0), np.int32), np.int64([20]))
"""Item 1, then item 2."""

EVERYBODY = np.int32([2, 6, 1]), np.int32([2, 1, 4])
"""Lengths and last items of all users, the first of whom is ours."""

ITEM = 4
DIAL = 0.5


def network(n_features, seed):
    """One small network, of any weights."""
    draw = np.random.default_rng(seed).normal(size=(n_features + 3, 4)).astype(np.float32)
    return Network(draw[None, :n_features], draw[None, -1], draw[None, n_features:-1].mT, np.zeros((1, 2), np.float32))


def by_hand(net, features):
    """What a network of one says of one row of features."""
    hidden = np.tanh(np.float32(features) @ net.hidden_weights[0] + net.hidden_bias[0])
    return np.tanh(hidden @ net.out_weights[0] + net.out_bias[0])


SEPARABLE = SeparableK(COUNTS, network(4, 1), network(3, 2), DIAL)
PAIRS = MetaKnowledge(
    COUNTS,
    mean=np.linspace(-0.3, 0.3, 16, dtype=np.float32),
    scale=np.linspace(0.5, 1.5, 16, dtype=np.float32),
    network=network(16, 3),
    trust=DIAL,
)


def model(separable=None, meta=None):
    calls = np.zeros((5, 5), np.float32)
    calls[2, 3:] = 0.5, 2.0
    parts = {"transition": ItemMemory(sparse.csr_array(calls), 0.8), "popularity": Popularity(COUNTS)}
    return MetaRec(
        4, parts, {"transition": 1.5, "popularity": 0.5}, {"transition": 0.2, "popularity": -0.1}, separable, meta
    )


MODELS = {
    "separable k": model(SEPARABLE),
    "pairwise k": model(meta=PAIRS),
    "both": model(SEPARABLE, PAIRS),
}


@pytest.mark.parametrize("name", MODELS)
def test_factors_are_what_a_parts_value_is_beside_its_plain_one(name):
    scorer = MODELS[name]
    value = [part[0, ITEM] for part in scorer.score(BATCH).parts.values()]
    plain = [
        corrected_part(part[0, ITEM], scorer.k[part_name]) for part_name, part in scorer.plain_parts(BATCH).items()
    ]
    trust = pair_trust(scorer, BATCH, ITEM, EVERYBODY)
    assert trust.factors == pytest.approx(np.divide(value, plain), abs=1e-5)
    assert trust.factors != pytest.approx(np.ones(2), abs=1e-2)
    assert trust.looked_at


def separable_factors(user, item):
    return (1 + DIAL * by_hand(SEPARABLE.users, user)) * (1 + DIAL * by_hand(SEPARABLE.items, item))


# how much is known of a user: log(1 + n) / 5, few (5 or fewer), n / 5 up to 1; then the last item's log count / 5
USER = [np.log(3) / 5, 1, 0.4, np.log(3) / 5]
USUAL_LENGTH = [(np.log(3) + np.log(7) + np.log(2)) / 15, 2 / 3, (0.4 + 1 + 0.2) / 3]
USUAL_LAST = (np.log(3) + np.log(10) + np.log(5)) / 15
# and of an item: log(1 + n) / 5, few, none
OWN = [np.log(5) / 5, 1, 0]
USUAL_ITEM = [(np.log(10) + np.log(3) + np.log(1) + np.log(5)) / 20, 3 / 4, 1 / 4]
SEPARABLE_USUAL = {
    "history_length": (USUAL_LENGTH + USER[3:], OWN),
    "last_item": ([*USER[:3], USUAL_LAST], OWN),
    "item_events": (USER, USUAL_ITEM),
}


def test_what_moves_separable_k_is_what_changes_when_that_is_as_of_the_average_user_or_item():
    trust = pair_trust(MODELS["separable k"], BATCH, ITEM, EVERYBODY)
    assert trust.moved.keys() == SEPARABLE_USUAL.keys()
    for feature, (user, item) in SEPARABLE_USUAL.items():
        expected = separable_factors(USER, OWN) - separable_factors(user, item)
        assert trust.moved[feature] == pytest.approx(expected, abs=1e-5), feature


COLUMNS = {
    "says_transition": [0, 2],
    "says_popularity": [1, 3],
    "place": [4],
    "item_events": [5, 6, 7],
    "history_length": [8, 9, 10],
    "last_item": [11],
    "sure_transition": [12, 14],
    "sure_popularity": [13, 15],
}
"""Where each thing stands among the sixteen that the network of pairs sees."""


def pairwise_factors(scorer, without=()):
    """1 + k of the pair, some of what the network sees replaced by the mean that it had in training."""
    items, values = scorer.shortlist(BATCH, scorer.retrieval_parts(BATCH))
    place = items[0].tolist().index(ITEM)
    seen = meta_features(values, items, BATCH.lengths, BATCH.last_items(), COUNTS)[0, place].copy()
    seen[list(without)] = PAIRS.mean[list(without)]
    return 1 + DIAL * by_hand(PAIRS.network, np.clip((seen - PAIRS.mean) / PAIRS.scale, -4, 4))


def test_what_moves_the_k_of_a_pair_is_what_changes_when_that_is_as_in_the_mean_of_training():
    scorer = MODELS["pairwise k"]
    trust = pair_trust(scorer, BATCH, ITEM, EVERYBODY)
    assert trust.moved.keys() == COLUMNS.keys()
    for feature, columns in COLUMNS.items():
        expected = pairwise_factors(scorer) - pairwise_factors(scorer, columns)
        assert trust.moved[feature] == pytest.approx(expected, abs=1e-5), feature
        assert np.abs(expected).max() > 1e-4, feature


def test_with_both_a_thing_is_as_on_average_for_both_at_once():
    scorer = MODELS["both"]
    trust = pair_trust(scorer, BATCH, ITEM, EVERYBODY)
    assert trust.moved.keys() == COLUMNS.keys()
    as_it_is = separable_factors(USER, OWN) * pairwise_factors(scorer)
    for feature, columns in COLUMNS.items():
        user, item = SEPARABLE_USUAL.get(feature, (USER, OWN))
        usual = separable_factors(user, item) * pairwise_factors(scorer, columns)
        assert trust.moved[feature] == pytest.approx(as_it_is - usual, abs=1e-5), feature


def test_of_a_pair_beyond_the_shortlist_only_what_is_separable_is_told():
    had = 1  # no item of the history is on it
    assert pair_trust(MODELS["pairwise k"], BATCH, had, EVERYBODY).factors.tolist() == [1, 1]
    both = pair_trust(MODELS["both"], BATCH, had, EVERYBODY)
    alone = pair_trust(MODELS["separable k"], BATCH, had, EVERYBODY)
    assert both.factors.tolist() == alone.factors.tolist()
    assert (both.looked_at, alone.looked_at) == (False, True)


def test_where_k_is_the_same_for_all_nothing_moves_it():
    trust = pair_trust(model(), BATCH, ITEM, EVERYBODY)
    assert trust.factors.tolist() == [1, 1]
    assert trust.moved == {}
