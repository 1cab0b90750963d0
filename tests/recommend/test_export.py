import pandas as pd
import pytest

from metarec_core.recommend.export import FORMULA_STARTS, escape_formulas


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start: str):
    frame = pd.DataFrame({"title": [f"{start}HYPERLINK(1)", f"a{start}b", ""]})

    assert list(escape_formulas(frame)["title"]) == [f"'{start}HYPERLINK(1)", f"a{start}b", ""]


def test_headers_are_escaped_too():
    assert list(escape_formulas(pd.DataFrame({"=1+1": ["a"], "b": ["c"]})).columns) == ["'=1+1", "b"]


def test_numbers_stay_numbers():
    frame = pd.DataFrame({"score": [-1.5, 2.0], "rank": [1, 2], "title": ["-x", "y"]})

    escaped = escape_formulas(frame)

    assert list(escaped["score"]) == [-1.5, 2.0]
    assert escaped["rank"].dtype == frame["rank"].dtype
    assert list(escaped["title"]) == ["'-x", "y"]


def test_missing_cells_stay_missing():
    escaped = escape_formulas(pd.DataFrame({"title": ["=a", None]}))

    assert escaped["title"].iloc[0] == "'=a"
    assert pd.isna(escaped["title"].iloc[1])


def test_the_frame_itself_is_not_changed():
    frame = pd.DataFrame({"title": ["=a"]})

    escape_formulas(frame)

    assert list(frame["title"]) == ["=a"]


def test_an_empty_frame_keeps_its_columns():
    assert list(escape_formulas(pd.DataFrame({"title": [], "score": []})).columns) == ["title", "score"]
