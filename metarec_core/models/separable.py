"""Meta-knowledge that keeps a score one dot product: how far to trust a part for a user, times how far for an item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

Float32Array = npt.NDArray[np.float32]
Int32Array = npt.NDArray[np.int32]

FEW: Final = 5
"""Up to so many events a user or an item is thin."""


@dataclass(frozen=True)
class Network:
    """Small networks of one hidden layer whose outputs, between -1 and 1, are averaged.

    Attributes:
        hidden_weights, hidden_bias: float32 [E, F, H], [E, H].
        out_weights, out_bias: float32 [E, H, P], [E, P].
    """

    hidden_weights: Float32Array
    hidden_bias: Float32Array
    out_weights: Float32Array
    out_bias: Float32Array

    def __call__(self, features: Float32Array) -> Float32Array:
        """float32 […, P] of features […, F]."""
        outputs = [
            np.tanh(np.tanh(features @ weights + bias) @ out + out_bias)
            for weights, bias, out, out_bias in zip(
                self.hidden_weights, self.hidden_bias, self.out_weights, self.out_bias, strict=True
            )
        ]
        mean: Float32Array = np.mean(outputs, axis=0, dtype=np.float32)
        return mean


@dataclass(frozen=True)
class SeparableK:
    """1 + k_b(u, i) = (1 + ρ α_b(u)) · (1 + ρ β_b(i)): scale a user's blocks once and the items' blocks once.

    Attributes:
        log_counts: float32 [N + 1], log(1 + events) of each item.
        users, items: α and β.
        trust: The dial ρ between 0 (fixed weights) and 1.
    """

    log_counts: Float32Array
    users: Network
    items: Network
    trust: float

    def user_factors(self, lengths: Int32Array, last_items: Int32Array) -> Float32Array:
        """1 + ρ α of users with histories of ``lengths`` that end with ``last_items``, float32 [B, P]."""
        return 1 + np.float32(self.trust) * self.users(user_features(lengths, last_items, self.log_counts))

    def item_factors(self) -> Float32Array:
        """1 + ρ β of all items, float32 [N + 1, P]."""
        return 1 + np.float32(self.trust) * self.items(item_features(self.log_counts))

    def with_counts(self, log_counts: Float32Array) -> SeparableK:
        return replace(self, log_counts=log_counts)

    def state(self) -> dict[str, np.ndarray]:
        nets = {"users": self.users, "items": self.items}
        arrays = {f"{side}_{name}": array for side, net in nets.items() for name, array in vars(net).items()}
        return {**arrays, "log_counts": self.log_counts, "trust": np.array([self.trust])}

    @classmethod
    def from_state(cls, state: Mapping[str, np.ndarray]) -> SeparableK:
        def network(side: str) -> Network:
            return Network(**{name: state[f"{side}_{name}"] for name in Network.__dataclass_fields__})

        return cls(state["log_counts"], network("users"), network("items"), float(state["trust"][0]))


def user_features(lengths: Int32Array, last_items: Int32Array, log_counts: Float32Array) -> Float32Array:
    """How much is known of users, float32 [B, 4]."""
    short = np.minimum(lengths, FEW) / FEW
    return np.column_stack([np.log1p(lengths) / 5, lengths <= FEW, short, log_counts[last_items] / 5]).astype(
        np.float32
    )


def item_features(log_counts: Float32Array) -> Float32Array:
    """How much is known of items, float32 […, 3]."""
    few = log_counts <= np.log1p(np.float32(FEW))
    return np.stack([log_counts / 5, few, log_counts == 0], axis=-1).astype(np.float32)
