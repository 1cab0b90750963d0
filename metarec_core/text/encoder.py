"""Item table in, one clean vector an item out; the choice of what encodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from metarec_core.data.dataset import Float32Array
from metarec_core.text.cache import read_vectors, text_key, write_vectors
from metarec_core.text.sentence import BUNDLED, bundled_folder, open_sentence_encoder
from metarec_core.text.space import clean_space
from metarec_core.text.template import item_texts
from metarec_core.text.tfidf import TfidfEncoder

_BLOCK = 256  # texts between two reports: some seconds on one core


class TextEncoder(Protocol):
    """Turns texts into vectors whose dot product says how alike they are."""

    @property
    def name(self) -> str:
        """As a run reports it."""

    @property
    def version(self) -> str | None:
        """Under which vectors are kept; None where a text's vector depends on the other texts, so it is not."""

    def encode(self, texts: Sequence[str]) -> Float32Array:
        """Vectors of texts that are not empty, float32 [n, D]."""


@dataclass(frozen=True)
class EncodingReport:
    """How far encoding is.

    Attributes:
        done: Distinct texts with a vector.
        total: Distinct texts.
        vectors: In the last report, float32 [n_items + 1, D]: see ``encode_items``.
    """

    done: int
    total: int
    vectors: Float32Array | None = None


def choose_encoder(name: str = "auto", texts: Sequence[str] = (), device: str = "cpu") -> TextEncoder:
    """What encodes the items' texts.

    Args:
        name: "auto" (the bundled language model where it is installed and the texts are in Latin script, which is all
            it can read, else TF-IDF), "tf-idf", or a sentence-transformers model by name or folder.
        texts: What will be encoded; only "auto" looks at them.
        device: torch's name of the device that encodes.

    Raises:
        ConfigError: The model is not on this machine, or cannot be used.
    """
    if name == "auto":
        folder = bundled_folder()
        name = TfidfEncoder.name if folder is None or not _mostly_latin(texts) else BUNDLED
    return TfidfEncoder() if name == TfidfEncoder.name else open_sentence_encoder(name, device)


def encode_items(items: pd.DataFrame, encoder: TextEncoder, cache: Path) -> Float32Array:
    """Clean text vectors of the catalogue.

    Args:
        items: ``Tables.items``.
        encoder: See ``choose_encoder``.
        cache: Folder in which vectors are kept from run to run.

    Returns:
        float32 [n_items + 1, D], D ≤ 128, row = item number. Rows have length 1; row 0 (padding), items without text
        and items whose text tells them from no other are zeros.

    Raises:
        ConfigError: The encoder's model cannot be loaded.
    """
    return next(report.vectors for report in encoding(items, encoder, cache) if report.vectors is not None)


def encoding(items: pd.DataFrame, encoder: TextEncoder, cache: Path) -> Iterator[EncodingReport]:
    """``encode_items`` in steps: stop asking = stop encoding; what is done stays cached.

    Raises:
        ConfigError: The encoder's model cannot be loaded.
    """
    texts = item_texts(items)
    distinct = {text_key(text): text for text in texts if text}
    known: dict[bytes, Float32Array] = {}
    version = encoder.version
    if version is None:
        if distinct:
            known = dict(zip(distinct, encoder.encode(list(distinct.values())), strict=True))
    else:
        folder = cache / version
        known = read_vectors(folder, list(distinct))
        missing = [key for key in distinct if key not in known]
        yield EncodingReport(len(known), len(distinct))
        for start in range(0, len(missing), _BLOCK):
            keys = missing[start : start + _BLOCK]
            new = dict(zip(keys, encoder.encode([distinct[key] for key in keys]), strict=True))
            write_vectors(folder, new)
            known |= new
            yield EncodingReport(len(known), len(distinct))
    yield EncodingReport(len(known), len(distinct), _table(texts, known))


def _table(texts: Sequence[str], known: dict[bytes, Float32Array]) -> Float32Array:
    rows = [row for row, text in enumerate(texts) if text]
    if not rows:
        return np.zeros((len(texts) + 1, 1), dtype=np.float32)
    clean = clean_space(np.stack([known[text_key(texts[row])] for row in rows]))
    table = np.zeros((len(texts) + 1, clean.shape[1]), dtype=np.float32)
    table[np.array(rows) + 1] = clean
    return table


def _mostly_latin(texts: Sequence[str]) -> bool:
    letters = [letter for text in texts[:1_000] for letter in text if letter.isalpha()]
    return sum(letter < "ɐ" for letter in letters) * 2 >= len(letters)
