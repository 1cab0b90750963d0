"""Item images that need no outside request: data in the table itself, or files in the workspace's own folder.

Addresses (``https://…``) are never shown: a foreign catalogue could have every viewer's browser call wherever it likes.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from metarec_core.data import columns

LARGEST_IMAGE: Final = 300_000
"""Bytes."""

_DATA = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,([A-Za-z0-9+/=]+)", re.ASCII)
_KINDS: Final = {"png": b"\x89PNG\r\n", "jpeg": b"\xff\xd8\xff", "gif": b"GIF8", "webp": b"RIFF"}
"""First bytes of what browsers draw and run nothing in; SVG is left out, because it is a document."""


def image_column(names: Iterable[str]) -> str | None:
    """The column of an item table that holds images."""
    by_name = {str(name).lower(): str(name) for name in reversed(list(names))}
    return next((by_name[name] for name in columns.IMAGES if name in by_name), None)


def safe_image(value: str, folder: Path) -> str | None:
    """An image as a data URI, or None where there is none that may be shown.

    Args:
        value: What the table says: a ``data:`` URI, or the name of a file in ``folder``.
        folder: Where files are taken from; nothing outside of it is read, whatever the name or a link says.
    """
    inline = _DATA.fullmatch(value.strip()) if len(value) <= 2 * LARGEST_IMAGE else None
    try:
        if inline is not None:
            return _uri(base64.b64decode(inline[1], validate=True))
        if not value.strip() or len(value) > 255 or ":" in value:
            return None
        path, home = (folder / value.strip()).resolve(), folder.resolve()
        if not path.is_relative_to(home) or not path.is_file() or path.stat().st_size > LARGEST_IMAGE:
            return None
        return _uri(path.read_bytes())
    except (OSError, ValueError, binascii.Error):  # a name that no file can have, or text that is no base64
        return None


def _uri(content: bytes) -> str | None:
    """Written anew from the bytes, under the kind that they are."""
    kind = next((kind for kind, start in _KINDS.items() if content.startswith(start)), None)
    if kind is None or len(content) > LARGEST_IMAGE:
        return None
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
