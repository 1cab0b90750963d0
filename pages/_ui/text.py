"""Foreign text on markdown surfaces, where an item titled ``![x](http://…)`` would otherwise fetch a picture."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&@/])")


def plain(text: str) -> str:
    """Text that reads the same on a markdown surface: one line, every sign with a meaning there escaped."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
