"""Paths from a user to an item, with the share of the item's score that the graph part gives each."""

from __future__ import annotations

from typing import cast

import numpy as np

from metarec_core.graph.paths import Paths
from metarec_core.models.batch import Batch, user_batch
from metarec_core.models.graph import GraphPart
from metarec_core.models.metarec import GRAPH, MetaRec
from metarec_core.recommend.recommender import Recommender


def paths(recommender: Recommender, *, user_id: str, item_id: str, most: int = 5, evidence: int = 3) -> Paths:
    """What links a user to an item, recommended or not.

    The counted paths and ``more`` add up to the graph part's share of the score, as ``explain`` tells it.

    Args:
        recommender: A finished run at work.
        user_id: Whose history.
        item_id: To where.
        most: Counted paths to list; the rest is summed up.
        evidence: Paths of people, and of contexts, to list.

    Raises:
        UnknownIdError: The user or the item is not in the data.
    """
    data, index = recommender.dataset, recommender.path_index
    user, item = data.users.number(user_id), data.items.number(item_id)
    batch = user_batch(data, np.array([user], dtype=np.int32), recommender.max_history)
    length = int(batch.lengths[0])
    weights, scale = np.ones(length, dtype=np.float32), 1.0
    if index.entities is not None:
        model = cast(MetaRec, recommender.scorer)
        decay = cast(GraphPart, model.parts[GRAPH]).decay
        weights = np.power(np.float32(decay), batch.ages()[0, :length], dtype=np.float32)
        scale = _scale(model, batch, item)
    history = batch.history[0, :length]
    return index.find(user, history, weights, item, scale=scale, most=most, evidence=evidence)


def _scale(model: MetaRec, batch: Batch, item: int) -> float:
    """What the graph part's own score is multiplied by for the only row of a batch and one item: its unit and 1 + k."""
    place = model.part_names.index(GRAPH)
    scale = model.units[GRAPH] * (1.0 + model.k[GRAPH])
    if model.separable is not None:
        scale *= float(model.separable.user_factors(batch.lengths, batch.last_items())[0, place])
        scale *= float(model.separable.item_factors()[item, place])
    if model.meta is not None:
        items, values = model.shortlist(batch, model.retrieval_parts(batch))
        listed = np.flatnonzero(items[0] == item)
        if len(listed):
            k = model.meta.k(values, items, batch.lengths, batch.last_items())
            scale *= 1.0 + float(k[0, listed[0], place])
    return scale
