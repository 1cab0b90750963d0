"""The colours of all figures: seen on light and on dark pages, and the first five told apart by everybody.

``tests/figures/test_parts.py`` measures both.
"""

from typing import Final

BLUE: Final = "#1d66aa"
AMBER: Final = "#cc8400"
GREEN: Final = "#1b8a4a"
GREY: Final = "#8a8f98"
VIOLET: Final = "#bb55ee"
TEAL: Final = "#11a0ad"
PINK: Final = "#ee6677"
BROWN: Final = "#b5651d"
OLIVE: Final = "#7d8a1a"
SLATE: Final = "#6b7fa8"
BLUE_SHADE: Final = "rgba(29, 102, 170, 0.18)"
