"""The theme is legible: contrast as WCAG 2 defines it."""

import itertools
import tomllib
from pathlib import Path

import numpy as np
import pytest

CONFIG = tomllib.loads((Path(__file__).parents[1] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))

COLOUR_BLIND = {
    # Machado, Oliveira, Fernandes (2009): full protanopia, deuteranopia, tritanopia, on linear RGB.
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(colour: str) -> np.ndarray:
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb
    f = np.cbrt(np.maximum(xyz / [0.9505, 1.0, 1.089], 1e-9))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_contrast_is_the_known_one_for_black_on_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_has_contrast_of_at_least_4_5(name: str):
    theme = CONFIG["theme"][name]
    backgrounds = [theme["backgroundColor"], theme["secondaryBackgroundColor"]]

    for background in backgrounds:
        assert contrast(theme["textColor"], background) >= 4.5
        assert contrast(theme["linkColor"], background) >= 4.5
    assert contrast("#ffffff", theme["primaryColor"]) >= 4.5, "white text on a primary button"


@pytest.mark.parametrize("name", ["light", "dark"])
def test_chart_colours_stand_out_from_the_background(name: str):
    theme = CONFIG["theme"][name]

    for colour in theme["chartCategoricalColors"]:
        assert contrast(colour, theme["backgroundColor"]) >= 3.0


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("eyes", COLOUR_BLIND)
def test_chart_colours_stay_apart_for_colour_blind_eyes(name: str, eyes: str):
    seen = [
        lab(np.clip(np.array(COLOUR_BLIND[eyes]) @ linear(c), 0, 1))
        for c in CONFIG["theme"][name]["chartCategoricalColors"]
    ]

    assert min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)) >= 9.0


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("scale", ["chartSequentialColors", "chartDivergingColors"])
def test_scales_have_the_ten_steps_that_the_framework_wants(name: str, scale: str):
    assert len(CONFIG["theme"][name][scale]) == 10


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_sequential_scale_goes_steadily_away_from_the_background(name: str):
    theme = CONFIG["theme"][name]
    steps = [contrast(colour, theme["backgroundColor"]) for colour in theme["chartSequentialColors"]]

    assert steps == sorted(steps)
