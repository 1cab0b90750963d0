"""Part colours: one place, and told apart by everybody, on light and on dark pages."""

from itertools import combinations

import numpy as np
import pytest

from metarec_core.figures.parts import OTHER_COLOUR, PART_STYLES, part_names, part_style

COLOURS = {name: style.colour for name, style in PART_STYLES.items()} | {"other": OTHER_COLOUR}
# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ np.array([0.2126, 0.7152, 0.0722]))


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("page", ["#ffffff", "#10161f"])
@pytest.mark.parametrize("name", COLOURS)
def test_every_colour_stands_out_from_a_light_and_a_dark_page(name: str, page: str) -> None:
    high, low = sorted((luminance(COLOURS[name]), luminance(page)), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 3.0


@pytest.mark.parametrize("sight", SIGHT)
def test_any_two_of_the_ten_parts_are_told_apart_in_one_bar_with_every_common_sight(sight: str) -> None:
    assert len(PART_STYLES) == 10
    seen = {name: lab(SIGHT[sight] @ linear(style.colour)) for name, style in PART_STYLES.items()}
    alike = {
        (one, other): round(float(np.linalg.norm(seen[one] - seen[other])), 1)
        for one, other in combinations(seen, 2)
        if np.linalg.norm(seen[one] - seen[other]) < 20  # CIE 1976 colour difference
    }
    assert alike == {}


def test_parts_are_shown_in_one_order_whatever_the_order_of_the_columns() -> None:
    found = part_names(["user_id", "part_popularity", "part_novel", "score", "part_sequence", "part_transition"])
    assert found == ["sequence", "transition", "popularity", "novel"]


def test_a_part_that_is_not_known_is_shown_under_its_own_name() -> None:
    assert part_style("price_level").title == "Price level"
    assert part_style("price_level").colour == OTHER_COLOUR
