"""Foreign text on markdown surfaces, where an item titled ``![x](http://…)`` would otherwise fetch a picture."""

from __future__ import annotations

import re

_LINKED = re.compile(r"(?i)(?<=http:)(?=//)|(?<=https:)(?=//)|(?<=www)(?=\.)|(?<=[\w.+-])(?=@[\w-]+\.)")
"""Where a bare address that would become a link, escaped or not, is parted by a joiner that nobody sees."""
_JOINER = "\u2060"
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&@/])")


def plain(text: str) -> str:
    """Text that reads the same on a markdown surface: one line, every sign with a meaning there escaped, no link."""
    return _SPECIAL.sub(r"\\\1", _LINKED.sub(_JOINER, " ".join(text.split())))
