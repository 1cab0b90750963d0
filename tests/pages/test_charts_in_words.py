"""Every chart, table and image of every page has a text for those who cannot see it, and every chart its numbers as a table."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages._ui import cache
from tests.pages.conftest import ROOT, Open

FILES = sorted((ROOT / "pages").rglob("*.py"))
TOLD = {name for name in dir(st) if "alt" in getattr(inspect.getattr_static(st, name, None), "__annotations__", {})}
TOLD -= {"map"}  # frames have a method of that name, and no page a map
DRAWN = {"chart", "bars"}
"""What a page draws."""
TABLES = {"table", "still", "twin", "dataframe"}
"""What shows the numbers of a chart."""


def calls(file: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))


def imported(file: Path) -> set[str]:
    """Names of what a file brings in from the project: ``figures.table`` is no element of a page."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(("metarec_core", "pages"))
        for alias in node.names
    }


def elements(file: Path) -> list[ast.Call]:
    """Calls of what Streamlit gives an ``alt``, on ``st`` or on a part of the page, and of what draws."""
    ours = imported(file)
    return [
        call
        for call in calls(file)
        if name_of(call) in DRAWN
        or (
            isinstance(call.func, ast.Attribute)
            and call.func.attr in TOLD
            and not (isinstance(call.func.value, ast.Name) and call.func.value.id in ours)
        )
    ]


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_streamlit_takes_a_text_for_charts_tables_and_images() -> None:
    assert {"plotly_chart", "dataframe", "table", "image", "data_editor", "graphviz_chart", "line_chart"} <= TOLD


def test_there_are_pages_to_look_at() -> None:
    assert sum(len(elements(file)) for file in FILES) >= 35
    assert ROOT / "pages" / "data.py" in FILES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_chart_table_and_image_of_a_page_has_a_text(file: Path) -> None:
    for call in elements(file):
        alt = next((keyword.value for keyword in call.keywords if keyword.arg == "alt"), None)
        assert alt is not None, f"{file.name}:{call.lineno} has no alt"
        decorates = name_of(call) == "image"  # the title of its item is beside it, and nothing is to be read twice
        assert decorates or not (isinstance(alt, ast.Constant) and not alt.value), f"{file.name}:{call.lineno}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_where_a_chart_is_drawn_its_numbers_are_to_be_had(file: Path) -> None:
    found = {name_of(call) for call in calls(file)}
    assert file.stem == "chart" or not found & {"plotly_chart", *DRAWN} or found & TABLES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_charts_are_drawn_with_words_that_can_be_read(file: Path) -> None:
    assert file.stem == "chart" or "plotly_chart" not in {name_of(call) for call in calls(file)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_a_table_lacks_is_a_dash_and_not_a_word_of_the_framework(file: Path) -> None:
    for call in calls(file):
        if name_of(call) == "dataframe":
            said = [ast.unparse(keyword.value) for keyword in call.keywords if keyword.arg == "placeholder"]
            assert said == ["MISSING"], f"{file.name}:{call.lineno}"


def tables_of(app: AppTest) -> list[Any]:
    return [frame.value for frame in app.dataframe]


def opened(open_page: Open, page: str, file: str, **parameters: str) -> AppTest:
    """A page with the numbers of one of its charts unfolded."""
    app = open_page(page, **parameters)
    folded = len(app.dataframe)
    app.session_state[f"twin.{file}"] = True
    app.run()
    assert not app.exception
    assert len(app.dataframe) > folded
    return app


def test_numbers_are_made_when_they_are_unfolded_and_not_before(run_id: str, open_page: Open) -> None:
    app = open_page("home")
    assert [one.label for one in app.expander].count("As a table, and as a file") == 1
    assert not [frame for frame in tables_of(app) if "Score" in frame]
    app = opened(open_page, "home", f"metarec-{run_id}-next.csv")
    (listed,) = [frame for frame in tables_of(app) if "Score" in frame]
    expected = cache.recommender(run_id).recommend([cache.recommender(run_id).example_user], 5)
    assert listed["Item ID"].tolist() == expected.item_ids


def test_the_four_charts_of_a_data_set_are_tables_of_their_own(run_id: str, open_page: Open) -> None:
    app = open_page("data")
    fingerprint = app.query_params["data"]
    fingerprint = fingerprint[-1] if isinstance(fingerprint, list) else fingerprint
    app = opened(open_page, "data", f"metarec-{fingerprint}-activity.csv", data=fingerprint)
    columns = [list(frame.columns) for frame in tables_of(app)]
    assert ["From", "Events"] in columns
    assert ["Items", "Share of the catalogue", "Share of events"] in columns
    lengths = next(frame for frame in tables_of(app) if list(frame.columns) == ["Events of a user", "Users"])
    assert lengths.to_numpy().tolist()[-1] == ["8 to 15", 24]


def test_a_finished_training_has_its_curves_as_a_table(runs: dict[str, str], open_page: Open) -> None:
    network = runs["network"]
    app = opened(open_page, "train", f"metarec-{network}-training.csv", job=network)
    assert ["Pass", "Training loss", "Validation NDCG@10"] in [list(frame.columns) for frame in tables_of(app)]


def test_a_training_without_a_network_has_no_bare_axes(run_id: str, open_page: Open) -> None:
    app = open_page("train", job=run_id)
    assert not app.exception
    assert not app.get("plotly_chart")


def test_two_measures_of_all_models_are_a_table(run_id: str, open_page: Open) -> None:
    app = opened(open_page, "evaluate", f"metarec-{run_id}-two-measures.csv", run=run_id)
    (found,) = [frame for frame in tables_of(app) if list(frame.columns)[:2] == ["Model", "Coverage@10"]]
    assert "This run" in found["Model"].tolist()


def test_the_desks_have_their_charts_as_tables(run_id: str, open_page: Open) -> None:
    app = opened(open_page, "recommendations", f"metarec-{run_id}-new-user.csv", run=run_id, desk="new_user")
    assert any({"Score", "Popularity"} <= set(frame.columns) for frame in tables_of(app))
