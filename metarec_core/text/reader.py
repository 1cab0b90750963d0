"""Texts that are no items, placed among the items of a catalogue: a taste in words, an item that is still to come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from metarec_core.data import columns
from metarec_core.data.dataset import Float32Array
from metarec_core.text.cache import read_vectors, text_key
from metarec_core.text.encoder import TextEncoder
from metarec_core.text.space import Space, fit_space
from metarec_core.text.template import item_texts
from metarec_core.text.tfidf import TfidfEncoder


@dataclass(frozen=True)
class TextReader:
    """Reads new texts as a run has read its items.

    Attributes:
        items: ``Tables.items`` of the run.
        encoder: What encoded them.
        cache: Folder of kept vectors.
    """

    items: pd.DataFrame
    encoder: TextEncoder
    cache: Path

    def read(self, text: str) -> Float32Array:
        """Where a text lies among the items, float32 [D], of length 1; zeros where it says nothing that they know."""
        encode, space = self._fitted
        raw = encode([text]) if text.strip() else np.zeros((1, len(space.mean)), dtype=np.float32)
        if not raw.any():  # no piece of it is known: that is no place, not even the middle
            return np.zeros(max(space.axes.shape[1], 1), dtype=np.float32)
        found: Float32Array = space.clean(raw)[0]
        return found

    def read_item(self, title: str, description: str, attributes: Mapping[str, str]) -> Float32Array:
        """Where an item lies that is not in the catalogue, float32 [D], as in ``read``.

        Args:
            title: What it is called.
            description: What is said of it.
            attributes: Values by attribute, several of one apart by ``|``; those that the item table does not have are not
                read.
        """
        written = {**attributes, columns.TITLE: title, columns.DESCRIPTION: description}
        names = [name for name in self.items.columns if name not in (columns.ROW,)]
        row = {name: [str(written.get(name, ""))] for name in names}
        return self.read(item_texts(pd.DataFrame(row))[0])

    @cached_property
    def _fitted(self) -> tuple[Callable[[Sequence[str]], Float32Array], Space]:
        """What makes raw vectors of texts, and how those become clean ones; both as the catalogue has them."""
        texts = [text for text in item_texts(self.items) if text]
        distinct = {text_key(text): text for text in texts}
        if not texts:
            return self.encoder.encode, Space(np.zeros(1, np.float32), np.zeros((1, 0), np.float32))
        if isinstance(self.encoder, TfidfEncoder):
            fitted, vectors = self.encoder.fit(list(distinct.values()))
            known, encode = dict(zip(distinct, vectors, strict=True)), fitted.encode
        else:
            known, encode = read_vectors(self.cache / str(self.encoder.version), list(distinct)), self.encoder.encode
            missing = [key for key in distinct if key not in known]
            if missing:
                known |= dict(zip(missing, encode([distinct[key] for key in missing]), strict=True))
        return encode, fit_space(np.stack([known[text_key(text)] for text in texts]))
