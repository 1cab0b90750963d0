"""Twelve chances by hand: ten of 25 % of which two came, and two of 0.01 % of which none did."""

import numpy as np
import pytest

from metarec_core.figures import chances as figures
from metarec_core.metrics import reliability

GIVEN = reliability(np.float32([0.25] * 10 + [0.0001] * 2), np.array([True] * 2 + [False] * 10))


def test_the_curve_has_a_point_for_each_range_of_chances_and_a_line_on_which_they_come_true() -> None:
    diagonal, points = figures.curve(GIVEN).data
    assert list(diagonal.x) == list(diagonal.y)
    assert list(points.x) == pytest.approx(
        [figures.FLOOR, 0.25]
    )  # what has no place on the axes is drawn at their beginning
    assert list(points.y) == pytest.approx([figures.FLOOR, 0.2])
    assert points.error_y.array[1] == pytest.approx(0.5098 - 0.2, abs=1e-4)
    assert points.error_y.arrayminus[1] == pytest.approx(0.2 - 0.0567, abs=1e-4)
    assert min(points.error_y.arrayminus) >= 0
    assert points.text[1] == "10 items at 25 %: 20 % came (5.7 % to 51 %)"


def test_the_table_says_the_same_in_figures() -> None:
    table = figures.table(GIVEN)
    assert table.iloc[0].to_dict() == {"Chance": "< 0.1 %", "Came": "0 %", "95 % interval": "0 % to 66 %", "Items": "2"}
    assert table.iloc[1].to_dict() == {
        "Chance": "25 %",
        "Came": "20 %",
        "95 % interval": "5.7 % to 51 %",
        "Items": "10",
    }


def test_the_distance_is_told_in_percentage_points() -> None:
    # ten times 5 points and two times 0.01 points, over twelve
    assert figures.words(GIVEN) == (
        "The 10 best items of each list were given a chance of 21 % on average, and 17 % of them came next. By ranges of "
        "chances the two differ by 4.17 percentage points on average (expected calibration error)."
    )
