"""The colours of all figures: seen on light and on dark pages, and the first four told apart by everybody.

``tests/figures/test_parts.py`` measures both.
"""

from typing import Final

BLUE: Final = "#3b78c4"
AMBER: Final = "#cc8400"
GREEN: Final = "#1b8a4a"
GREY: Final = "#8a8f98"
PURPLE: Final = "#aa3377"
TEAL: Final = "#11a0ad"
PINK: Final = "#ee6677"
BLUE_SHADE: Final = "rgba(59, 120, 196, 0.15)"
