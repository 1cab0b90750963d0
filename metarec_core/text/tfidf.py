"""Item text without a language model: weighted pieces of words, in few dimensions. Any language, no download, seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metarec_core.data.dataset import Float32Array
from metarec_core.text.space import DIMENSIONS

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
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.utils.extmath import randomized_svd

        pieces = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, max_features=_MOST_PIECES, dtype=np.float32
        ).fit_transform(texts)
        left, sizes, _ = randomized_svd(pieces, n_components=min(DIMENSIONS, *pieces.shape), random_state=0)
        return np.ascontiguousarray(left * sizes, dtype=np.float32)
