import gzip
import io
import json
import zipfile
from datetime import date, datetime

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from metarec_core.data import formats
from metarec_core.data.clean import read_tables
from metarec_core.data.read import RawTable, read_raw
from metarec_core.errors import DataError


def upload(content: bytes | str, name: str = "log") -> io.BytesIO:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = name
    return file


def parquet(table: dict[str, object]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(table), file)
    return file.getvalue()


def sheet(*rows: list[object], before: int = 0) -> bytes:
    book = openpyxl.Workbook()
    book.create_sheet("data")
    for _ in range(before):
        book.worksheets[1].append([])
    for row in rows:
        book.worksheets[1].append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def zipped(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def cells(raw: RawTable) -> dict[str, list[str]]:
    return raw.cells.to_pydict()


def test_parquet_values_become_the_texts_that_a_csv_file_would_hold():
    content = parquet(
        {
            "user": ["001", None],
            "item": [1.0, None],  # a column of whole numbers that met a missing value
            "score": np.float32([0.1, 2]),
            "when": pa.array([datetime(2024, 1, 5, 10), datetime(2024, 1, 5, 10, 0, 0, 500)], pa.timestamp("ns")),
            "zoned": pa.array([datetime(2024, 1, 5, 10), None], pa.timestamp("s", "Europe/Berlin")),
            "day": [date(2024, 1, 5), None],
            "yes": [True, False],
            "big": [1704448800000.0, 3.5],
            "tags": [["a", "b"], None],
            "vector": [[0.5, 1.0], [2.0, 3.0]],
            "kind": pa.array(["x", "y"]).dictionary_encode(),
            "nested": [{"a": 1}, None],
            "nothing": pa.nulls(2),
        }
    )
    raw = read_raw(upload(content, "log.parquet"))
    assert (raw.encoding, raw.lines.tolist()) == ("Parquet", [2, 3])
    assert cells(raw) == {
        "user": ["001", ""],
        "item": ["1", ""],
        "score": ["0.1", "2"],
        "when": ["2024-01-05 10:00:00", "2024-01-05 10:00:00.000500"],
        "zoned": ["2024-01-05 11:00:00+0100", ""],
        "day": ["2024-01-05", ""],
        "yes": ["true", "false"],
        "big": ["1704448800000", "3.5"],
        "tags": ["a|b", ""],
        "vector": ["[0.5, 1]", "[2, 3]"],
        "kind": ["x", "y"],
        "nested": ['{"a": 1}', ""],
        "nothing": ["", ""],
    }


def test_a_sheet_is_read_from_its_first_row_with_something_in_it():
    content = sheet(
        ["用户", "item", "score", "when", "ok", None],
        ["001", 1.0, 2.5, datetime(2024, 1, 5, 10), True],
        [],
        [7, "x", None, datetime(2024, 1, 6), False],
        before=2,
    )
    raw = read_raw(upload(content, "log.xlsx"))
    assert (raw.encoding, raw.lines.tolist()) == ("Excel", [4, 6])
    assert cells(raw) == {
        "用户": ["001", "7"],
        "item": ["1", "x"],
        "score": ["2.5", ""],
        "when": ["2024-01-05 10:00:00", "2024-01-06"],
        "ok": ["true", "false"],
    }


def test_json_lines_keep_ids_as_they_are_and_times_as_texts():
    lines = [
        {"user": "001", "item": 7, "when": "2024-01-05T10:00:00Z", "tags": ["a", "b"], "score": 4.0},
        {"user": "x", "when": "2024-01-06T10:00:00Z", "more": {"a": [1]}},
    ]
    raw = read_raw(upload("\n".join(json.dumps(line) for line in lines)))
    assert raw.encoding == "JSON"
    assert cells(raw) == {
        "user": ["001", "x"],
        "item": ["7", ""],
        "when": ["2024-01-05T10:00:00Z", "2024-01-06T10:00:00Z"],
        "tags": ["a|b", ""],
        "score": ["4", ""],
        "more": ["", '{"a": [1]}'],
    }


def test_a_broken_line_of_json_is_left_out_and_named():
    raw = read_raw(upload('{"user": 1, "item": "a"}\n\n{"user": 2, "it\n[3]\n{"user": "x", "item": 4.0}\n'))
    assert cells(raw) == {"user": ["1", "x"], "item": ["a", "4"]}
    assert raw.lines.tolist() == [1, 5]
    assert raw.ragged == ((3, '{"user": 2, "it'), (4, "[3]"))
    assert raw.n_rows == 4


def test_a_list_of_json_objects_is_a_table_as_well():
    raw = read_raw(upload('[{"user": 1, "item": "a"},\n {"user": 2, "item": "b"}]'))
    assert cells(raw) == {"user": ["1", "2"], "item": ["a", "b"]}


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress,
        lambda content: zipped(log=content),
        lambda content: zipped(**{"a/b.csv": content, "__MACOSX/b.csv": b"x", ".DS_Store": b"y"}),
    ],
)
@pytest.mark.parametrize(
    "content",
    [
        b"user,item\n001,a\n",
        b'{"user": "001", "item": "a"}',
        parquet({"user": ["001"], "item": ["a"]}),
        sheet(["user", "item"], ["001", "a"]),
    ],
)
def test_every_format_may_be_packed(packed, content):
    assert cells(read_raw(upload(packed(content)))) == {"user": ["001"], "item": ["a"]}


