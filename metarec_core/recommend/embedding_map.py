"""The embedding map of a run: items, users and what is known of them in two dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from metarec_core.data import columns
from metarec_core.data.dataset import Float32Array, Int32Array, Int64Array
from metarec_core.errors import InputError, RunError
from metarec_core.graph.map import main_axes, mapped_nodes, neighbours_kept, neighbours_together
from metarec_core.graph.space import node_vectors
from metarec_core.language import say
from metarec_core.models.batch import user_batch
from metarec_core.recommend.recommender import Recommender
from metarec_core.runs.run import Run
from metarec_core.runs.store import read_arrays, write_arrays

Way = Literal["axes", "neighbours"]
"""How a map is drawn: the two main axes (PCA), or neighbours together (t-SNE)."""


@dataclass(frozen=True)
class EmbeddingMap:
    """A map.

    Attributes:
        nodes: int64 [n], nodes of the knowledge graph.
        places: float32 [n, 2].
        kept: Share of each node's ten nearest neighbours in the space that are among its ten nearest here.
        way: How it was drawn.
    """

    nodes: Int64Array
    places: Float32Array
    kept: float
    way: Way

    def frame(self, recommender: Recommender) -> pd.DataFrame:
        """The points as rows: type, id, title, x, y."""
        graph = recommender.knowledge_graph
        kinds = [graph.kind_of(node) for node in self.nodes.tolist()]
        ids = [graph.id(node) for node in self.nodes.tolist()]
        titles = [recommender.title(i) if k.group == "item" else i for i, k in zip(ids, kinds, strict=True)]
        named = {"type": [kind.key for kind in kinds], "id": ids, "title": titles}
        return pd.DataFrame({**named, "x": self.places[:, 0], "y": self.places[:, 1]})


def embedding_map(recommender: Recommender, way: Way = "axes") -> EmbeddingMap:
    """Draw a map; the same each time.

    Raises:
        InputError: The run knows nothing of items beside their events.
    """
    nodes, vectors = _mapped(recommender)
    places = main_axes(vectors) if way == "axes" else neighbours_together(vectors)
    return EmbeddingMap(nodes, places, neighbours_kept(vectors, places), way)


def kept_map(run: Run, recommender: Recommender) -> EmbeddingMap | None:
    """The map with neighbours together as it was drawn before; None where it was not, or is of other nodes than it would be."""
    if not run.folder.map.is_file():
        return None
    try:
        arrays = read_arrays(run.folder.map)
    except RunError:  # it is drawn again then
        return None
    nodes, places = arrays.get("nodes"), arrays.get("places")
    if nodes is None or places is None or len(nodes) != len(places) or "kept" not in arrays:
        return None
    if not np.array_equal(nodes, _mapped(recommender)[0]):
        return None
    return EmbeddingMap(nodes, places, float(arrays["kept"][0]), "neighbours")


def drawn_map(run: Run, recommender: Recommender) -> EmbeddingMap:
    """The map with neighbours together, read back where it was drawn before, otherwise drawn and kept with the run.

    Raises:
        InputError: The run knows nothing of items beside their events.
    """
    if (known := kept_map(run, recommender)) is not None:
        return known
    found = embedding_map(recommender, "neighbours")
    write_arrays(run.folder.map, {"nodes": found.nodes, "places": found.places, "kept": np.array([found.kept])})
    return found


def leading_parts(recommender: Recommender, nodes: Int64Array) -> dict[int, str]:
    """The part of the score that carries items and users among some nodes, by node.

    Of an item it is the part that adds most to its score, in the mean over the users among the nodes; of a user the part that
    adds most to the scores of the own first ten.
    """
    graph = recommender.knowledge_graph
    users, items = graph.kind("user"), graph.kind("item")
    mapped_users = nodes[(nodes >= users.start) & (nodes < users.stop)]
    numbers = (mapped_users - users.start + 1).astype(np.int32)
    names = recommender.part_names
    sums = np.zeros((len(names), recommender.dataset.n_items + 1))
    for start in range(0, len(numbers), recommender.block_size):
        sums += _part_sums(recommender, numbers[start : start + recommender.block_size])
    leading = {
        int(node): names[int(sums[:, node - items.start + 1].argmax())]
        for node in nodes[(nodes >= items.start) & (nodes < items.stop)]
    }
    frame = recommender.recommend([recommender.dataset.users.id(int(number)) for number in numbers]).frame
    shares = frame[[columns.PART_PREFIX + name for name in names]].groupby(frame[columns.USER_ID], sort=False).sum()
    for user_id, place in zip(shares.index, shares.to_numpy().argmax(axis=1), strict=True):
        leading[users.start + recommender.dataset.users.number(str(user_id)) - 1] = names[int(place)]
    return leading


def _part_sums(recommender: Recommender, numbers: Int32Array) -> np.ndarray:
    scores = recommender.scorer.score(user_batch(recommender.dataset, numbers, recommender.max_history))
    return np.stack([part.sum(axis=0, dtype=np.float64) for part in scores.parts.values()])


def _mapped(recommender: Recommender) -> tuple[Int64Array, Float32Array]:
    """The nodes of a map and where they lie in the space, those left out of which nothing is known."""
    if recommender.known_vectors.shape[1] == 0:
        raise InputError(
            say(
                "This run knows items only by their events, so there is no space to draw: train one with "
                "a graph or text part."
            )
        )
    nodes = mapped_nodes(recommender.knowledge_graph)
    vectors = node_vectors(recommender.item_shares, recommender.known_vectors, nodes)
    there = vectors.any(axis=1)
    return nodes[there], vectors[there]
