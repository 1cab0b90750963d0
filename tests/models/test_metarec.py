from dataclasses import replace

import numpy as np
import pytest
import torch

from metarec_core.config import ModelConfig, RunConfig
from metarec_core.models import metarec
from metarec_core.models.batch import user_batch
from metarec_core.models.calibration import Calibration
from metarec_core.models.graph import fit_graph
from metarec_core.models.item_vectors import ItemKnowledge
from metarec_core.models.memory import fit_ease, fit_regression, fit_transition
from metarec_core.models.meta import MetaKnowledge
from metarec_core.models.metarec import MetaRec
from metarec_core.models.popularity import Popularity, fit_popularity, fit_recent_popularity
from metarec_core.models.separable import Network, SeparableK
from metarec_core.models.sequence import SequenceEncoder, SequencePart
from tests.contracts.scorer_contract import EVERYONE, ITEMS, ScorerContract, shop
from tests.small_world import dataset

CONFIG = RunConfig(model=ModelConfig(embedding_dim=8))


def model(**k):
    torch.manual_seed(0)
    knowledge = ItemKnowledge(np.zeros((len(ITEMS) + 1, 0), dtype=np.float32), np.arange(len(ITEMS) + 1) > 0)
    parts = {
        "sequence": SequencePart(SequenceEncoder(knowledge, CONFIG.model, has_clock_times=False).eval(), 50),
        "transition": fit_transition(shop().events),
        "cooccurrence": fit_ease(shop().events),
        "regression": fit_regression(shop().events),
        "graph": fit_graph(shop().events, np.float32([[0, 0], [1, 0], [1, 0], [0, 1], [0.6, 0.8], [0, 0]])),
        "popularity": fit_popularity(shop().events),
        "recent": fit_recent_popularity(shop().events, has_clock_times=True),
    }
    return MetaRec(len(ITEMS), parts, units=dict.fromkeys(parts, 2.0), k={**dict.fromkeys(parts, 0.0), **k})


class TestMetaRec(ScorerContract):
    def make(self):
        return model(transition=0.5, popularity=-1.0)

    def remake(self, state):
        return metarec.load(CONFIG, state, n_items=len(ITEMS))


@pytest.fixture
def batch():
    return user_batch(shop(), EVERYONE, 10)


def test_without_meta_knowledge_a_part_is_its_score_in_its_unit(batch):
    plain = model()
    assert np.array_equal(plain.score(batch).parts["popularity"], 2 * plain.parts["popularity"].scores(batch))


def test_the_articles_example_a_score_of_one_trusted_once_more_is_two_and_none_stays_none():
    one_dimension = Popularity(np.float32([0, 1, 0]))  # u is (1) for everybody; the items are (1) and (0)
    example = MetaRec(2, {"popularity": one_dimension}, units={"popularity": 1.0}, k={"popularity": 0.0})
    asked = user_batch(dataset({"ann": ["tea"]}, ["tea", "milk"]), np.array([1], dtype=np.int32), 10)
    assert example.score(asked).total.tolist() == [[0, 1, 0]]
    corrected = example.with_k({"popularity": 1.0})
    assert corrected.score(asked).total.tolist() == [[0, 2, 0]]
    users, items = corrected.retrieval_vectors(asked)
    assert (users @ items.T).toarray().tolist() == [[0, 2, 0]]


def test_a_part_is_its_plain_score_and_its_correction(batch):
    parts = model(cooccurrence=0.5, popularity=-1.0).score(batch).parts
    plain = model().score(batch).parts
    np.testing.assert_allclose(parts["cooccurrence"], plain["cooccurrence"] + 0.5 * plain["cooccurrence"], rtol=1e-6)
    assert not parts["popularity"].any()


def test_someone_without_a_history_gets_popular_items(batch):
    eve = model().score(batch).total[4, 1:]
    assert [ITEMS[place] for place in np.argsort(-eve, kind="stable")] == [
        "milk",
        "cake",
        "tea",
        "jam",
        "salt",
    ]  # cake came last


