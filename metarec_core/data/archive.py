"""What a gzip or zip file holds, taken out only as far as that is safe: bounded, and never outside of the archive."""

from __future__ import annotations

import gzip
import io
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath

from metarec_core.errors import DataError
from metarec_core.language import say

MAX_RATIO = 200
"""Tables shrink to a tenth, very regular ones to a fiftieth; what shrinks more was made to fill memory."""

FREE_BYTES = 100 * 2**20
"""Up to here any ratio is fine: it does no harm."""

_GZIP, _ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db")


def unpack(content: bytes, name: str, limit: int) -> bytes:
    """The one file in a gzip or zip archive; what is no archive, or a spreadsheet or numpy file in a zip, as it is.

    Args:
        content: A file.
        name: Its name, for messages.
        limit: Most bytes it may unpack to.

    Raises:
        DataError: The archive is damaged, locked, too large, unsafe, or holds no file or several.
    """
    if _is_document(content, name, limit):
        return content
    if content.startswith(_GZIP):
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            content = _bounded(packed.read, name, "gzip", len(content), limit)
    elif content.startswith(_ZIP):
        with open_zip(content, name) as archive:
            names = members(archive, name)
            if not names:
                raise DataError(say("{name} is an empty zip file: put the table into it.", name=name))
            if len(names) > 1:
                shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
                raise DataError(
                    say(
                        "{name} contains {n_names} files ({shown}): import one table at a time, or a "
                        "layout that has an importer.",
                        name=name,
                        n_names=len(names),
                        shown=shown,
                    )
                )
            content = take(archive, names[0], name, limit)
    else:
        return content
    if _is_document(content, name, limit):
        return content
    if content.startswith((_GZIP, *_ZIP)) or content[257:262] == b"ustar":
        raise DataError(say("{name} contains another archive: unpack that first.", name=name))
    return content


def open_zip(content: bytes, name: str) -> zipfile.ZipFile:
    """An archive, for ``members`` and ``take``.

    Raises:
        DataError: It is damaged.
    """
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise DataError(say("{name} is a damaged zip file: create it again.", name=name)) from None


def members(archive: zipfile.ZipFile, name: str) -> list[str]:
    """Paths of the files in an archive, in its order, without folders and what systems leave in it.

    Raises:
        DataError: A member is a link, or its path leads out of the archive.
    """
    names = []
    for member in archive.infolist():
        path = member.filename.replace("\\", "/")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise DataError(say("{name} contains the link {path!r}: pack the file itself.", name=name, path=path))
        if path.startswith("/") or ".." in PurePosixPath(path).parts or path[1:2] == ":":
            raise DataError(
                say(
                    "{name} contains {path!r}, which points outside the archive: pack plain files.",
                    name=name,
                    path=path,
                )
            )
        if not member.is_dir() and not path.startswith(_LITTER[0]) and PurePosixPath(path).name not in _LITTER:
            names.append(member.filename)
    return names


def take(archive: zipfile.ZipFile, member: str, name: str, limit: int) -> bytes:
    """One file of an archive.

    Raises:
        DataError: It is damaged, locked or too large.
    """
    info = archive.getinfo(member)
    if info.flag_bits & 1:
        raise DataError(say("{name} is protected by a password: unpack it first.", name=name))
    try:
        with archive.open(info) as file:
            return _bounded(file.read, name, "zip", info.compress_size, limit)
    except (zipfile.BadZipFile, NotImplementedError):
        raise DataError(say("{name} is a damaged zip file: create it again.", name=name)) from None


def _is_document(content: bytes, name: str, limit: int) -> bool:
    """Whether a file is a zip that is one file to its program: a spreadsheet, or numpy's arrays.

    Its parts must not say that they are too large together; none yields more than it says.
    """
    if not content.startswith(_ZIP):
        return False
    with open_zip(content, name) as archive:
        names = members(archive, name)
        if "[Content_Types].xml" not in names and not (names and all(path.endswith(".npy") for path in names)):
            return False
        _check(sum(member.file_size for member in archive.infolist()), name, len(content), limit)
    return True


def _bounded(read: Callable[[int], bytes], name: str, kind: str, packed: int, limit: int) -> bytes:
    most = min(limit, max(FREE_BYTES, MAX_RATIO * packed))
    try:
        content = read(most + 1)
    except (OSError, EOFError, zlib.error):
        raise DataError(say("{name} is a damaged {kind} file: create it again.", name=name, kind=kind)) from None
    _check(len(content), name, packed, limit)
    return content


def _check(n_bytes: int, name: str, packed: int, limit: int) -> None:
    if n_bytes > limit:
        raise DataError(
            say(
                "{name} unpacks to more than {limit:.0f} GiB: split it or drop columns.", name=name, limit=limit / 2**30
            )
        )
    if n_bytes > max(FREE_BYTES, MAX_RATIO * packed):
        raise DataError(
            say(
                "{name} unpacks to more than {max_ratio} times its size, which no real table does: it was not opened.",
                name=name,
                max_ratio=MAX_RATIO,
            )
        )
