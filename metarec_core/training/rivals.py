"""The items that may come before each question's answer, laid out so that one weight after the other can be tried fast."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metarec_core import metrics
from metarec_core.models.scorer import Float32Array


@dataclass(frozen=True)
class Rivals:
    """What each part says more of the rivals than of the answers.

    Attributes:
        names: The parts.
        margins: float32 [P, T], of all questions' rivals one after the other, a row a part, as one weight moves at a time.
        begins: int64 [R], where the rivals of each question that has some begin, rising.
        rows: int64 [R], which questions those are.
        seen: bool [Q], whose answer was seen before, so that it is in no list.
    """

    names: tuple[str, ...]
    margins: Float32Array
    begins: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    seen: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, names: Sequence[str], values: Float32Array, hidden: npt.NDArray[np.bool_]) -> Rivals:
        """Of candidates, the answer first.

        Args:
            names: The P parts.
            values: float32 [Q, M, P].
            hidden: bool [Q, M], candidates that are none.
        """
        question, place = np.nonzero(~hidden[:, 1:])
        margins = np.empty((len(names), len(question)), dtype=np.float32)
        for part in range(len(names)):
            said = values[:, :, part]
            np.subtract(said[question, place + 1], said[question, 0], out=margins[part])
        rows, begins = np.unique(question, return_index=True)
        return cls(tuple(names), margins, begins, rows, hidden[:, 0])

    def sample(self, rows: npt.NDArray[np.int64]) -> Rivals:
        """The rivals of some questions, in the order of the questions; ``rows`` rise."""
        ends = np.append(self.begins[1:], self.margins.shape[1])
        _, asked, kept = np.intersect1d(rows, self.rows, assume_unique=True, return_indices=True)
        sizes = (ends - self.begins)[kept]
        begins = np.cumsum(sizes) - sizes
        places = np.repeat(self.begins[kept] - begins, sizes) + np.arange(sizes.sum())
        return Rivals(self.names, self.margins[:, places], begins, asked, self.seen[rows])

    def of_parts(self, names: Sequence[str]) -> Rivals:
        """The same rivals, by what some of the parts say."""
        places = [self.names.index(name) for name in names]
        return Rivals(tuple(names), self.margins[places], self.begins, self.rows, self.seen)

    def ranks(self, weights: Mapping[str, float]) -> npt.NDArray[np.float64]:
        """Rank of each answer, float64 [Q], when the parts are summed with one weight each; infinite where it was seen."""
        return self._ranks(self._sum(weights))

    def ndcg(self, weights: Mapping[str, float]) -> float:
        """Mean NDCG@10 of the answers."""
        return self._ndcg(self._sum(weights))

    def along(self, weights: Mapping[str, float], name: str) -> Callable[[float], float]:
        """``ndcg`` as a function of one part's weight, the others' as they are; their sum is made once."""
        others = self._sum({**weights, name: 0.0})
        own, total = self.margins[self.names.index(name)], np.empty_like(others)

        def ndcg(weight: float) -> float:
            np.multiply(own, np.float32(weight), out=total)
            return self._ndcg(np.add(total, others, out=total))

        return ndcg

    def _sum(self, weights: Mapping[str, float]) -> Float32Array:
        total = np.zeros(self.margins.shape[1], dtype=np.float32)
        for margins, name in zip(self.margins, self.names, strict=True):
            if weights[name]:
                total += np.float32(weights[name]) * margins
        return total

    def _ranks(self, totals: Float32Array) -> npt.NDArray[np.float64]:
        ranks = np.ones(len(self.seen))
        if len(self.rows):
            above = np.add.reduceat((totals > 0).view(np.int8), self.begins, dtype=np.int32)
            level = np.add.reduceat((totals == 0).view(np.int8), self.begins, dtype=np.int32)
            ranks[self.rows] += above + level / 2
        ranks[self.seen] = np.inf
        return ranks

    def _ndcg(self, totals: Float32Array) -> float:
        return float(metrics.ndcg(self._ranks(totals), 10).mean())
