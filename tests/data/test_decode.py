import gzip
import io

import pytest

from metarec_core.data import decode
from metarec_core.data.decode import read_text
from metarec_core.errors import DataError

TEXT = "user,item\nZoë,crème brûlée\n"


def upload(content: bytes, name: str = "log.csv") -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_western_text_is_read_in_any_encoding(encoding):
    assert read_text(upload(TEXT.encode(encoding)))[0].decode() == TEXT


def test_chinese_text_is_read_and_its_encoding_named():
    text = "用户,商品\n张三,红茶\n李四,绿茶\n"
    assert read_text(upload(text.encode("gb18030"))) == (text.encode(), "gb18030")


CHINESE = ["用户;商品;时间\n张三;红茶;2024-01-01\n李四;绿茶;2024-01-02\n", "user,title\n1,《红楼梦》\n"]
TAIWANESE = ["用戶,商品,時間\n王小明,紅茶,2024\n李大同,綠茶,2024\n", "用戶;商品\nu1;資料探勘\nu2;機器學習\n"]
EUROPEAN = ["user,item\nMüller,Äpfel\nÖzil,Größe\n", "user,item\nJosé,Ñandú\nà,b\nÀÉ,c\n"]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("gb18030", text) for text in CHINESE + TAIWANESE]
    + [("big5", text) for text in TAIWANESE]
    + [("latin-1", text) for text in EUROPEAN]
    + [("cp1252", "user,item\nann,“tea” for 5 €\n")]
    + [("utf-16", text) for text in CHINESE + EUROPEAN],
)
def test_encodings_are_told_apart(encoding, text):
    assert decode.decode(text.encode(encoding), "log.csv") == (text.encode(), encoding)


def test_an_encoding_can_be_given_and_must_fit():
    text = "user,item\nann,é\n"
    assert decode.decode(text.encode("latin-1"), "log.csv", "cp1252") == (text.encode(), "cp1252")
    with pytest.raises(
        DataError, match=r"log\.csv is not in utf-8: byte 14 is not a valid character; choose another encoding\."
    ):
        decode.decode(text.encode("latin-1"), "log.csv", "utf-8")
    with pytest.raises(
        DataError, match=r"log\.csv cannot be read in the encoding 'klingon': choose one of utf-8, utf-16"
    ):
        decode.decode(text.encode(), "log.csv", "klingon")


def test_a_few_bytes_that_are_no_utf8_do_not_change_the_encoding():
    text = "user,item\n" + "Zoë,crème\n" * 30
    content = text.encode() + "bob,é".encode("latin-1")
    assert decode.decode(content, "log.csv") == ((text + "bob,\ufffd").encode(), "utf-8")
    assert decode.decode(content[:-1] + "é".encode()[:1], "log.csv")[1] == "utf-8"


def test_gzip_is_known_by_its_content_whatever_the_name():
    assert read_text(upload(gzip.compress(TEXT.encode()), "log.csv"))[0].decode() == TEXT


def test_old_line_ends_become_new_ones():
    assert read_text(upload(b"a,b\r1,2\r"))[0] == b"a,b\n1,2\n"


def test_an_upload_is_read_from_its_start_each_time():
    file = upload(TEXT.encode())
    assert read_text(file) == read_text(file)


def test_a_path_is_read(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(TEXT, encoding="utf-8")
    assert read_text(path) == read_text(str(path)) == (TEXT.encode(), "utf-8")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "log.csv is empty"),
        (b" \r\n\n", "log.csv is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "log.csv is a PNG image, not a text table"),
        (b"PK\x03\x04 zipped", "log.csv is a damaged zip file: create it again"),
        (bytes(range(256)) * 40, "log.csv is a binary file, not a text table"),
        (b"a,b\n1,\0\n" + b"x" * 8192, "log.csv is a binary file, not a text table"),
        (b"x" * 8192 + b"\0", "log.csv is a binary file, not a text table"),
        (gzip.compress(TEXT.encode() * 99, mtime=0)[:-12], "log.csv is a damaged gzip file: create it again"),
        (b"\x1f\x8bnot really", "log.csv is a damaged gzip file: create it again"),
    ],
)
def test_what_is_no_text_table_is_refused_in_one_sentence(content, message):
    with pytest.raises(DataError, match=message):
        read_text(upload(content))


def test_a_small_gzip_that_unpacks_to_a_huge_file_is_refused(monkeypatch):
    monkeypatch.setattr(decode, "MAX_BYTES", 1_000)
    with pytest.raises(DataError, match=r"bomb\.csv unpacks to more than .* GiB: split it or drop columns"):
        read_text(upload(gzip.compress(b"0" * 1_001), "bomb.csv"))
    assert read_text(upload(gzip.compress(b"0" * 1_000)))[0] == b"0" * 1_000


def test_a_plain_file_over_the_limit_is_refused_not_cut(monkeypatch, tmp_path):
    monkeypatch.setattr(decode, "MAX_BYTES", 10)
    path = tmp_path / "big.csv"
    path.write_bytes(b"0" * 11)
    for source in (path, upload(b"0" * 11, "big.csv")):
        with pytest.raises(DataError, match=r"big\.csv is larger than .* GiB: split it or drop columns"):
            read_text(source)


def test_a_path_that_is_no_file_is_refused_in_one_sentence(tmp_path):
    with pytest.raises(DataError, match=r"There is no file .*gone\.csv: check the path\."):
        read_text(tmp_path / "gone.csv")
    with pytest.raises(DataError, match="is a folder: name a file in it"):
        read_text(tmp_path)
    with pytest.raises(DataError, match="cannot be read"):
        read_text("log\0.csv")
