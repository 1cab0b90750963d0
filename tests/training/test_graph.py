from types import SimpleNamespace

import numpy as np
import pytest

from metarec_core.data.split import leave_one_out
from metarec_core.training.graph import choose_graph, choose_relations, relation_weights
from metarec_core.training.questions import Questions
from tests.small_world import attribute, dataset

ITEMS = [f"i{number}" for number in range(40)]
KINDS = np.arange(40) // 10  # four kinds of ten items


@pytest.fixture
def walks():
    """Users who go round the kinds in order, taking any item of each."""
    rng = np.random.default_rng(0)
    events = {
        f"u{user}": [ITEMS[10 * ((user + step) % 4) + int(rng.integers(10))] for step in range(6)] for user in range(80)
    }
    split = leave_one_out(dataset(events, ITEMS))
    return split.train, Questions(split.dataset, split.validation, 10)


def axes_of(*columns):
    return np.vstack([np.zeros(sum(column.shape[1] for column in columns)), np.hstack(columns)]).astype(np.float32)


def test_as_many_axes_are_kept_as_help_to_place_items_of_which_nothing_was_learned(walks, monkeypatch):
    monkeypatch.setattr("metarec_core.training.graph.DIMENSIONS", (1, 4, 34))
    noise = np.random.default_rng(1).standard_normal((40, 30))
    assert choose_graph(walks[0], axes_of(np.eye(4)[KINDS], noise), walks[1]) == {"dimensions": 4}


def test_no_more_axes_than_there_are(walks):
    assert choose_graph(walks[0], axes_of(np.eye(4)[KINDS]), walks[1]) == {"dimensions": 4}


@pytest.mark.parametrize(("decides", "kept"), [(1, {"attribute.kind": 2.0, "attribute.noise": 0.0}), (-1, {})])
def test_weights_are_searched_one_by_one_and_kept_where_other_questions_agree(walks, monkeypatch, decides, kept):
    known = {name: attribute(name, [["a"], ["b"]] * 20) for name in ("kind", "noise")}
    module = "metarec_core.training.graph"
    monkeypatch.setattr(f"{module}.item_values", lambda dataset, weights: weights)
    monkeypatch.setattr(f"{module}.graph_axes", lambda weights, dimensions: SimpleNamespace(items=weights))
    monkeypatch.setattr(f"{module}.graph_vectors", lambda weights, dimensions: weights)
    choosing = walks[1].queries.events[0]

    def worth(train, weights, asked):
        return (weights[0] - weights[1] + 5) * (1 if asked.queries.events[0] == choosing else decides)

    monkeypatch.setattr(f"{module}._ndcg_of_unknown", worth)
    data = dataset({"u": ITEMS[:3]}, ITEMS, attributes=known)
    assert choose_relations(walks[0], data, walks[1]) == kept
    assert relation_weights(data, {"attribute.noise": 0.5}).tolist() == [1.0, 0.5]


def test_one_relation_alone_has_nothing_to_be_weighed_against(walks):
    known = {"kind": attribute("kind", [[f"kind {kind}"] for kind in KINDS])}
    assert choose_relations(walks[0], dataset({"u": ITEMS[:3]}, ITEMS, attributes=known), walks[1]) == {}
