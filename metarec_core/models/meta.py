"""The article's correction: meta-knowledge says how far to trust each part of a score.

With user vector u, item vector i and meta-knowledge k = MetaKnowledge(u, i)::

    s  = u · i
    s' = s + kᵀ(u ∘ i)

u and i are the parts' vectors side by side and k is one number a part, so that s' is the sum of parts (1 + k_b) · s_b.
It is learned in two stages: one fixed number a part, for all users and items; then, where that is shown to rank better, a
number for each pair of a user and one of the best items under the fixed weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from metarec_core.models.separable import Network, item_features, user_features

Float32Array = npt.NDArray[np.float32]
Int32Array = npt.NDArray[np.int32]


def corrected_score(user: Float32Array, item: Float32Array, k: Float32Array) -> np.float32:
    """s' = u · i + kᵀ(u ∘ i) for vectors of one length: k = 0 gives u · i, and where u · i is made of zeros it stays 0."""
    return np.float32(user @ item + k @ (user * item))


def corrected_part(part: Float32Array, k: float) -> Float32Array:
    """What a whole part contributes under its k: s_b + k_b · s_b, any shape."""
    return np.float32(1.0 + k) * part


SHORTLIST: Final = 200
"""Items on which the pairwise k is computed: the best under the fixed weights."""

RIVALS: Final = 10
"""A part's confidence is how far its best item stands above its tenth."""

TIES: Final = 5
"""Digits to which a part's values are told apart in its ranking: items of the same values differ by rounding only, which is not
the same for one user alone as for many at once."""


@dataclass(frozen=True)
class MetaKnowledge:
    """k(u, i): how far each part can be trusted for this user and this item. A small network without ids.

    It sees how much is known of the user and of the item, what each part says and how sure it is, and nothing about
    taste, so that what it has learned holds for users and items it has never met.

    Attributes:
        log_counts: float32 [N + 1], log(1 + events) of each item.
        mean, scale: float32 [F], by which features are standardised.
        network: k of standardised features.
        trust: The dial ρ between 0 (fixed weights) and 1.
    """

    log_counts: Float32Array
    mean: Float32Array
    scale: Float32Array
    network: Network
    trust: float

    def k(self, values: Float32Array, items: Int32Array, lengths: Int32Array, last_items: Int32Array) -> Float32Array:
        """float32 [B, M, P], each between -ρ and ρ; the arguments are those of ``meta_features``."""
        features = meta_features(values, items, lengths, last_items, self.log_counts)
        return np.float32(self.trust) * self.network(standardised(features, self.mean, self.scale))

    def with_counts(self, log_counts: Float32Array) -> MetaKnowledge:
        return replace(self, log_counts=log_counts)

    def state(self) -> dict[str, np.ndarray]:
        own = {"log_counts": self.log_counts, "mean": self.mean, "scale": self.scale, "trust": np.array([self.trust])}
        return {**own, **vars(self.network)}

    @classmethod
    def from_state(cls, state: Mapping[str, np.ndarray]) -> MetaKnowledge:
        network = Network(**{name: state[name] for name in Network.__dataclass_fields__})
        return cls(state["log_counts"], state["mean"], state["scale"], network, float(state["trust"][0]))


def meta_features(
    values: Float32Array, items: Int32Array, lengths: Int32Array, last_items: Int32Array, log_counts: Float32Array
) -> Float32Array:
    """What meta-knowledge sees of each user and shortlisted item, float32 [B, M, 4P + 8].

    Args:
        values: float32 [B, M, P], the parts under their fixed weights, items in the order of their sum, best first.
        items: int32 [B, M], the shortlisted items; 0 where a list is shorter.
        lengths: int32 [B], length of each history.
        last_items: int32 [B], its last item, 0 without one.
        log_counts: float32 [N + 1].
    """
    n_rows, n_items, _ = values.shape
    listed = (items > 0)[:, :, None]
    even = np.round(values, TIES)
    order = np.argsort(np.argsort(np.where(listed, -even, np.inf), axis=1, kind="stable"), axis=1)
    ranks = order.astype(np.float32) / SHORTLIST
    ranked = -np.sort(np.where(listed, -values, np.float32(0)), axis=1)
    top, rival = ranked[:, 0], ranked[:, min(RIVALS, n_items) - 1]
    place = np.broadcast_to(np.log1p(np.arange(n_items, dtype=np.float32)) / 5, (n_rows, n_items))[:, :, None]
    item = item_features(log_counts[items])
    user = np.column_stack([user_features(lengths, last_items, log_counts), top, top - rival])
    everyone = np.broadcast_to(user[:, None, :], (n_rows, n_items, user.shape[1]))
    return np.concatenate([values, ranks, place, item, everyone], axis=-1, dtype=np.float32)


def standardised(features: Float32Array, mean: Float32Array, scale: Float32Array) -> Float32Array:
    """Features with the mean and spread they had in training, and never far outside of what they were there."""
    clipped: Float32Array = np.clip((features - mean) / scale, -4, 4)
    return clipped
