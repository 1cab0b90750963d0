"""Item text without a language model: weighted pieces of words, in few dimensions. Any language, no download, seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarec_core.data.dataset import Float32Array
from metarec_core.text.space import DIMENSIONS

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

_MOST_PIECES = 100_000


@dataclass(frozen=True)
class TfidfEncoder:
    """TF-IDF of character n-grams inside words, and a truncated SVD.

    Pieces of two to four characters hold short words, word stems and, where a script has no spaces, its words.

    Attributes:
        name: As a run reports it.
        version: None: a vector depends on all texts, so it is not kept.
    """

    name: str = "tf-idf"
    version: str | None = None

    def encode(self, texts: Sequence[str]) -> Float32Array:
        """Vectors of texts that are not empty, float32 [n, D], D ≤ 128."""
        return self.fit(texts)[1]

    def fit(self, texts: Sequence[str]) -> tuple[FittedTfidf, Float32Array]:
        """What reads other texts in the space that these span, and these texts' own vectors, float32 [n, D]."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.utils.extmath import randomized_svd

        weigher = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, max_features=_MOST_PIECES, dtype=np.float32
        )
        pieces = weigher.fit_transform(texts)
        left, sizes, right = randomized_svd(pieces, n_components=min(DIMENSIONS, *pieces.shape), random_state=0)
        return FittedTfidf(weigher, right), np.ascontiguousarray(left * sizes, dtype=np.float32)


@dataclass(frozen=True)
class FittedTfidf:
    """Weighs pieces of words as they weigh in the texts it was fitted on.

    Attributes:
        weigher: A fitted ``TfidfVectorizer``.
        axes: float32 [D, P] over its pieces.
    """

    weigher: TfidfVectorizer
    axes: Float32Array

    def encode(self, texts: Sequence[str]) -> Float32Array:
        """float32 [n, D]; zeros for a text without any known piece."""
        placed = self.weigher.transform(texts) @ self.axes.T
        return np.ascontiguousarray(placed, dtype=np.float32)
