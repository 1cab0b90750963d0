"""Clean a space of text vectors, so that a dot product tells items apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from metarec_core.data.dataset import Float32Array

DIMENSIONS: Final = 128
RELAXATION: Final = 0.1
"""Added to each variance before it is divided out, in mean variances; 0 would blow up noise to the size of meaning."""

_NOISE = 1e-6  # of the vectors' mean squared length: below it a direction is rounding


@dataclass(frozen=True)
class Space:
    """How raw vectors become clean ones; fitted on a catalogue, it places other texts among its items.

    Attributes:
        mean: float32 [D].
        axes: float32 [D, d], the main directions, whitened; d = 0 where all vectors were equal.
    """

    mean: Float32Array
    axes: Float32Array

    def clean(self, vectors: Float32Array) -> Float32Array:
        """float32 [n, d] of [n, D]: rows have length 1; one that is the mean of all is zeros. d is 1 at least."""
        if self.axes.shape[1] == 0:
            return np.zeros((len(vectors), 1), dtype=np.float32)
        white: Float32Array = ((vectors - self.mean) @ self.axes).astype(np.float32, copy=False)
        lengths = np.linalg.norm(white, axis=1)
        apart = lengths > np.sqrt(_NOISE)
        clean: Float32Array = np.zeros_like(white)
        clean[apart] = white[apart] / lengths[apart, np.newaxis]
        return clean


def fit_space(vectors: Float32Array, dimensions: int = DIMENSIONS) -> Space:
    """Centre, rotate to the main directions, whiten softly.

    Args:
        vectors: float32 [n, D], n > 0.
        dimensions: At most this many directions are kept.

    Source: see ``clean_space``.
    """
    mean: Float32Array = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    centred = vectors - mean
    variances, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64) / len(vectors))
    noise = _NOISE * float(np.square(vectors, dtype=np.float64).sum(axis=1).mean())
    main = [i for i in np.argsort(-variances)[:dimensions] if variances[i] > noise]
    if not main:
        return Space(mean, np.zeros((vectors.shape[1], 0), dtype=np.float32))
    variances, axes = variances[main], axes[:, main]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(len(main))])  # eigenvectors come with either sign
    return Space(mean, (axes / np.sqrt(variances + RELAXATION * variances.mean())).astype(np.float32))


def clean_space(vectors: Float32Array, dimensions: int = DIMENSIONS) -> Float32Array:
    """Centre, rotate to the main directions, whiten softly, scale to length 1.

    Raw sentence vectors all point one way (mean cosine far above 0), which hides what differs between items.

    Args:
        vectors: float32 [n, D].
        dimensions: At most this many directions are kept.

    Returns:
        float32 [n, d], 1 ≤ d ≤ ``dimensions``. Rows have length 1; a row that is the mean of all, or nothing but
        rounding away from it, is zeros (so are all rows where all vectors are equal: they tell nothing apart).

    Source:
        Zhang et al., "Are ID Embeddings Necessary? Whitening Pre-trained Text Embeddings for Effective Sequential
        Recommendation" (WhitenRec), 2024.
    """
    if len(vectors) == 0:
        return np.zeros((0, 1), dtype=np.float32)
    return fit_space(vectors, dimensions).clean(vectors)
