"""The colours of all figures: ten that are seen on light and on dark pages and told apart with every common sight.

``tests/figures/test_parts.py`` measures both.
"""

from typing import Final

BLUE: Final = "#1d66aa"
AMBER: Final = "#cc8400"
GREEN: Final = "#699c50"
VIOLET: Final = "#9c43e9"
GREY: Final = "#9c9387"
OLIVE: Final = "#586944"
RUST: Final = "#b53812"
PINK: Final = "#d06ae8"
PLUM: Final = "#805a6d"
TEAL: Final = "#06a2b1"
BLUE_SHADE: Final = "rgba(29, 102, 170, 0.18)"