def test_attention_is_that_of_the_sequence_part(batch):
    whole = model()
    assert np.array_equal(whole.attention(batch), whole.parts["sequence"].attention(batch))


def test_without_a_sequence_part_there_is_no_attention(batch):
    whole = model()
    rest = MetaRec(len(ITEMS), {"popularity": whole.parts["popularity"]}, {"popularity": 1.0}, {"popularity": 0.0})
    assert rest.attention(batch) is None


def test_a_state_of_other_parts_is_refused():
    config = RunConfig(model=ModelConfig(sequence=False, transition=False, cooccurrence=False, regression=False))
    with pytest.raises(
        ValueError,
        match=r"the stored parts .* are not .* the config, \['context', 'graph', 'modes', 'popularity', 'recent', 'text'\]",
    ):
        metarec.load(config, model().state(), n_items=len(ITEMS))


def test_a_state_of_another_catalogue_is_refused():
    state = {name: array for name, array in model().state().items() if not name.startswith("sequence.")}
    with pytest.raises(ValueError, match="the stored part transition has 5 items, not 9"):
        metarec.load(RunConfig(model=ModelConfig(sequence=False)), state, n_items=9)


def test_a_sequence_part_of_another_size_is_refused():
    with pytest.raises(RuntimeError, match="size mismatch"):
        metarec.load(RunConfig(model=ModelConfig(embedding_dim=16)), model().state(), n_items=len(ITEMS))


def always(output, n_features, n_parts):
    """A network that says the same of everything."""
    zeros = np.zeros((1, n_features, 2), dtype=np.float32), np.zeros((1, 2), dtype=np.float32)
    out_bias = np.full((1, n_parts), np.arctanh(min(output, 1 - 1e-7)), dtype=np.float32)
    return Network(*zeros, np.zeros((1, 2, n_parts), dtype=np.float32), out_bias)


def separable(trust=0.5):
    """α and β that differ from user to user, item to item and part to part."""
    rng = np.random.default_rng(0)
    n_parts = len(model().parts)

    def network(n_features):
        shapes = (1, n_features, 3), (1, 3), (1, 3, n_parts), (1, n_parts)
        return Network(*(rng.standard_normal(shape).astype(np.float32) for shape in shapes))

    log_counts = np.log1p(np.bincount(shop().events.item_numbers, minlength=len(ITEMS) + 1)).astype(np.float32)
    return SeparableK(log_counts, network(4), network(3), trust)


def test_separable_meta_knowledge_scales_users_and_items(batch):
    k = separable()
    plain, whole = model().score(batch), replace(model(), separable=k).score(batch)
    users, items = k.user_factors(batch.lengths, batch.last_items()), k.item_factors()
    for place, name in enumerate(plain.parts):
        expected = plain.parts[name] * users[:, place, None] * items[None, :, place]
        np.testing.assert_allclose(whole.parts[name], expected, rtol=1e-5, atol=1e-7)
    corrections = replace(model(), separable=k).corrections(batch)
    for name, part in whole.parts.items():
        np.testing.assert_allclose(part, plain.parts[name] + corrections[name], rtol=1e-5, atol=1e-6)


def test_separable_meta_knowledge_with_the_dial_at_zero_changes_nothing(batch):
    plain, whole = model().score(batch).total, replace(model(), separable=separable(trust=0.0)).score(batch).total
    assert np.array_equal(plain, whole)


@pytest.mark.parametrize("k", [None, separable()], ids=["fixed", "separable"])
def test_retrieval_is_one_dot_product(batch, k):
    whole = replace(model(transition=-0.5), separable=k)
    users, items = whole.retrieval_vectors(batch)
    assert users.shape[1] == items.shape[1]
    folded = (users @ items.T).toarray()
    np.testing.assert_allclose(folded, whole.score(batch).total, atol=1e-5)


def test_separable_meta_knowledge_is_kept_and_loaded(batch):
    whole = replace(model(), separable=separable())
    again = metarec.load(CONFIG, whole.state(), n_items=len(ITEMS))
    assert np.array_equal(again.score(batch).total, whole.score(batch).total)


