"""The rank of every answer under every model, kept with a run, so that runs can be compared question by question later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from metarec_core import metrics
from metarec_core.data.dataset import Int32Array, Int64Array
from metarec_core.data.split import Queries
from metarec_core.evaluation.evaluate import Measured

Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]

_RANKS, _VARIANT = "ranks of ", "variant "


@dataclass(frozen=True)
class Answers:
    """Ranks of the answers to a split's test queries.

    Attributes:
        user_numbers: int32 [Q], who was asked.
        events: int64 [Q], position of the answer in the dataset's event arrays: equal positions, equal questions.
        ranks: float32 [Q] by model, infinite where the answer could not be listed.
        variants: The same by variant of the run, as ``ablation`` compares them; none in runs of earlier versions.
    """

    user_numbers: Int32Array
    events: Int64Array
    ranks: Mapping[str, Float32Array]
    variants: Mapping[str, Float32Array] = field(default_factory=dict)

    def ndcg(self, model: str, k: int = 10) -> Float64Array:
        """NDCG of each question, float64 [Q]."""
        return metrics.ndcg(self.ranks[model].astype(np.float64), k)

    def asks_like(self, other: Answers) -> bool:
        """Whether both are about the same questions."""
        return bool(np.array_equal(self.events, other.events))

    def arrays(self) -> dict[str, np.ndarray]:
        """Arrays for a file; ``from_arrays`` gives the same answers back."""
        named = {f"{_RANKS}{model}": ranks for model, ranks in self.ranks.items()}
        varied = {f"{_VARIANT}{name}": ranks for name, ranks in self.variants.items()}
        return {"user_numbers": self.user_numbers, "events": self.events, **named, **varied}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Answers:
        def named(prefix: str) -> dict[str, np.ndarray]:
            return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}

        return cls(arrays["user_numbers"], arrays["events"], named(_RANKS), named(_VARIANT))


def answers_of(
    measured: Mapping[str, Measured], queries: Queries, variants: Mapping[str, Float64Array] | None = None
) -> Answers:
    """What is kept of measured models, and of the ranks of a run's variants."""
    ranks = {model: found.ranks.astype(np.float32) for model, found in measured.items()}
    varied = {name: found.astype(np.float32) for name, found in (variants or {}).items()}
    return Answers(queries.user_numbers, queries.events, ranks, varied)
