"""A gallery of awkward files: each becomes tables, or one clear sentence."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metarec_core.data.clean import read_tables
from metarec_core.data.preview import preview
from metarec_core.data.tables import Tables
from metarec_core.errors import DataError

PLAIN = (
    "user_id,item_id,rating,time\nann,tea,5,2024-01-01 10:00:00\n"
    "bob,jam,4,2024-01-02 10:00:00\nann,jam,3,2024-01-03 10:00:00\n"
)


def upload(content: bytes | str, name: str = "log.csv") -> io.BytesIO:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = name
    return file


def parquet(frame: pd.DataFrame) -> bytes:
    return frame.to_parquet(index=False)


def zipped(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def ids(tables: Tables) -> tuple[set[str], set[str]]:
    return set(tables.events["user_id"]), set(tables.events["item_id"])


USUAL = ({"ann", "bob"}, {"tea", "jam"})
READABLE: dict[str, tuple[bytes | str, tuple[set[str], set[str]]]] = {
    "with a byte order mark": (PLAIN.encode("utf-8-sig"), USUAL),
    "utf-16 as Excel writes it": (PLAIN.replace(",", "\t").encode("utf-16"), USUAL),
    "utf-16 without a mark": (PLAIN.encode("utf-16-le"), USUAL),
    "semicolons, decimal commas, day first": (
        "user_id;item_id;rating;time\nann;tea;4,5;31.01.2024\nbob;jam;3,5;01.02.2024\n",
        USUAL,
    ),
    "bars": (PLAIN.replace(",", "|"), USUAL),
    "gb18030 with semicolons": (
        "用户;商品;评分;时间\n张三;红茶;5;2024/1/1 10:00\n李四;绿茶;4;2024/1/2 10:00\n".encode("gb18030"),
        ({"张三", "李四"}, {"红茶", "绿茶"}),
    ),
    "big5": ("用戶,商品\n王小明,紅茶\n李大同,綠茶\n".encode("big5"), ({"王小明", "李大同"}, {"紅茶", "綠茶"})),
    "latin-1": ("user,item\nZoë,crème\nJosé,thé\n".encode("latin-1"), ({"Zoë", "José"}, {"crème", "thé"})),
    "gzip": (gzip.compress(PLAIN.encode()), USUAL),
    "zip of one": (zipped("a/log.csv", PLAIN.encode()), USUAL),
    "zip of gzip-free json": (
        zipped("log.jsonl", b'{"user": "ann", "item": "tea"}\n{"user": "bob", "item": "jam"}'),
        USUAL,
    ),
    "json lines, ids of two types": (
        '{"user": 1, "item": "tea"}\n{"user": "b", "item": "jam"}\n',
        ({"1", "b"}, {"tea", "jam"}),
    ),
    "parquet with ids that became floats": (
        parquet(pd.DataFrame({"user": [1.0, 2.0, None], "item": ["tea", "jam", "tea"]})),
        ({"1", "2"}, {"tea", "jam"}),
    ),
    "leading zeros": ("user,item\n001,0\n1,00\n", ({"001", "1"}, {"0", "00"})),
    "1.0 of a float column": ("user,item\n1.0,tea\n2.0,jam\n", ({"1", "2"}, {"tea", "jam"})),
    "blank lines and spaces": ("\n\nuser , item\n ann,tea \n\nbob,  jam\n\n", USUAL),
    "old Mac line ends": (PLAIN.replace("\n", "\r"), USUAL),
    "windows line ends": (PLAIN.replace("\n", "\r\n"), USUAL),
    "no line end": (PLAIN.rstrip("\n"), USUAL),
    "quoted line ends and quotes": (
        'user,item\n"an\nn","t""ea"\n"bob","j,am"\n',
        ({"an\nn", "bob"}, {'t"ea', "j,am"}),
    ),
    "a quotation mark never closed": ('user,item,note\nann,tea,"so\nbob,jam,x\nann,jam,y\n', USUAL),
    "ragged rows": ("user,item\nann,tea\nann\nbob,jam,x,y\nbob,jam\n", USUAL),
    "repeated headers": ("user,user,item,item\nann,x,tea,y\nbob,x,jam,y\n", USUAL),
    "an index column": (",user,item\n0,ann,tea\n1,bob,jam\n", USUAL),
    "a column of nothing": ("user,item,rating,time\nann,tea,,2024-01-01\nbob,jam,,2024-01-02\n", USUAL),
    "emoji, right to left, formulas and markup": (
        'user,item\n👩‍🚀,=HYPERLINK("x")\nعلي,<script>alert(1)</script>\n',
        ({"👩‍🚀", "علي"}, {'=HYPERLINK("x")', "<script>alert(1)</script>"}),
    ),
    "epoch milliseconds": ("user,item,ts\nann,tea,1704448800000\nbob,jam,1704448801000\n", USUAL),
    "epoch microseconds as floats": ("user,item,ts\nann,tea,1.7044488e15\nbob,jam,1.704448801e15\n", USUAL),
    "dates only": ("user,item,date\nann,tea,20240105\nbob,jam,20240106\n", USUAL),
    "no times at all": ("user,item\nann,tea\nbob,jam\n", USUAL),
    "utf-8 with a line of latin-1": (
        ("user,item\n" + "Zoë,thé\n" * 30 + "ann,tea\n").encode() + "bob,caf\xe9\n".encode("latin-1"),
        ({"Zoë", "ann", "bob"}, {"thé", "tea", "caf\ufffd"}),
    ),
    "a cell of a megabyte": (f"user,item,note\nann,tea,{'x' * (1 << 20)}\nbob,jam,\n", USUAL),
    "ten thousand columns": (
        ",".join(["user", "item", *(f"c{n}" for n in range(9_998))])
        + ("\nann,tea" + "," * 9_998 + "\nbob,jam" + "," * 9_998),
        USUAL,
    ),
}
HOPELESS: dict[str, tuple[bytes | str, str]] = {
    "nothing": (b"", "is empty"),
    "spaces": (b" \n \n", "is empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "is a PNG image, not a text table"),
    "a document": (b"%PDF-1.7", "is a PDF document"),
    "NUL bytes": (b"user,item\nann,\0tea\n", "is a binary file"),
    "noise": (bytes(range(256)) * 40, "is a binary file"),
    "a header": ("user,item\n", "has a header but no rows"),
    "no separator": ("hello\nworld\n", "has no column for user_id and item_id"),
    "one user": ("user,item\nann,tea\nann,jam\n", "has only one user"),
    "ids of nothing": ("user,item\n,\n,\nnan,null\n", "Cleaning left no row of log.csv"),
    "times of nothing": ("user,item,time\nann,tea,soon\nbob,jam,later\n", "No value in column 'time'"),
    "half a gzip": (gzip.compress(PLAIN.encode() * 50, mtime=0)[:-9], "is a damaged gzip file"),
    "half a zip": (zipped("log.csv", PLAIN.encode())[:-9], "is a damaged zip file"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1", "is an old Excel file"),
    "a zip in a zip": (zipped("log.zip", zipped("log.csv", PLAIN.encode())), "contains another archive"),
    "json that is no table": ('{"a": {"b": 1}}', "has no column for user_id and item_id"),
    "a list of numbers": ("[1, 2, 3]", "has a header but no rows"),
}


@pytest.mark.parametrize("name", READABLE)
def test_an_awkward_file_becomes_tables(name):
    content, expected = READABLE[name]
    tables = read_tables(upload(content))
    assert ids(tables) == expected
    report = tables.report
    for table, read in report.rows_read.items():
        dropped = sum(step.rows for step in report.steps if step.table == table and step.action == "dropped")
        added = sum(step.rows for step in report.steps if step.table == table and step.action == "added")
        assert report.rows_kept[table] == read - dropped + added
    assert read_tables(upload(content)).fingerprint == tables.fingerprint


@pytest.mark.parametrize("name", HOPELESS)
def test_a_hopeless_file_becomes_one_sentence(name):
    content, sentence = HOPELESS[name]
    with pytest.raises(DataError) as raised:
        read_tables(upload(content))
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


def test_characters_that_had_to_be_replaced_are_told():
    steps = read_tables(upload(READABLE["utf-8 with a line of latin-1"][0])).report.steps
    assert [(step.rows, step.action) for step in steps if step.rule == "undecodable"] == [(1, "coerced")]


JSON_LINES = "\n".join(json.dumps(row) for row in pd.read_csv(io.StringIO(PLAIN)).to_dict("records")).encode()
SEEDS: tuple[bytes, ...] = (
    PLAIN.encode() * 3,
    PLAIN.encode("utf-16"),
    "用户;商品;时间\n张三;红茶;2024-01-01\n李四;绿茶;1704448800\n".encode("gb18030"),
    JSON_LINES,
    parquet(pd.DataFrame({"user": ["a", "b"], "item": [1.0, None]})),
    gzip.compress(PLAIN.encode(), mtime=0),
    zipped("log.csv", PLAIN.encode()),
    b'user,item\n"a\nb","c""d"\n"e",f\n',
)
PIECES = st.sampled_from(
    [
        *(
            piece.encode()
            for piece in ("é", "👩", "=HYPERLINK()", "<script>", "\u202e", "\ud7ff", "a," * 50, "1e999", "9" * 40)
        ),
        *(bytes([byte]) for byte in b'\0\n\r",;{[-\xe9\x85'),
        *(b"\xff\xfe", b"nan", b"PK\x03\x04", b"\x1f\x8b", b"PAR1"),
    ]
)


def cut(content: bytes, at: int, _: bytes) -> bytes:
    return content[:at]


def put(content: bytes, at: int, piece: bytes) -> bytes:
    return content[:at] + piece + content[at:]


def replace(content: bytes, at: int, piece: bytes) -> bytes:
    return content[:at] + piece + content[at + len(piece) :]


def turn(content: bytes, at: int, _: bytes) -> bytes:
    return content[at:] + content[:at]


def double(content: bytes, at: int, _: bytes) -> bytes:
    return content + content[at:]


MUTATIONS: st.SearchStrategy[Callable[[bytes, int, bytes], bytes]] = st.sampled_from(
    [cut, put, put, replace, turn, double]
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    content=st.sampled_from(SEEDS),
    changes=st.lists(st.tuples(MUTATIONS, st.integers(0, 400), PIECES), max_size=5),
    items=st.booleans(),
)
def test_a_mutated_file_becomes_tables_or_one_sentence(content, changes, items):
    for change, at, piece in changes:
        content = change(content, at % (len(content) + 1), piece)
    sentence = "."
    try:
        preview(upload(content))
        tables = read_tables(upload(content), upload(content, "items.csv") if items else None)
        again = read_tables(upload(content), upload(content, "items.csv") if items else None)
        assert again.fingerprint == tables.fingerprint
    except DataError as error:
        sentence = str(error)
    assert sentence.endswith(".")


ROWS = [["user", "item", "rating", "time", "note"]] + [
    [f"u{n % 3}", f"i{n % 4}", str(n % 5 + 1), f"2024-01-{n + 1:02} 10:00", "as told"] for n in range(12)
]
IDS = st.sampled_from(
    ['say "so"', "two\nlines", "👩‍🚀", "עברית", "\u202ereversed", '=HYPERLINK("x")', "<script>", "a,b", ""]
)
ILLS = st.sampled_from(
    [
        "wide",
        "large cell",
        "ragged",
        "same headers",
        "odd header",
        "no values",
        "odd id",
        "cut",
        "NUL",
        "other encoding",
    ]
)


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    ills=st.lists(st.tuples(ILLS, st.integers(1, len(ROWS) - 1), st.integers(0, 4), IDS), max_size=4),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
)
def test_a_table_with_several_ills_becomes_tables_or_one_sentence(ills, encoding):
    rows = [list(row) for row in ROWS]
    for ill, row, column, id_ in ills:
        if ill == "wide":
            rows = [[*cells, *("x" for _ in range(300 - len(cells)))] for cells in rows]
        elif ill == "large cell":
            rows[row][-1] = "x" * (1 << 20)
        elif ill == "ragged":
            rows[row] = rows[row][:column] if row % 2 else [*rows[row], id_]
        elif ill == "same headers":
            rows[0][column] = rows[0][(column + 1) % 5]
        elif ill == "odd header":
            rows[0][column] += id_ * 200 ** (row % 2)
        elif ill == "no values":
            rows = [rows[0], *([*cells[:column], "", *cells[column + 1 :]] for cells in rows[1:])]
        elif ill == "odd id":
            rows[row][column % 2 : column % 2 + 1] = [id_]
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    content = file.getvalue().encode(encoding, "replace")
    for ill, row, _, id_ in ills:
        at = len(content) * row // len(ROWS)
        if ill == "cut":
            content = content[:at]
        elif ill == "NUL":
            content = put(content, at, b"\0")
        elif ill == "other encoding":
            content = put(content, at, f"é{id_}".encode("latin-1", "replace"))
    sentence = "."
    try:
        preview(upload(content))
        tables = read_tables(upload(content))
        assert read_tables(upload(content)).fingerprint == tables.fingerprint
        dropped = sum(s.rows for s in tables.report.steps if (s.table, s.action) == ("events", "dropped"))
        assert tables.report.rows_read["events"] - dropped == len(tables.events)
    except DataError as error:
        sentence = str(error)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 700  # a cell of a megabyte is not told back
