"""On what, and when, figures were measured."""

from __future__ import annotations

import datetime
import os
import platform
from importlib.metadata import version
from pathlib import Path


def machine() -> str:
    """Today's date (UTC), processor and cores, for the line above a table."""
    return f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}, {_processor()}, {os.cpu_count()} cores"


def packages() -> str:
    """Versions of Python and of what does the arithmetic."""
    named = (f"{name} {version(name)}" for name in ("torch", "numpy", "pandas"))
    return f"Python {platform.python_version()}, {', '.join(named)}"


def _processor() -> str:
    """The processor's name where the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