def pairwise(trust):
    """k(u, i) that is the dial itself, whatever it sees."""
    n_parts = len(model().parts)
    return MetaKnowledge(
        log_counts=np.zeros(len(ITEMS) + 1, dtype=np.float32),
        mean=np.zeros(4 * n_parts + 8, dtype=np.float32),
        scale=np.ones(4 * n_parts + 8, dtype=np.float32),
        network=always(1.0, 4 * n_parts + 8, n_parts),
        trust=trust,
    )


def test_meta_knowledge_of_a_pair_with_the_dial_at_zero_is_the_fixed_weights(batch):
    fixed = model(transition=-0.5)
    assert np.array_equal(replace(fixed, meta=pairwise(trust=0.0)).score(batch).total, fixed.score(batch).total)


def test_items_beyond_the_shortlist_keep_what_they_have(batch, monkeypatch):
    monkeypatch.setattr(metarec, "SHORTLIST", 2)
    fixed, whole = model().score(batch), replace(model(), meta=pairwise(trust=0.5)).score(batch)
    total = fixed.total.copy()
    np.put_along_axis(total, batch.history.astype(np.int64), -np.inf, axis=1)
    total[:, 0] = -np.inf
    n_corrected = 0
    for row, unseen in enumerate(np.isfinite(total).sum(axis=1)):
        best = np.argsort(-total[row], kind="stable")[: min(2, unseen)]
        factors = np.ones(len(ITEMS) + 1, dtype=np.float32)
        factors[best] = 1.5
        n_corrected += unseen > 2
        for name, part in whole.parts.items():
            np.testing.assert_allclose(part[row], factors * fixed.parts[name][row], rtol=1e-6)
    assert n_corrected > 0, "there are rows with items beyond"


def test_meta_knowledge_of_a_pair_corrects_shortlisted_unseen_items_and_nothing_else(batch):
    plain, whole = model(), replace(model(), meta=pairwise(trust=0.5))
    corrections = whole.corrections(batch)
    for name, part in whole.score(batch).parts.items():
        fixed = plain.score(batch).parts[name]
        np.testing.assert_allclose(part, fixed + corrections[name], rtol=1e-6)
        unseen = np.ones(fixed.shape, dtype=bool)
        np.put_along_axis(unseen, batch.history.astype(np.int64), False, axis=1)
        unseen[:, 0] = False
        np.testing.assert_allclose(corrections[name], np.where(unseen, 0.5 * fixed, 0), rtol=1e-6)


def test_a_model_with_meta_knowledge_is_kept_and_loaded_whole(batch):
    n_parts = len(model().parts)
    rng = np.random.default_rng(0)
    shapes = {"hidden_weights": (2, 4 * n_parts + 8, 3), "hidden_bias": (2, 3), "out_weights": (2, 3, n_parts)}
    shapes["out_bias"] = (2, n_parts)
    meta = MetaKnowledge(
        log_counts=rng.random(len(ITEMS) + 1, dtype=np.float32),
        mean=rng.random(4 * n_parts + 8, dtype=np.float32),
        scale=np.ones(4 * n_parts + 8, dtype=np.float32),
        network=Network(**{name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}),
        trust=0.75,
    )
    whole = replace(model(), meta=meta)
    again = metarec.load(CONFIG, whole.state(), n_items=len(ITEMS))
    assert np.array_equal(again.score(batch).total, whole.score(batch).total)
    assert not np.array_equal(model().score(batch).total, whole.score(batch).total)


def test_a_model_keeps_how_its_scores_become_chances():
    calibration = Calibration(0.25, np.float32([0, 0.5, 1]), np.float32([0, 0.25, 1]))
    whole = replace(model(), calibration=calibration)
    again = metarec.load(CONFIG, whole.state(), n_items=len(ITEMS)).calibration
    assert again.temperature == 0.25
    assert np.array_equal(again.x, calibration.x)
    assert np.array_equal(again.y, calibration.y)
    assert metarec.load(CONFIG, model().state(), n_items=len(ITEMS)).calibration is None
