"""What a process prints for whoever looks for a reason later; a full disk takes no words, and must not end the work for it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime


def log(text: str) -> None:
    """Print with the time; what cannot be written now is left out."""
    line = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {text}\n"
    with suppress(OSError):  # without a buffer, or what is left in it would be an error at the process's end
        os.write(sys.stdout.fileno(), line.encode("utf-8", errors="replace"))
