import io
import json

import pandas as pd
import pyarrow.parquet as pq
import pytest

from metarec_core.recommend.export import FORMULA_STARTS, escape_formulas, write_csv, write_json, write_parquet


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


FRAMES = [
    pd.DataFrame({"item_id": ["=a", "ö"], "rank": [1, 2], "score": [0.5, 0.25]}),
    pd.DataFrame({"item_id": ["b"], "rank": [1], "score": [-1.0]}),
]


def test_frames_become_one_csv_file():
    file = io.BytesIO()

    write_csv(FRAMES, file)

    assert file.getvalue().decode("utf-8") == "item_id,rank,score\n'=a,1,0.5\nö,2,0.25\nb,1,-1.0\n"


def test_frames_become_one_json_list_of_rows():
    file = io.BytesIO()

    write_json(FRAMES, file)

    assert json.loads(file.getvalue()) == [
        {"item_id": "=a", "rank": 1, "score": 0.5},
        {"item_id": "ö", "rank": 2, "score": 0.25},
        {"item_id": "b", "rank": 1, "score": -1.0},
    ]


def test_no_frames_are_an_empty_json_list():
    file = io.BytesIO()

    write_json([], file)

    assert json.loads(file.getvalue()) == []


def test_frames_become_one_parquet_file():
    file = io.BytesIO()

    write_parquet(FRAMES, file)

    assert pq.read_table(io.BytesIO(file.getvalue())).to_pylist() == [
        {"item_id": "=a", "rank": 1, "score": 0.5},
        {"item_id": "ö", "rank": 2, "score": 0.25},
        {"item_id": "b", "rank": 1, "score": -1.0},
    ]
