"""Bytes in, UTF-8 text out: what a file is, before anyone asks what it says."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import BinaryIO

from metarec_core.data.archive import unpack
from metarec_core.errors import DataError
from metarec_core.language import later, say

Source = Path | str | BinaryIO
"""A file's path, or an open binary file such as an upload."""

MAX_BYTES = 4 * 2**30
"""Most bytes a file may have once it is unpacked; a small gzip file can hold terabytes."""

ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5", "cp1252", "latin-1")
"""Encodings that are told apart, and may be asked for."""

_SAMPLED_BYTES, _BLOCK_BYTES = 1 << 18, 1 << 24
_COMMON = {  # everyday characters and punctuation; any pair of bytes
    "gb18030": (re.compile(rb"[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]"), re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")),
    "big5": (re.compile(rb"[\xa1-\xa3\xa4-\xc6][\x40-\x7e\xa1-\xfe]"), re.compile(rb"[\x81-\xfe][\x40-\x7e\xa1-\xfe]")),
}
_ENOUGH_COMMON = 0.75

_FORMATS = {
    b"\x89PNG": later("a PNG image"),
    b"\xff\xd8\xff": later("a JPEG image"),
    b"GIF8": later("a GIF image"),
    b"%PDF": later("a PDF document"),
    b"\xd0\xcf\x11\xe0": later("an old Excel file (.xls)"),
    b"SQLite format 3": later("a SQLite database"),
    b"BZh": later("a bzip2 file"),
    b"\xfd7zXZ": later("an xz file"),
    b"7z\xbc\xaf": later("a 7z file"),
    b"\x28\xb5\x2f\xfd": later("a zstd file"),
}
_EXPECTED = later("provide a table (CSV, TSV, JSON Lines, Parquet or Excel; plain, or compressed with gzip or zip)")


def source_name(source: Source) -> str:
    """The file's name, for people and messages."""
    name = source if isinstance(source, str | Path) else getattr(source, "name", None)
    return Path(str(name)).name if name is not None else say("the uploaded file")


def read_packed(source: Source) -> bytes:
    """A file's bytes as they lie, packed or not.

    Raises:
        DataError: The file is missing, unreadable or too large.
    """
    return _read(source, source_name(source))


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


def decode(content: bytes, name: str, encoding: str | None = None) -> tuple[bytes, str]:
    """Contents of a file as text; see ``read_text``.

    Args:
        content: The file.
        name: Its name, for messages.
        encoding: One of ``ENCODINGS``, where someone knows; found from the contents when not given.

    Raises:
        DataError: They are empty or no text, or not in the encoding that was given.
    """
    if re.search(rb"\S", content) is None:
        raise DataError(
            say("{name} is empty: {expected} with a header line and rows.", name=name, expected=say(_EXPECTED))
        )
    for magic, format_ in _FORMATS.items():
        if content.startswith(magic):
            raise DataError(
                say(
                    "{name} is {format}, not a text table: {expected}.",
                    name=name,
                    format=say(format_),
                    expected=say(_EXPECTED),
                )
            )
    if encoding is not None and encoding not in ENCODINGS:
        raise DataError(
            say(
                "{name} cannot be read in the encoding {encoding!r}: choose one of {encodings}.",
                encoding=encoding,
                name=name,
                encodings=", ".join(ENCODINGS),
            )
        )
    found = encoding or _encoding(content)
    if found is None:
        raise DataError(
            say("{name} is a binary file, not a text table: {expected}.", name=name, expected=say(_EXPECTED))
        )
    if found == "utf-8" and _if_decodes(content, found):
        text = content.removeprefix(codecs.BOM_UTF8)
    else:
        try:
            # of a file that is nearly all UTF-8 the rest is mended; where someone chose, the choice must fit
            decoded = content.decode(found, "replace" if encoding is None else "strict")
        except UnicodeDecodeError as error:
            raise DataError(
                say(
                    "{name} is not in {found}: byte {start:,} is not a valid character; choose another encoding.",
                    name=name,
                    found=found,
                    start=error.start,
                )
            ) from None
        text = decoded.removeprefix("\ufeff").encode("utf-8", "replace")
    if b"\0" in text:
        raise DataError(
            say("{name} is a binary file, not a text table: {expected}.", name=name, expected=say(_EXPECTED))
        )
    return text if b"\n" in text else text.replace(b"\r", b"\n"), found


def _read(source: Source, name: str) -> bytes:
    if not isinstance(source, str | Path):
        if source.seekable():
            source.seek(0)  # an upload is read again at each rerun of a page
        return _within_limit(source.read(MAX_BYTES + 1), name)
    path = Path(source)
    if path.is_dir():
        raise DataError(say("{path} is a folder: name a file in it.", path=path))
    try:
        with path.open("rb") as file:
            return _within_limit(file.read(MAX_BYTES + 1), name)
    except FileNotFoundError:
        raise DataError(say("There is no file {path}: check the path.", path=path)) from None
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        raise DataError(
            say("{name} cannot be read ({error}): check the path and its permissions.", name=name, error=error)
        ) from None


def _within_limit(content: bytes, name: str) -> bytes:
    if len(content) > MAX_BYTES:
        raise DataError(
            say(
                "{name} is larger than {max_bytes:.0f} GiB: split it or drop columns.",
                name=name,
                max_bytes=MAX_BYTES / 2**30,
            )
        )
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
    if _if_decodes(content, "utf-8") or _is_nearly_utf8(content):
        return "utf-8"
    shares = {encoding: _share_of_common(content, encoding) for encoding in _COMMON}
    best = max(shares, key=shares.__getitem__)
    if shares[best] >= _ENOUGH_COMMON:
        return best
    if _bytes_come_in_pairs(content) and _if_decodes(content, "gb18030"):  # rare characters
        return "gb18030"
    if re.search(rb"[\x80-\x9f]", content) and _if_decodes(content, "cp1252"):  # curly quotes, the euro sign
        return "cp1252"
    return "latin-1"  # has a character for every byte


def _if_decodes(content: bytes, encoding: str) -> str | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), _BLOCK_BYTES):  # as a whole the text would take up to four times the bytes
            decoder.decode(content[start : start + _BLOCK_BYTES], start + _BLOCK_BYTES >= len(content))
    except UnicodeDecodeError:
        return None
    return encoding


