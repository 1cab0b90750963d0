"""Text vectors on disk, by content: a text is encoded once, whatever table it is in.

::

    <cache>/<encoder's version>/<hash of the texts in it>.safetensors    keys uint8 [n, 16], vectors float32 [n, D]

Files are only ever added, each as a whole, so that two runs may write at once. One that cannot be read is as good as absent.
The folder can be deleted at any time: it is filled again when needed.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from metarec_core.data.dataset import Float32Array


def text_key(text: str) -> bytes:
    """16 bytes that stand for a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def read_vectors(folder: Path, keys: Sequence[bytes]) -> dict[bytes, Float32Array]:
    """Those of the keys that are stored, each with its float32 [D]."""
    wanted = set(keys)
    found: dict[bytes, Float32Array] = {}
    for path in sorted(folder.glob("*.safetensors")):
        try:
            with safe_open(path, framework="numpy") as file:
                stored = [key.tobytes() for key in file.get_tensor("keys")]
                rows = {key: row for row, key in enumerate(stored) if key in wanted}
                vectors = file.get_tensor("vectors") if rows else np.zeros((len(stored), 0), dtype=np.float32)
        except (OSError, SafetensorError):
            continue
        if vectors.dtype == np.float32 and vectors.ndim == 2 and len(vectors) == len(stored):
            found |= {key: vectors[row] for key, row in rows.items() if np.isfinite(vectors[row]).all()}
    return found


def write_vectors(folder: Path, vectors: Mapping[bytes, Float32Array]) -> None:
    """Add vectors. What cannot be stored is not an error: it is encoded again next time."""
    name = hashlib.sha256(b"".join(vectors)).hexdigest()[:32]
    part = folder / f".{name}-{uuid.uuid4().hex}.part"
    keys = np.stack([np.frombuffer(key, dtype=np.uint8) for key in vectors])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save_file({"keys": keys, "vectors": np.stack(list(vectors.values()))}, part)
        os.replace(part, folder / f"{name}.safetensors")
    except (OSError, SafetensorError):
        with suppress(OSError):
            part.unlink()
