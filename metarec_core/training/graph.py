"""Choosing what each relation counts and how finely the graph tells items apart: by what holds for items without any event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from metarec_core.data.dataset import Dataset, Int64Array, Interactions
from metarec_core.graph.embed import graph_axes, graph_vectors
from metarec_core.graph.values import item_values, relation_keys
from metarec_core.models.batch import Batch
from metarec_core.models.graph import GraphPart, sum_steps
from metarec_core.models.scorer import Float32Array
from metarec_core.training.questions import Questions

DIMENSIONS: Final = (64, 128, 256, 512)

FOLDS: Final = 4
"""Parts of the catalogue that are hidden in turn."""


WEIGHTS: Final = (0.0, 0.5, 2.0)
"""What an attribute or relation may count instead of 1."""

MOST_RELATIONS: Final = 12
"""Attributes and relations whose weight is searched, those with the most links."""

SEARCH_DIMENSIONS: Final = 64


def choose_relations(train: Interactions, dataset: Dataset, questions: Questions) -> dict[str, float]:
    """What each attribute and relation counts, one after the other (coordinate search), by the criterion of ``choose_graph``.

    Every other question chooses; the rest decide whether what was chosen is kept.

    Returns:
        Weights by ``relation_keys``, those other than 1; empty where all counting the same ranks as well.
    """
    keys, weights = relation_keys(dataset), np.ones(len(relation_keys(dataset)), dtype=np.float32)
    links = [len(known.value_numbers) for known in (*dataset.attributes.values(), *dataset.facts.values())]
    if len(keys) < 2 or len(questions) < 2:
        return {}
    to_choose, to_decide = (_some(questions, np.arange(first, len(questions), 2)) for first in (0, 1))

    def worth(weights: Float32Array, asked: Questions) -> float:
        axes = graph_axes(item_values(dataset, weights), SEARCH_DIMENSIONS)
        return _ndcg_of_unknown(train, graph_vectors(axes.items, SEARCH_DIMENSIONS), asked)

    value = worth(weights, to_choose)
    for place in np.argsort(-np.array(links), kind="stable")[:MOST_RELATIONS]:
        for weight in WEIGHTS:
            tried = weights.copy()
            tried[place] = weight
            found = worth(tried, to_choose) if tried.any() else -1.0
            if found > value:
                weights, value = tried, found
    if worth(weights, to_decide) <= worth(np.ones_like(weights), to_decide):
        return {}
    return {key: float(weight) for key, weight in zip(keys, weights, strict=True) if weight != 1}


def relation_weights(dataset: Dataset, chosen: Mapping[str, float]) -> Float32Array:
    """What ``choose_relations`` chose in the order of ``relation_keys``, float32 [R]."""
    return np.array([chosen.get(key, 1.0) for key in relation_keys(dataset)], dtype=np.float32)


def choose_graph(train: Interactions, axes: Float32Array, questions: Questions) -> dict[str, int]:
    """How many axes rank best on validation questions whose answer is an item that nothing was learned about.

    With items it has events of, the part would be chosen to learn them by heart, which others do better. Each question is asked
    once, of a part that does not know its fold of the catalogue, and ranked among that fold.

    Args:
        train: Training events.
        axes: float32 [N + 1, D], the items of the catalogue's ``graph_axes``.
        questions: Validation questions.

    Returns:
        ``dimensions``. The first of ``DIMENSIONS`` after which more are not better.
    """
    best, value = 0, -1.0
    for dimensions in sorted({min(dimensions, axes.shape[1]) for dimensions in DIMENSIONS}):
        found = _ndcg_of_unknown(train, graph_vectors(axes, dimensions), questions)
        if found <= value:
            break
        best, value = dimensions, found
    return {"dimensions": best}


def _ndcg_of_unknown(train: Interactions, vectors: Float32Array, questions: Questions) -> float:
    steps = sum_steps(train, vectors)
    folds, answers = np.arange(len(vectors)) % FOLDS, questions.answers()
    total = 0.0
    for fold in range(FOLDS):
        rows, unknown = np.flatnonzero(folds[answers] == fold), folds == fold
        if len(rows) == 0:
            continue
        part = steps.part(known=~unknown)
        asked = _some(questions, rows)

        def score(batch: Batch, part: GraphPart = part, known: np.ndarray = ~unknown) -> Float32Array:
            scores = part.scores(batch)
            scores[:, known] = -np.inf
            return scores

        total += asked.ndcg(score) * len(rows)
    return total / max(len(questions), 1)


def _some(questions: Questions, rows: Int64Array) -> Questions:
    return Questions(questions.dataset, questions.queries.some(rows), questions.max_history)
