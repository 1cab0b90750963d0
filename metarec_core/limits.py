"""What one workspace takes: set by whoever runs MetaRec, in the environment, and told in one sentence wherever it is reached.

::

    METAREC_MAX_UPLOAD_MB       each file that is imported
    METAREC_MAX_ROWS            rows of each file
    METAREC_MAX_QUEUE           trainings and searches that run or wait
    METAREC_MAX_WORKSPACE_MB    all that lies in the workspace
    METAREC_MIN_FREE_MB         what stays free on its disk

0 is no limit.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Any, Final

from metarec_core.errors import ConfigError, DataError, JobError, RunError
from metarec_core.language import say

PREFIX: Final = "METAREC_"
MIB: Final = 2**20


@dataclass(frozen=True)
class Limits:
    """The limits; what stands here nobody ordinary will reach.

    Attributes:
        max_upload_mb: MiB of each file.
        max_rows: Rows of each file.
        max_queue: Trainings and searches that are not at their end.
        max_workspace_mb: MiB of the workspace, before something is added.
        min_free_mb: MiB that are free on its disk, before something is added.
    """

    max_upload_mb: int = 0
    max_rows: int = 100_000_000
    max_queue: int = 100
    max_workspace_mb: int = 0
    min_free_mb: int = 100


def limits() -> Limits:
    """As they are set now.

    Raises:
        ConfigError: One is no whole number.
    """
    values = {}
    for field in fields(Limits):
        name = PREFIX + field.name.upper()
        text = os.environ.get(name, "").strip()
        if text and not (text.isascii() and text.isdigit()):
            raise ConfigError(say("{name} is {text!r}: give a whole number, 0 for no limit.", name=name, text=text))
        if text:
            values[field.name] = int(text)
    return Limits(**values)


def require_file(source: Any, name: str) -> None:
    """Refuse a file that is too large; a folder is not looked into.

    Raises:
        DataError: It is.
    """
    most = limits().max_upload_mb
    size = _size(source) if most else 0
    if size > most * MIB:
        raise DataError(
            say(
                "{name} is {size:,.0f} MB; the limit in this workspace is {most:,} MB: import part of "
                "it, or ask your MetaRec administrator for more.",
                name=name,
                size=size / MIB,
                most=most,
            )
        )


def require_rows(n_rows: int, name: str) -> None:
    """Refuse a file with too many rows.

    Raises:
        DataError: It has.
    """
    most = limits().max_rows
    if most and n_rows > most:
        raise DataError(
            say(
                "{name} has {n_rows:,} rows; the limit in this workspace is {most:,}: import part of it, "
                "or ask your MetaRec administrator for more.",
                name=name,
                n_rows=n_rows,
                most=most,
            )
        )


def require_place(n_live: int) -> None:
    """Refuse one more training where enough of them run or wait.

    Raises:
        JobError: There is no place.
    """
    most = limits().max_queue
    if most and n_live >= most:
        raise JobError(
            say(
                "The training queue is full ({n_live:,} of {most:,} running or waiting): wait for one to "
                "finish, or cancel one.",
                n_live=n_live,
                most=most,
            )
        )


def require_space(store: Path) -> None:
    """Refuse to add to a workspace that is full, or whose disk is.

    Raises:
        RunError: It is.
    """
    set_now = limits()
    there = next((folder for folder in (store, *store.parents) if folder.is_dir()), Path.cwd())
    free = shutil.disk_usage(there).free // MIB
    if free < set_now.min_free_mb:
        raise RunError(
            say(
                "Only {free:,} MB free on the disk of {store} (minimum {min_free_mb:,} MB): free some "
                "space, then try again.",
                free=free,
                store=store,
                min_free_mb=set_now.min_free_mb,
            )
        )
    used = workspace_bytes(store) // MIB if set_now.max_workspace_mb else 0
    if used > set_now.max_workspace_mb:
        raise RunError(
            say(
                "The workspace {store} holds {used:,} MB; its limit is {max_workspace_mb:,} MB: delete "
                "data that is no longer needed, or ask your MetaRec administrator for more.",
                store=store,
                used=used,
                max_workspace_mb=set_now.max_workspace_mb,
            )
        )


def workspace_bytes(store: Path) -> int:
    """What all files of a workspace take, in bytes; those that go meanwhile are not counted."""
    total = 0
    for folder, _, names in os.walk(store):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size
            except OSError:
                continue
    return total


def _size(source: str | Path | IO[bytes]) -> int:
    if isinstance(source, str | Path):
        path = Path(source)
        return path.stat().st_size if path.is_file() else 0
    if not hasattr(source, "seek") or not getattr(source, "seekable", lambda: True)():
        return 0
    here = source.tell()
    size = source.seek(0, os.SEEK_END)
    source.seek(here)
    return size
