"""Bytes in, UTF-8 text out: what a file is, before anyone asks what it says."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import BinaryIO

from metarec_core.data.archive import unpack
from metarec_core.errors import DataError

Source = Path | str | BinaryIO
"""A file's path, or an open binary file such as an upload."""

MAX_BYTES = 4 * 2**30
"""Most bytes a file may have once it is unpacked; a small gzip file can hold terabytes."""

_FORMATS = {
    b"PK\x03\x04": "a zip or spreadsheet file",
    b"PK\x05\x06": "an empty zip file",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"PAR1": "a Parquet file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"SQLite format 3": "a SQLite database",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"7z\xbc\xaf": "a 7z file",
    b"\x28\xb5\x2f\xfd": "a zstd file",
}
_EXPECTED = "bring a text table (CSV, TSV; plain or gzip)"


def source_name(source: Source) -> str:
    """The file's name, for people and messages."""
    name = source if isinstance(source, str | Path) else getattr(source, "name", None)
    return Path(str(name)).name if name is not None else "the uploaded file"


def read_bytes(source: Source) -> bytes:
    """A file's contents, out of the gzip or zip file that holds it.

    Raises:
        DataError: The file is missing, unreadable, too large, or packed in a way that is not opened.
    """
    name = source_name(source)
    return unpack(_read(source, name), name, MAX_BYTES)


def read_text(source: Source) -> tuple[bytes, str]:
    """A file's text as UTF-8, its lines ended by ``\\n`` or ``\\r\\n``, and the name of the encoding it was in.

    Raises:
        DataError: The file is missing, unreadable, empty, too large or not text.
    """
    return decode(read_bytes(source), source_name(source))


def decode(content: bytes, name: str) -> tuple[bytes, str]:
    """Contents of a file as text; see ``read_text``.

    Raises:
        DataError: They are empty or no text.
    """
    if not content.strip():
        raise DataError(f"{name} is empty: {_EXPECTED} with a header line and rows.")
    for magic, format_ in _FORMATS.items():
        if content.startswith(magic):
            raise DataError(f"{name} is {format_}, not a text table: {_EXPECTED}.")
    encoding = _encoding(content)
    if encoding is None:
        raise DataError(f"{name} is a binary file, not a text table: {_EXPECTED}.")
    if encoding == "utf-8":
        text = content.removeprefix(codecs.BOM_UTF8)
    else:
        text = content.decode(encoding).removeprefix("\ufeff").encode()
    if b"\0" in text:
        raise DataError(f"{name} is a binary file, not a text table: {_EXPECTED}.")
    return text if b"\n" in text else text.replace(b"\r", b"\n"), encoding


def _read(source: Source, name: str) -> bytes:
    if not isinstance(source, str | Path):
        if source.seekable():
            source.seek(0)  # an upload is read again at each rerun of a page
        return _within_limit(source.read(MAX_BYTES + 1), name)
    path = Path(source)
    if path.is_dir():
        raise DataError(f"{path} is a folder: name the file in it.")
    try:
        with path.open("rb") as file:
            return _within_limit(file.read(MAX_BYTES + 1), name)
    except FileNotFoundError:
        raise DataError(f"There is no file {path}: check the path.") from None
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        raise DataError(f"{name} cannot be read ({error}): check the path and its permissions.") from None


def _within_limit(content: bytes, name: str) -> bytes:
    if len(content) > MAX_BYTES:
        raise DataError(f"{name} has more than {MAX_BYTES / 2**30:.0f} GiB: split it or drop columns.")
    return content


def _encoding(content: bytes) -> str | None:
    """The encoding of a text, or None where it is no text."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _if_decodes(content, "utf-16")
    sample = content[:4096]
    if b"\0" in sample:
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        # Latin letters, line ends and separators have their zero byte always on the same side
        if max(even, odd) < max(10 * min(even, odd), len(sample) / 40):
            return None
        return _if_decodes(content, "utf-16-be" if even > odd else "utf-16-le")
    if _if_decodes(content, "utf-8"):
        return "utf-8"
    if _bytes_come_in_pairs(content) and _if_decodes(content, "gb18030"):
        return "gb18030"
    return "latin-1"  # has a character for every byte


def _if_decodes(content: bytes, encoding: str) -> str | None:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return None
    return encoding


def _bytes_come_in_pairs(content: bytes) -> bool:
    """Chinese text: high bytes in even runs. Accented Latin text decodes as Chinese as well, but its runs have length 1."""
    runs = re.findall(rb"[\x80-\xff]+", content[: 1 << 20])
    return 2 * sum(len(run) % 2 == 0 for run in runs) > len(runs)
