import io

import pytest

from metarec_core.data.preview import preview
from metarec_core.data.read import read_raw
from metarec_core.errors import DataError


def upload(text: str, name: str = "log.csv") -> io.BytesIO:
    file = io.BytesIO(text.encode())
    file.name = name
    return file


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_the_separator_is_found(separator):
    raw = read_raw(upload("user,item,price\nann,tea,1\nbob,milk,2\n".replace(",", separator)))
    assert raw.separator == separator
    assert raw.cells.to_pydict() == {"user": ["ann", "bob"], "item": ["tea", "milk"], "price": ["1", "2"]}


def test_values_with_bars_or_decimal_commas_do_not_mislead_the_separator():
    assert read_raw(upload("item,tags\n1,a|b|c\n2,d|e|f\n")).separator == ","
    assert read_raw(upload("user;item;rating\n1;2;3,5\n2;3;4,5\n")).separator == ";"


def test_every_cell_stays_the_text_it_is():
    raw = read_raw(upload('id,x\n001, 1.0\nNA,""\n,true\n'))
    assert raw.cells.to_pydict() == {"id": ["001", "NA", ""], "x": [" 1.0", "", "true"]}


def test_each_row_knows_its_line_past_blank_lines_and_quoted_line_ends():
    raw = read_raw(upload('\nid,text\n1,"two\nlines"\n\n2,x\n3,"a\n\nb"\n4,y'))
    assert raw.cells.column("id").to_pylist() == ["1", "2", "3", "4"]
    assert raw.lines.tolist() == [3, 6, 7, 10]


def test_windows_line_ends_count_once():
    raw = read_raw(upload('id,text\r\n1,"two\r\nlines"\r\n2,x\r\n'))
    assert raw.lines.tolist() == [2, 4]
    assert raw.cells.column("text").to_pylist() == ["two\r\nlines", "x"]


def test_rows_that_do_not_fit_the_header_are_left_out_and_named_by_line():
    raw = read_raw(upload('a,b\n1,2\n3\n"4\n4",5\n6,7,8\n9,9\n'))
    assert raw.cells.column("a").to_pylist() == ["1", "4\n4", "9"]
    assert raw.lines.tolist() == [2, 4, 7]
    assert raw.ragged == ((3, "3"), (6, "6,7,8"))
    assert raw.n_rows == 5


def test_a_quotation_mark_that_is_never_closed_does_not_swallow_the_rows_after_it():
    raw = read_raw(upload('a,b\n1,"2\n3,4\n5,6\n'))
    assert raw.cells.to_pydict() == {"a": ["1", "3", "5"], "b": ["2", "4", "6"]}
    assert raw.unbalanced == (2,)


def test_two_of_them_do_not_swallow_the_rows_between():
    raw = read_raw(upload('a,b\n1,"2\n3,4\n5,6\n7,8"\n9,"x"\n'))
    assert raw.cells.column("a").to_pylist() == ["1", "3", "5", "7", "9"]
    assert raw.unbalanced == (2, 5)


def test_paragraphs_with_commas_are_no_swallowed_rows():
    text = "Once, long ago\nthere was, so they say,\na king, and\nthat is all"
    raw = read_raw(upload(f'item,text\n1,"{text}"\n2,x\n'))
    assert raw.cells.column("text").to_pylist() == [text, "x"]
    assert raw.lines.tolist() == [2, 6]
    raw = read_raw(upload('item,text\n1,"One\ntwo, three\nfour"\n2,x\n'))
    assert raw.cells.column("text").to_pylist() == ["One\ntwo, three\nfour", "x"]
    assert raw.unbalanced == ()


def test_a_cell_too_large_to_be_read_is_refused(monkeypatch):
    monkeypatch.setattr("metarec_core.data.read._BLOCK_BYTES", 64)
    with pytest.raises(DataError, match=r"log\.csv has a cell of more than .* MiB: export it again as CSV\."):
        read_raw(upload(f"a,b\n1,{'x' * 200}\n"))


def test_a_cell_too_large_to_be_one_is_an_unclosed_quotation_mark(monkeypatch):
    monkeypatch.setattr("metarec_core.data.read._BLOCK_BYTES", 64)
    raw = read_raw(upload('a,b\n1,"2\n' + "3,4\n" * 50))
    assert raw.cells.num_rows == 51
    assert raw.unbalanced == (2,)


def test_inner_quotation_marks_are_text():
    raw = read_raw(upload('a,b\n1,5" screen\n2,"say ""hi"""\n'))
    assert raw.cells.column("b").to_pylist() == ['5" screen', 'say "hi"']


def test_empty_and_repeated_column_names_are_told_apart():
    assert read_raw(upload(",x,x\n0,1,2\n")).cells.column_names == ["unnamed 1", "x", "x 2"]


def test_a_header_without_rows_is_refused():
    for text in ("user,item", "user,item\n", "user,item\n\n\n"):
        with pytest.raises(DataError, match=r"log\.csv has a header but no rows"):
            read_raw(upload(text))
        with pytest.raises(DataError, match=r"log\.csv has a header but no rows"):
            preview(upload(text))


def test_a_file_of_which_no_row_fits_the_header_is_refused():
    with pytest.raises(
        DataError, match=r"No row of log\.csv fits its header of 2 columns; the first, on line 2, .*'1,2,3'"
    ):
        read_raw(upload("a,b\n1,2,3\n4,5,6\n"))


def test_a_preview_shows_the_head_and_what_the_columns_seem_to_be():
    head = preview(upload("uid;movie_id;when\n" + "".join(f"u{n};m{n};x\n" for n in range(100))), n_rows=3)
    assert (head.name, head.encoding, head.separator) == ("log.csv", "utf-8", ";")
    assert head.columns == ("uid", "movie_id", "when")
    assert head.rows.to_dict("list") == {
        "uid": ["u0", "u1", "u2"],
        "movie_id": ["m0", "m1", "m2"],
        "when": ["x", "x", "x"],
    }
    assert head.mapping == {"user_id": "uid", "item_id": "movie_id"}
    assert head.ignored == ("when",)


def test_a_preview_looks_only_at_the_start_of_a_long_file():
    head = preview(upload("user,item\n" + "ann,tea\n" * 200_000), n_rows=2)
    assert head.rows["item"].tolist() == ["tea", "tea"]


def test_a_stray_carriage_return_ends_a_row_and_nothing_more():
    raw = read_raw(upload("a,b\n1,2\r3,4\n5,6\n"))
    assert raw.cells.to_pydict() == {"a": ["1", "3", "5"], "b": ["2", "4", "6"]}
