"""The audit log: who did what, and when, with which ids; lines of JSON that are only ever added, in ``<store>/audit.jsonl``.

A function that changes or takes away something is marked with ``deed``: whoever calls it, from a page, a script or the command
line, is asked for the right first, and the log says what came of it. Ids and names of files only: no rows, no secrets.

Each line is written by one call to a file that is open for adding, so that processes can write side by side. A file that has
grown is put aside under its time, and never changed or deleted from here.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import wraps
from itertools import islice
from pathlib import Path
from stat import S_ISREG
from typing import Any, Final, Literal, ParamSpec, TypeVar

from filelock import FileLock, Timeout

from metarec_core import access
from metarec_core.errors import AccessError

Outcome = Literal["done", "failed", "refused"]

FILE: Final = "audit.jsonl"
MOST_BYTES: Final = 10 * 2**20
"""A file of this size is put aside."""
LONGEST: Final = 200
"""Signs of a value that are kept."""

P = ParamSpec("P")
R = TypeVar("R")

_inside: ContextVar[bool] = ContextVar("inside", default=False)


@dataclass(frozen=True)
class Entry:
    """One line of the log.

    Attributes:
        time: UTC, ISO 8601, to the millisecond.
        who: The person's name.
        role: Theirs.
        action: What was done, or asked for: an ``access.Action``, or "login", "logout", "download".
        outcome: What came of it.
        what: Ids and names by what they are of.
    """

    time: str
    who: str
    role: str
    action: str
    outcome: Outcome = "done"
    what: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def doing(store: Path, action: access.Action, **what: object) -> Iterator[dict[str, object]]:
    """The block is done by who is acting: refused without the right, and told in the log with what came of it.

    A deed that another is part of is not told again.

    Args:
        store: The workspace.
        action: What.
        what: Ids that are known before.

    Yields:
        The ids, to be added to.

    Raises:
        AccessError: They may not.
    """
    if _inside.get():
        yield dict(what)
        return
    require(store, action, **what)
    token, outcome = _inside.set(True), "done"
    try:
        yield what
    except Exception:
        outcome = "failed"
        raise
    finally:
        _inside.reset(token)
        write(store, action, outcome, **what)  # type: ignore[arg-type]


def require(store: Path, action: access.Action, **what: object) -> access.Person:
    """Who is acting, where they may; what they may not is told in the log.

    Raises:
        AccessError: They may not.
    """
    person = access.who()
    if sentence := access.why_not(person, action):
        write(store, action, "refused", person, **what)
        raise AccessError(sentence)
    return person


def deed(action: access.Action, gives: str = "", **names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Marks a function that does something to a workspace, which is its parameter ``store``, or that of its ``run``.

    Args:
        action: What it does.
        gives: What the log calls the id of what it returns.
        names: What the log calls parameters: ``tables="fingerprint"``.
    """

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)

        @wraps(function)
        def done(*args: P.args, **kwargs: P.kwargs) -> R:
            given = signature.bind(*args, **kwargs).arguments
            run = given.get("run") or given.get("run_to")
            store = Path(given["store"] if run is None else run.folder.store)
            with doing(store, action, **{name: _id(given[of]) for name, of in names.items() if of in given}) as told:
                result = function(*args, **kwargs)  # of a generator: nothing yet, but the right to it
                if gives:
                    told[gives] = _id(result)
                return result

        done.action = action  # type: ignore[attr-defined]
        return done

    return mark


def write(
    store: Path, action: str, outcome: Outcome = "done", person: access.Person | None = None, **what: object
) -> None:
    """Add a line. Where that cannot be written, as on a full disk, it goes to this process's own log instead.

    What failed makes no workspace where there is none: nothing half-made is left.
    """
    if outcome == "failed" and not store.is_dir():
        return
    person = person or access.who()
    told = {name: str(value)[:LONGEST] for name, value in what.items() if value not in (None, "")}
    entry = Entry(_now(), person.name[:LONGEST], person.role, action, outcome, told)
    line = json.dumps(vars(entry), ensure_ascii=False) + "\n"
    try:
        store.mkdir(parents=True, exist_ok=True)
        _put_aside(store)
        handle = os.open(store / FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if os.write(handle, line.encode()) < len(line.encode()):
                raise OSError("the line was cut off")
        finally:
            os.close(handle)
    except OSError as error:
        print(f"The audit log of {store} cannot be written ({error}): {line}", end="", file=sys.stderr, flush=True)


def read(store: Path, most: int | None = None) -> tuple[Entry, ...]:
    """Lines of the log, newest first; what is no whole line is left out.

    Args:
        store: The workspace.
        most: So many at most.
    """
    found: list[Entry] = []
    for file in files(store):
        if most is not None and len(found) >= most:
            break
        with suppress(OSError):
            entries = map(_entry, reversed(file.read_bytes().split(b"\n")))
            found += islice(filter(None, entries), None if most is None else most - len(found))
    return tuple(found)


def files(store: Path) -> tuple[Path, ...]:
    """Files of the log, newest first: the one that is written, then those put aside."""
    aside = sorted(store.glob("audit-*.jsonl"), reverse=True)
    return tuple(file for file in (store / FILE, *aside) if file.is_file())


def _put_aside(store: Path) -> None:
    """Rename a file that has grown; one process does, and whoever has it open still adds to it."""
    file = store / FILE
    if not _has_grown(file):
        return
    with suppress(Timeout), FileLock(store / ".audit.lock").acquire(timeout=1):
        if _has_grown(file):
            file.rename(store / f"audit-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.jsonl")


def _has_grown(file: Path) -> bool:
    try:
        status = file.stat()
    except FileNotFoundError:  # there is none yet, or another process has just put it aside
        return False
    return S_ISREG(status.st_mode) and status.st_size >= MOST_BYTES


def _entry(line: bytes) -> Entry | None:
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        return None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _id(value: Any) -> object:
    """The id of a run, of tables, of a review; whatever else, as it reads."""
    for name in ("run_id", "review_id", "fingerprint"):
        if isinstance(found := getattr(value, name, None), str):
            return found
    if isinstance(runs := getattr(value, "run_ids", None), tuple):
        return " ".join(runs)
    return " ".join(map(str, value)) if isinstance(value, tuple | list) else value
