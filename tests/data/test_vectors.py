import io
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from metarec_core.data.clean import read_tables
from metarec_core.data.vectors import lay_beside, read_vectors, take_vectors
from metarec_core.errors import DataError

LOG = "user_id,item_id,time\nann,tea,2024-01-01\nbob,jam,2024-01-02\nann,jam,2024-01-03\n"


def upload(content: bytes | str, name: str) -> io.BytesIO:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = name
    return file


def parquet(table: dict[str, object]) -> io.BytesIO:
    file = io.BytesIO()
    pq.write_table(pa.table(table), file)
    return upload(file.getvalue(), "image.parquet")


def saved(name: str, **arrays: np.ndarray) -> io.BytesIO:
    file = io.BytesIO()
    np.savez(file, **arrays) if name.endswith("z") else np.save(file, *arrays.values())
    return upload(file.getvalue(), name)


TWO = np.array([[0.5, -1.0], [2.0, 0.0]], dtype=np.float32)


@pytest.mark.parametrize(
    "source",
    [
        lambda: parquet({"item_id": ["tea", "jam"], "vector": pa.array(TWO.tolist(), pa.list_(pa.float32(), 2))}),
        lambda: parquet({"item_id": ["tea", "jam"], "vector": TWO.tolist()}),
        lambda: parquet({"item_id": ["tea", "jam"], "x": TWO[:, 0], "y": TWO[:, 1]}),
        lambda: upload("item_id,x,y\ntea,0.5,-1\njam,2,0\n", "image.csv"),
        lambda: upload("item_id;x;y\ntea;0,5;-1\njam;2;0\n", "image.csv"),
        lambda: upload('item_id,vector\ntea,"[0.5, -1]"\njam,"[2, 0]"\n', "image.csv"),
        lambda: upload(
            '{"item_id": "tea", "vector": [0.5, -1.0]}\n{"item_id": "jam", "vector": [2.0, 0.0]}\n', "i.jsonl"
        ),
        lambda: saved("image.npz", ids=np.array(["tea", "jam"]), vectors=TWO),
        lambda: saved("image.npz", vectors=TWO.astype(np.float64), ids=np.array([b"tea", b"jam"])),
        lambda: (saved("image.npy", vectors=TWO), upload("tea\njam\n", "ids.txt")),
        lambda: (saved("image.npy", vectors=TWO), upload("item_id\ntea\njam\n", "ids.csv")),
    ],
)
def test_vectors_are_read_from_what_encoders_leave(source):
    raw = read_vectors(source())
    assert raw.ids.to_pylist() == ["tea", "jam"]
    assert raw.numbers.dtype == np.float32
    assert raw.numbers.tolist() == TWO.tolist()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            lambda: saved("image.npy", vectors=TWO),
            "image.npy does not say which items its rows belong to: provide Parquet",
        ),
        (lambda: saved("image.npz", vectors=TWO), r"image.npz needs an array ids \[n\] and an array vectors \[n, D\]"),
        (
            lambda: (saved("image.npy", vectors=TWO), upload("tea\n\njam\nmilk\nrum\n", "ids.txt")),
            r"ids.txt needs an array ids \[n\]",
        ),
        (
            lambda: saved("image.npz", ids=np.array(["a", {}], dtype=object), vectors=TWO),
            "image.npz is not a numpy file of plain numbers",
        ),
        (
            lambda: upload("item_id,vector\ntea,0.5 1\njam,2\n", "v.csv"),
            "v.csv has cells that are not lists of numbers of the same",
        ),
        (lambda: upload("item_id,a,b\ntea,x,y\n", "v.csv"), "v.csv has no columns of numbers besides 'item_id'"),
        (
            lambda: (upload(b"\x93NUMPY\x01", "image.npy"), upload("tea", "ids.txt")),
            "image.npy is not a numpy file of plain",
        ),
    ],
)
def test_what_holds_no_vectors_is_refused_in_one_sentence(source, message):
    with pytest.raises(DataError, match=message):
        read_vectors(source())


def test_vectors_lie_beside_the_items_and_what_does_not_meet_is_counted():
    text = "item_id,x,y\njam,1,2\nrum,3,4\njam,5,6\ntea,soon,7\n,8,9\n"
    vectors, steps = lay_beside(read_vectors(upload(text, "v.csv")), pd.Series(["tea", "jam", "milk"]), "image")
    assert vectors.tolist() == [[0, 0], [1, 2], [0, 0]]
    assert [(step.rule, step.table, step.action, step.rows) for step in steps] == [
        ("missing_id", "vectors.image", "dropped", 1),
        ("unparsable_vector", "vectors.image", "dropped", 1),
        ("duplicate", "vectors.image", "dropped", 1),
        ("unknown_item", "vectors.image", "dropped", 1),
        ("no_vector", "vectors.image", "kept", 2),
    ]


def test_vectors_of_other_items_altogether_are_refused():
    with pytest.raises(
        DataError, match=r"No vector in v.csv belongs to an item of the data: its IDs look like '1', those .* 'tea'"
    ):
        lay_beside(read_vectors(upload("item_id,x\n1,2\n", "v.csv")), pd.Series(["tea"]), "image")


def test_a_column_of_lists_in_the_item_table_is_vectors():
    items = pd.DataFrame(
        {"item_id": ["tea", "jam"], "title": ["[1, 2, 3, 4]", "J"], "v": ["[0.5, 1, 2, 3]", ""], "k": ["a|b", "[b]"]}
    )
    left, vectors = take_vectors(items)
    assert list(left.columns) == ["item_id", "title", "k"]
    assert {mode: numbers.tolist() for mode, numbers in vectors.items()} == {"v": [[0.5, 1, 2, 3], [0, 0, 0, 0]]}


@pytest.mark.parametrize(
    "cells", [["[1, 2, 3]", "[4, 5, 6]"], ["[1, 2, 3, 4]", "[1, 2, 3]"], ["[1, 2, 3, x]", ""], ["", ""]]
)
def test_short_uneven_or_worded_lists_stay_attributes(cells):
    items = pd.DataFrame({"item_id": ["tea", "jam"], "v": cells})
    assert take_vectors(items)[1] == {}


def test_tables_carry_vectors_and_the_report_adds_up():
    vectors = {"image": upload("item_id,x,y\ntea,1,2\nrum,3,4\n", "v.csv")}
    items = upload('item_id,title,sound\njam,Jam,"[1, 2, 3, 4]"\n', "items.csv")
    tables = read_tables(upload(LOG, "log.csv"), items, vectors=vectors)
    assert tables.items["item_id"].tolist() == ["jam", "tea"]
    assert {mode: numbers.tolist() for mode, numbers in tables.vectors.items()} == {
        "sound": [[1, 2, 3, 4], [0, 0, 0, 0]],
        "image": [[0, 0], [1, 2]],
    }
    assert tables.attribute_names == ()
    report = tables.report
    assert (report.rows_read["vectors.image"], report.rows_kept["vectors.image"]) == (2, 1)


def test_a_zip_of_too_much_is_not_opened(monkeypatch):
    monkeypatch.setattr("metarec_core.data.archive.FREE_BYTES", 1000)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("vectors.npy", b"0" * 1_000_000)
    with pytest.raises(DataError, match=r"v\.npz unpacks to more than 200 times its size"):
        read_vectors(upload(file.getvalue(), "v.npz"))
