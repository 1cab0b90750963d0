"""The article's correction: meta-knowledge says how far to trust each part of a score.

With user vector u, item vector i and meta-knowledge k = MetaKnowledge(u, i)::

    s  = u · i
    s' = s + kᵀ(u ∘ i)

u and i are the parts' vectors side by side and k is one number a part, so that s' is the sum of parts (1 + k_b) · s_b.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float32Array = npt.NDArray[np.float32]


def corrected_score(user: Float32Array, item: Float32Array, k: Float32Array) -> np.float32:
    """s' = u · i + kᵀ(u ∘ i) for vectors of one length: k = 0 gives u · i, and where u · i is made of zeros it stays 0."""
    return np.float32(user @ item + k @ (user * item))


def corrected_part(part: Float32Array, k: float) -> Float32Array:
    """What a whole part contributes under its k: s_b + k_b · s_b, any shape."""
    return np.float32(1.0 + k) * part
