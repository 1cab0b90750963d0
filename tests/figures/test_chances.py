"""Chances by hand: twenty of 25% of which four came, twenty of 0.01% of which none did, and one of 60% that came."""

import numpy as np
import pytest

from metarec_core.figures import chances as figures
from metarec_core.metrics import reliability

GIVEN = reliability(
    np.float32([0.25] * 20 + [0.0001] * 20 + [0.6]), np.array([True] * 4 + [False] * 16 + [False] * 20 + [True])
)


def test_the_curve_has_a_point_for_each_range_of_chances_and_a_line_on_which_they_come_true() -> None:
    diagonal, points = figures.curve(GIVEN).data
    assert list(diagonal.x) == list(diagonal.y)
    assert list(points.x) == pytest.approx(
        [figures.FLOOR, 0.25]
    )  # what has no place on the axes is drawn at their beginning
    assert list(points.y) == pytest.approx([figures.FLOOR, 0.2])
    assert points.error_y.array[1] == pytest.approx(0.4160 - 0.2, abs=1e-4)  # Wilson's interval of 4 in 20
    assert points.error_y.arrayminus[1] == pytest.approx(0.2 - 0.0807, abs=1e-4)
    assert min(points.error_y.arrayminus) >= 0
    assert points.text[1] == "20 items at 25%: 20% came true (8.1% to 42%)"


def test_a_curve_of_too_few_items_is_only_the_line() -> None:
    _, points = figures.curve(reliability(np.float32([0.6]), np.array([True]))).data
    assert len(points.x) == 0


def test_the_table_has_all_of_it_in_figures() -> None:
    table = figures.table(GIVEN)
    assert list(table["Chance"]) == ["< 0.1%", "25%", "60%"]
    assert table.iloc[1].to_dict() == {
        "Chance": "25%",
        "Came true": "20%",
        "95% interval": "8.1% to 42%",
        "Items": "20",
    }


def test_the_distance_is_told_in_percentage_points() -> None:
    # twenty times 5 points, twenty times 0.01 and once 40, over forty-one
    assert figures.words(GIVEN) == (
        "The top 10 items of each list had a predicted chance of 14% on average, and 12% of them were chosen next. Over "
        "ranges of chances the two differ by 3.42 percentage points on average (expected calibration error)."
    )
