"""From a space of many dimensions to two: which nodes of the graph a map shows, and where."""

from __future__ import annotations

from typing import Final

import numpy as np

from metarec_core.data.dataset import Float32Array, Int64Array
from metarec_core.graph.knowledge_graph import KnowledgeGraph

MOST_ITEMS: Final = 2_000
MOST_USERS: Final = 400
MOST_VALUES: Final = 400
"""Values, entities, contexts and users' attributes together."""

NEAR: Final = 10
"""Nearest neighbours by which a map is judged."""

MOST_JUDGED: Final = 500
PERPLEXITY: Final = 30.0


def mapped_nodes(graph: KnowledgeGraph, seed: int = 0) -> Int64Array:
    """Nodes for a map that can still be read, int64, ascending: the items with most edges, users drawn at random, and values of
    all kinds in turn, those with most edges first, of which each links two at least."""
    degrees, random = graph.degrees(), np.random.default_rng(seed)
    users, items = graph.kind("user"), graph.kind("item")
    drawn = users.start + random.permutation(len(users.ids))[:MOST_USERS]
    most = items.start + np.argsort(-degrees[items.start : items.stop], kind="stable")[:MOST_ITEMS]
    values, turns = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for kind in graph.kinds:
        if kind.group not in ("user", "item"):
            own = kind.start + np.argsort(-degrees[kind.start : kind.stop], kind="stable")[:MOST_VALUES]
            own = own[degrees[own] >= 2]
            values.append(own)
            turns.append(np.arange(len(own)))
    ranked = np.concatenate(values)[np.argsort(np.concatenate(turns), kind="stable")][:MOST_VALUES]
    return np.sort(np.concatenate([drawn, most, ranked])).astype(np.int64)


def main_axes(vectors: Float32Array) -> Float32Array:
    """The plane in which the vectors differ most (PCA), float32 [n, 2], each axis turned so that its farthest is positive."""
    centred = vectors - vectors.mean(axis=0, keepdims=True) if len(vectors) else vectors
    _, turn = np.linalg.eigh(centred.T.astype(np.float64) @ centred)
    places = np.zeros((len(vectors), 2))
    plane = centred @ turn[:, ::-1][:, :2]
    places[:, : plane.shape[1]] = plane
    if len(places):
        far = places[np.abs(places).argmax(axis=0), np.arange(2)]
        places *= np.where(far < 0, -1.0, 1.0)
    return places.astype(np.float32)


def neighbours_together(vectors: Float32Array, seed: int = 0) -> Float32Array:
    """What is near in the space is near on the map, whatever lies beyond (t-SNE, begun from ``main_axes``); float32 [n, 2].

    Source: van der Maaten and Hinton 2008, "Visualizing Data using t-SNE"; Kobak and Berens 2019 for beginning with PCA.
    """
    from sklearn.manifold import TSNE

    begin = main_axes(vectors)
    if len(vectors) < 4:
        return begin
    begin = begin / max(float(begin[:, 0].std()), 1e-12) * 1e-4
    perplexity = min(PERPLEXITY, (len(vectors) - 1) / 3)
    found = TSNE(2, perplexity=perplexity, init=begin, learning_rate="auto", random_state=seed).fit_transform(vectors)
    places: Float32Array = np.asarray(found, dtype=np.float32)
    return places


def neighbours_kept(vectors: Float32Array, places: Float32Array) -> float:
    """Share of each node's ten nearest in the space that are among its ten nearest on the map, mean over at most 500 nodes."""
    n = len(vectors)
    near = min(NEAR, n - 1)
    if near < 1:
        return 1.0
    asked = np.arange(n)[:: -(-n // MOST_JUDGED)]
    there, here = _nearest(vectors, asked, near), _nearest(places, asked, near)
    return float(np.mean([len(np.intersect1d(a, b)) / near for a, b in zip(there, here, strict=True)]))


def _nearest(points: Float32Array, asked: Int64Array, near: int) -> Int64Array:
    """The nearest other points of some, int64 [q, near]."""
    lengths = (points * points).sum(axis=1)
    distances = lengths[None, :] - 2 * points[asked] @ points.T
    distances[np.arange(len(asked)), asked] = np.inf
    return np.argpartition(distances, near - 1, axis=1)[:, :near]
