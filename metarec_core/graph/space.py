"""Users, items, values, entities and contexts in one space: each lies where the items lie that it has to do with."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from metarec_core.data.dataset import Float32Array, Int64Array
from metarec_core.graph.knowledge_graph import KnowledgeGraph, NodeKind


def item_shares(graph: KnowledgeGraph, histories: sparse.csr_array) -> sparse.csr_array:
    """Of which items each node is made, float32 [V, N + 1]: linear propagation along the edges.

    An item is made of itself. A value, an entity or a context is made of the items that it is linked to, by the weights of the
    edges, so that its dot product with an item is the score by which the linear space foretells links. A user is made of the
    own history, a user attribute's value of what the users who have it chose.

    Args:
        graph: Whose nodes.
        histories: float32 [U, N + 1], what each event of each user counts.
    """
    users, items = graph.kind("user"), graph.kind("item")
    n_items = len(items.ids)
    themselves = sparse.eye_array(n_items, n_items + 1, k=1, format="csr", dtype=np.float32)
    of_items = sparse.hstack([sparse.csr_array((graph.n_nodes, 1)), _links(graph, items)], format="csr")
    blocks = {"user": histories, "item": themselves}
    of_users = _links(graph, users) @ _shares(histories)
    rows = [
        blocks.get(kind.group, (of_users if kind.group == "user attribute" else of_items)[kind.start : kind.stop])
        for kind in graph.kinds
    ]
    found: sparse.csr_array = sparse.vstack(rows, format="csr").astype(np.float32)
    return found


def node_vectors(shares: sparse.csr_array, items: Float32Array, nodes: Int64Array) -> Float32Array:
    """Where nodes lie, float32 [n, D]: of length 1, or zeros where nothing is known of what they are made of.

    Args:
        shares: ``item_shares`` of the graph.
        items: float32 [N + 1, D], where the items lie.
        nodes: int64 [n].
    """
    vectors = shares[nodes] @ items
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Float32Array = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return scaled


def _links(graph: KnowledgeGraph, owners: NodeKind) -> sparse.csr_array:
    """The weights of the edges from users or items to what is neither, float32 [V, users or items]."""
    ours = (graph.sources >= owners.start) & (graph.sources < owners.stop) & (graph.targets >= graph.kind("item").stop)
    pairs = graph.targets[ours], graph.sources[ours] - np.int32(owners.start)
    shape = (graph.n_nodes, len(owners.ids))
    return sparse.csr_array(sparse.coo_array((graph.weights[ours], pairs), shape=shape))


def _shares(histories: sparse.csr_array) -> sparse.csr_array:
    """Rows that sum to 1, so that every user counts alike, whatever the length of the history."""
    sums = histories.sum(axis=1)
    scale = np.divide(1.0, sums, out=np.zeros_like(sums), where=sums > 0)
    return sparse.csr_array(sparse.diags_array(scale) @ histories)