def _is_nearly_utf8(content: bytes) -> bool:
    """A UTF-8 file with a few bytes that are not: lines of another file pasted in, or its end cut off."""
    sample = content[:_SAMPLED_BYTES].decode("utf-8", "replace")
    bad = sample.count("\ufffd")
    good = sum(len(run) for run in re.findall(r"[^\x00-\x7f]+", sample)) - bad
    return good >= 20 * bad


def _share_of_common(content: bytes, encoding: str) -> float:
    """Of the characters that an encoding makes of the bytes above ASCII, the share of everyday ones, by bytes.

    Both Chinese encodings put the common characters first, and each makes rare ones of a text that is in the other; accented
    letters are followed by plain ones, which the common ranges of neither hold.
    """
    common, any_pair = _COMMON[encoding]
    sample = content[:_SAMPLED_BYTES]
    pairs = any_pair.findall(sample)
    high = len(re.findall(rb"[\x80-\xff]", any_pair.sub(b"", sample)))
    n_common = sum(1 for pair in pairs if common.fullmatch(pair))
    return n_common / max(len(pairs) + high, 1)


def _bytes_come_in_pairs(content: bytes) -> bool:
    """High bytes in even runs. Accented Latin text decodes as Chinese as well, but its runs have length 1."""
    runs = re.findall(rb"[\x80-\xff]+", content[:_SAMPLED_BYTES])
    return 2 * sum(len(run) % 2 == 0 for run in runs) > len(runs)
