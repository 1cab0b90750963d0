"""Plain values as a short text for an address, and back: base64url(zlib(JSON)), without padding.

A link is read as if a stranger had written it: sizes are limited before anything is unpacked.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from typing import Any, Final

LONGEST: Final = 6_000
"""Characters of a link's text: servers and chats cut longer addresses."""

LARGEST: Final = 200_000
"""Bytes of the JSON in it, unpacked."""


def pack(values: Mapping[str, Any]) -> str:
    """Values as a link's text, which may be longer than ``LONGEST``."""
    packed = zlib.compress(json.dumps(values, separators=(",", ":")).encode(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def unpack(text: str) -> bytes:
    """The JSON in a link's text, at most one byte more than ``LARGEST`` of it.

    Raises:
        ValueError: The text is damaged.
    """
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(packed, LARGEST + 1)
    except (binascii.Error, zlib.error) as error:
        raise ValueError("damaged") from error
    if len(plain) <= LARGEST and not unpacker.eof:
        raise ValueError("damaged")
    return plain
