"""Choosing how finely the graph tells items apart: as finely as still holds for items that it has no events of."""

from __future__ import annotations

from typing import Final

import numpy as np

from metarec_core.data.dataset import Interactions
from metarec_core.graph.embed import graph_vectors
from metarec_core.models.batch import Batch
from metarec_core.models.graph import GraphPart, sum_steps
from metarec_core.models.scorer import Float32Array
from metarec_core.training.questions import Questions

DIMENSIONS: Final = (64, 128, 256, 512)

FOLDS: Final = 4
"""Parts of the catalogue that are hidden in turn."""


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
        asked = Questions(questions.dataset, questions.queries.some(rows), questions.max_history)

        def score(batch: Batch, part: GraphPart = part, known: np.ndarray = ~unknown) -> Float32Array:
            scores = part.scores(batch)
            scores[:, known] = -np.inf
            return scores

        total += asked.ndcg(score) * len(rows)
    return total / max(len(questions), 1)
