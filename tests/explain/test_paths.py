from dataclasses import replace

import numpy as np
import pytest

from metarec_core.errors import UnknownIdError
from metarec_core.explain.paths import paths
from metarec_core.graph.embed import graph_axes, graph_vectors
from metarec_core.graph.values import item_values
from metarec_core.models.batch import user_batch
from metarec_core.models.graph import fit_graph
from metarec_core.models.meta import MetaKnowledge
from metarec_core.models.metarec import MetaRec
from metarec_core.models.popularity import fit_popularity
from metarec_core.models.separable import Network, SeparableK
from metarec_core.recommend.recommender import Recommender
from tests.small_world import attribute, dataset, recommender

KINDS = attribute("kind", [["hot", "drink"], ["drink"], ["hot", "sweet"], ["sweet"]])
MAKERS = attribute("maker", [["a"], ["a"], ["b"], ["b"]])
COUNTS = np.float32([0, 1, 2, 0, 1])


def network(n_inputs: int, seed: int) -> Network:
    draw = np.random.default_rng(seed).normal(size=(n_inputs * 3 + 3 * 2,)).astype(np.float32)
    hidden, out = draw[: n_inputs * 3].reshape(1, n_inputs, 3), draw[n_inputs * 3 :].reshape(1, 3, 2)
    return Network(hidden, np.zeros((1, 3), np.float32), out, np.zeros((1, 2), np.float32))


def world(weights=(), **meta) -> Recommender:
    data = dataset(attributes={"kind": KINDS, "maker": MAKERS})
    counted = np.float32(weights)
    axes = graph_axes(item_values(data, counted if counted.size else None), 3)
    parts = {
        "graph": replace(fit_graph(data.events, graph_vectors(axes.items, 3), axes.values), relations=counted),
        "popularity": fit_popularity(data.events),
    }
    model = MetaRec(4, parts, units={"graph": 2.0, "popularity": 1.0}, k={"graph": -0.5, "popularity": 0.0}, **meta)
    return replace(recommender(), dataset=data, scorer=model)


SEPARABLE = SeparableK(COUNTS, network(4, 0), network(3, 1), trust=0.5)
OF_PAIRS = MetaKnowledge(COUNTS, np.zeros(16, np.float32), np.ones(16, np.float32), network(16, 2), trust=0.75)


# weighted relations too
@pytest.mark.parametrize("meta", [{}, {"weights": (0.5, 2.0)}, {"separable": SEPARABLE}, {"meta": OF_PAIRS}])
@pytest.mark.parametrize("item", ["jam", "cake", "tea"])
def test_paths_add_up_to_the_graph_part_of_the_score(item, meta):
    whole = world(**meta)
    batch = user_batch(whole.dataset, np.int32([2]), whole.max_history)
    said = whole.scorer.score(batch).parts["graph"][0, whole.dataset.items.number(item)]
    found = paths(whole, user_id="bob", item_id=item, most=2)
    assert found.counted
    assert found.part == pytest.approx(said, abs=1e-6)
    assert sum(path.score for path in found.counted) + found.more == pytest.approx(said, abs=1e-6)


def test_a_model_without_a_graph_part_has_evidence_only():
    found = paths(recommender(), user_id="bob", item_id="cake")
    assert (found.part, found.counted) == (None, ())
    assert [path.kind for path in found.evidence] == ["people", "people"]


@pytest.mark.parametrize(("user", "item"), [("zoe", "jam"), ("ann", "rum")])
def test_unknown_ids_are_refused(user, item):
    with pytest.raises(UnknownIdError, match="There is no"):
        paths(world(), user_id=user, item_id=item)