def link(name: str = "log.csv") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        member = zipfile.ZipInfo(name)
        member.external_attr = 0o120777 << 16
        archive.writestr(member, "/etc/passwd")
    return file.getvalue()


def locked() -> bytes:
    content = bytearray(zipped(**{"log.csv": b"a,b\n"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (link(), r"log contains the link 'log\.csv': pack the file itself\."),
        (
            zipped(**{"../log.csv": b"a"}),
            r"log contains '\.\./log\.csv', which points outside the archive: pack plain files\.",
        ),
        (zipped(**{"/log.csv": b"a"}), "which points outside the archive"),
        (zipped(**{"a\\..\\log.csv": b"a"}), "which points outside the archive"),
        (zipped(**{"C:\\log.csv": b"a"}), "which points outside the archive"),
        (zipped(), r"log is an empty zip file: put the table into it\."),
        (zipped(a=b"1", b=b"2", c=b"3", d=b"4"), r"log contains 4 files \(a, b, c, …\): import one table at a time"),
        (zipped(a=gzip.compress(b"a")), "log contains another archive: unpack that first"),
        (gzip.compress(zipped(a=b"1")), "log contains another archive"),
        (gzip.compress(b"x" * 257 + b"ustar  "), "log contains another archive"),
        (locked(), "log is protected by a password: unpack it first"),
        (zipped(a=b"1" * 99)[:60], "log is a damaged zip file: create it again"),
        (b"PAR1 and nothing else", "log is a damaged Parquet file: export it again"),
        (
            zipped(**{"[Content_Types].xml": b"<x/>"}),
            "log is not a readable Excel workbook: save it again, or as CSV",
        ),
        (sheet(), "log has no rows in any sheet"),
        (b"{]", "log has a header but no rows"),
        (b'{"a": 1,\n', "log looks like JSON, but no line is an object: write one object per line"),
        (b'[{"a": 1},\n 2]', "log looks like a JSON list, but not of objects"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 9, r"log is an old Excel file \(\.xls\), not a text table: provide a table"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # archives hold the time they were made at
)
def test_what_cannot_be_opened_is_refused_in_one_sentence(content, message):
    with pytest.raises(DataError, match=message):
        read_raw(upload(content))


def test_bombs_are_refused_before_they_fill_memory(monkeypatch):
    monkeypatch.setattr("metarec_core.data.archive.FREE_BYTES", 10_000)
    zeros = b"0" * 5_000_000
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("log.csv", zeros)
    sheets = io.BytesIO()
    with zipfile.ZipFile(sheets, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", zeros)
    for content in (gzip.compress(zeros), bomb.getvalue(), sheets.getvalue()):
        with pytest.raises(
            DataError, match="log unpacks to more than 200 times its size, which no real table does: it was not opened"
        ):
            read_raw(upload(content))


def test_a_parquet_file_that_claims_too_many_cells_is_refused(monkeypatch):
    monkeypatch.setattr(formats, "MAX_CELLS_PER_BYTE", 0.0001)
    with pytest.raises(DataError, match="log unpacks to 200 cells, more than any table of its size"):
        read_raw(upload(parquet({"a": [1] * 200})))


def test_too_many_columns_are_refused():
    wide = ",".join(f"c{n}" for n in range(20_001))
    for content in (wide + "\n" + wide, json.dumps({f"c{n}": 1 for n in range(20_001)})):
        with pytest.raises(
            DataError, match="log has more than 20,000 columns: provide a table with one row per event or item"
        ):
            read_raw(upload(content))


def test_the_same_table_in_every_format_gives_the_same_tables():
    frame = pd.DataFrame(
        {
            "user_id": ["001", "b", "001"],
            "item_id": ["x", "y", "y"],
            "rating": [1.5, 2, 3],
            "time": [1.7e9, 1.7e9 + 1, 1.7e9 + 2],
        }
    )
    frame["time"] = frame["time"].astype("int64")
    texts = frame.to_csv(index=False)
    contents = [
        texts.encode(),
        texts.replace(",", ";").replace(".", ",").encode("utf-16"),
        texts.replace(",", "|").encode("utf-8-sig"),
        frame.to_json(orient="records", lines=True).encode(),
        parquet(dict(frame)),
        sheet(list(frame.columns), *frame.astype(object).to_numpy().tolist()),
    ]
    prints = {read_tables(upload(content)).fingerprint for content in contents if not content.startswith(b"{")}
    assert len(prints) == 1
    one = read_tables(upload(contents[3]))  # its first row is on line 1
    assert one.events["row"].tolist() == [1, 2, 3]
    assert one.events["user_id"].tolist() == ["001", "b", "001"]
