"""Tables on disk: ``<store>/tables/<fingerprint>/``, written once, never changed.

::

    events.parquet items.parquet facts.parquet    the tables (facts, users and vectors where there are any)
    users.parquet vectors.safetensors
    report.json affected.parquet                  what cleaning did
    manifest.json                                 written last: the folder counts once it is there
"""

from __future__ import annotations

import json
import os
import re
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from metarec_core import __version__
from metarec_core.audit import deed
from metarec_core.data import columns
from metarec_core.data.tables import CleaningReport, CleaningStep, Tables, make_tables
from metarec_core.errors import RunError
from metarec_core.language import say

FORMAT: Final = 1
"""Changes when older code could not read the folder."""

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_TABLES = ("events", "items", "facts", "users")
_VECTORS = "vectors.safetensors"


@dataclass(frozen=True)
class TablesSummary:
    """Stored tables, without opening them.

    Attributes:
        fingerprint: By which ``open_tables`` finds them.
        name: For people.
        n_users: Users with events.
        n_items: Items of the catalogue.
        n_events: Events.
        n_facts: Facts, 0 where there are none.
        has_clock_times: Whether event times are real or only an order.
        created: When they were stored, UTC.
    """

    fingerprint: str
    name: str
    n_users: int
    n_items: int
    n_events: int
    n_facts: int
    has_clock_times: bool
    created: datetime


def write_tables(tables: Tables, store: Path) -> None:
    """Store tables; the same tables are stored once.

    Raises:
        RunError: The folder cannot be written, or an unreadable one is in its place.
    """
    folder = tables_folder(store, tables.fingerprint)
    if folder.exists():
        _read_manifest(folder)
        return
    part = folder.with_name(f".{folder.name}-{uuid.uuid4().hex}.part")
    try:
        part.mkdir(parents=True)
        _write(tables, part)
        os.rename(part, folder)  # fails where another process was first: a folder with files is never replaced
    except OSError as error:
        if not (folder / "manifest.json").is_file():
            raise RunError(
                say(
                    "The data set cannot be written to {folder} ({strerror}): check space and permissions.",
                    folder=folder,
                    strerror=error.strerror,
                )
            ) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def open_tables(store: Path, fingerprint: str) -> Tables:
    """Stored tables, checked against their fingerprint.

    Raises:
        RunError: There are none under this fingerprint, or they are half-written, damaged or of another format.
    """
    folder = tables_folder(store, fingerprint)
    if not folder.is_dir():
        raise RunError(
            say(
                "There is no data set {fingerprint} in {store}: import the files again, or choose another store.",
                fingerprint=fingerprint,
                store=store,
            )
        )
    manifest = _read_manifest(folder)
    optional = {"facts": "n_facts", "users": "n_listed_users"}
    try:
        frames = {
            name: _read_frame(folder / f"{name}.parquet")
            for name in _TABLES
            if name not in optional or manifest.get(optional[name]) is not None
        }
        vectors = load_file(folder / _VECTORS) if manifest.get("modes") else {}
        report = _report_from(
            json.loads((folder / "report.json").read_text("utf-8")), _read_frame(folder / "affected.parquet")
        )
        tables = make_tables(
            manifest["name"],
            frames["events"],
            frames["items"],
            frames.get("facts"),
            report,
            users=frames.get("users"),
            vectors=vectors,
        )
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException, SafetensorError):
        raise _damaged(folder) from None
    if tables.fingerprint != fingerprint:
        raise _damaged(folder)
    return tables


def tables_state(store: Path, fingerprint: str) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of each file of stored tables: a different value if they were changed, deleted or restored.

    Raises:
        RunError: That is not a fingerprint.
    """
    try:
        found = [(path.name, path.stat()) for path in sorted(tables_folder(store, fingerprint).iterdir())]
    except OSError:  # gone, or being deleted
        return ()
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in found)


def list_tables(store: Path) -> tuple[TablesSummary, ...]:
    """What is stored, newest first; folders that cannot be read are left out."""
    summaries = []
    for folder in (store / "tables").glob("*/"):
        if not _FINGERPRINT.fullmatch(folder.name):
            continue
        try:
            manifest = _read_manifest(folder)
            summaries.append(_summary(folder.name, manifest))
        except (RunError, KeyError, TypeError, ValueError):
            continue
    return tuple(sorted(summaries, key=lambda summary: (summary.created, summary.fingerprint), reverse=True))


def remembered_mapping(store: Path, table: str, header: Sequence[str]) -> tuple[Mapping[str, str], str] | None:
    """What the columns were used as when a file with these columns was last imported, and the name of its data set.

    Args:
        store: Where to look.
        table: Which table the file is.
        header: Its column names, in any order.

    Returns:
        Column inside MetaRec → the file's column, and a name; None where no such file was imported.
    """
    for summary in list_tables(store):
        try:
            report = json.loads((store / "tables" / summary.fingerprint / "report.json").read_text("utf-8"))
            matched, ignored = report["matched"].get(table), report["ignored"].get(table, ())
            if matched is not None and {*matched.values(), *ignored} == set(header):
                return matched, summary.name
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return None


@deed("delete", tables="fingerprint")
def delete_tables(store: Path, fingerprint: str) -> None:
    """Remove stored tables, whole or half-written.

    Raises:
        RunError: There are none under this fingerprint.
    """
    folder = tables_folder(store, fingerprint)
    if not folder.is_dir():
        raise RunError(say("There is no data set {fingerprint} in {store}.", fingerprint=fingerprint, store=store))
    gone = folder.with_name(f".{folder.name}-{uuid.uuid4().hex}.part")
    os.rename(folder, gone)  # at once out of sight of readers
    shutil.rmtree(gone, ignore_errors=True)


def tables_folder(store: Path, fingerprint: str) -> Path:
    """Where stored tables are, or would be.

    Raises:
        RunError: That is not a fingerprint.
    """
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise RunError(
            say("{fingerprint!r} is not the ID of a data set, which is 16 digits 0-9, a-f.", fingerprint=fingerprint)
        )
    return store / "tables" / fingerprint


def _write(tables: Tables, folder: Path) -> None:
    for name in _TABLES:
        frame = getattr(tables, name)
        if frame is not None:
            _write_frame(frame, folder / f"{name}.parquet")
    if tables.vectors:
        contiguous = {mode: np.ascontiguousarray(numbers) for mode, numbers in tables.vectors.items()}
        save_file(contiguous, folder / _VECTORS)
    _write_frame(tables.report.affected, folder / "affected.parquet")
    report = {name: value for name, value in vars(tables.report).items() if name != "affected"}
    report["steps"] = [asdict(step) for step in tables.report.steps]
    _write_json(report, folder / "report.json")
    manifest = {
        "format": FORMAT,
        "written_by": __version__,
        "name": tables.name,
        "n_users": int(tables.events[columns.USER_ID].nunique()),
        "n_items": len(tables.items),
        "n_events": len(tables.events),
        "n_facts": None if tables.facts is None else len(tables.facts),
        "n_listed_users": None if tables.users is None else len(tables.users),
        "modes": {mode: numbers.shape[1] for mode, numbers in tables.vectors.items()},
        "has_clock_times": tables.has_clock_times,
        "created": datetime.now(UTC).isoformat(),
    }
    _write_json(manifest, folder / "manifest.json")


def _write_json(value: Any, path: Path) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, default=dict), encoding="utf-8")


def _write_frame(frame: pd.DataFrame, path: Path) -> None:
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, compression="zstd")


def _read_frame(path: Path) -> pd.DataFrame:
    frame: pd.DataFrame = pq.ParquetFile(path).read().to_pandas()
    return frame


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        raise RunError(
            say("The data set in {folder} is incomplete: delete it and import the files again.", folder=folder)
        ) from None
    except (OSError, ValueError):
        raise _damaged(folder) from None
    if not isinstance(manifest, dict):
        raise _damaged(folder)
    if manifest.get("format") != FORMAT:
        raise RunError(
            say(
                "The data set in {folder} has format {format} (written by MetaRec {written_by}); this is "
                "MetaRec {version}, which reads format {format_2}: import the files again.",
                folder=folder,
                format=manifest.get("format"),
                written_by=manifest.get("written_by"),
                version=__version__,
                format_2=FORMAT,
            )
        )
    return manifest


def _summary(fingerprint: str, manifest: dict[str, Any]) -> TablesSummary:
    return TablesSummary(
        fingerprint=fingerprint,
        name=str(manifest["name"]),
        n_users=int(manifest["n_users"]),
        n_items=int(manifest["n_items"]),
        n_events=int(manifest["n_events"]),
        n_facts=int(manifest["n_facts"] or 0),
        has_clock_times=bool(manifest["has_clock_times"]),
        created=datetime.fromisoformat(manifest["created"]),
    )


def _report_from(values: dict[str, Any], affected: pd.DataFrame) -> CleaningReport:
    return CleaningReport(
        rows_read=values["rows_read"],
        rows_kept=values["rows_kept"],
        steps=tuple(CleaningStep(**step) for step in values["steps"]),
        matched=values["matched"],
        ignored={table: tuple(names) for table, names in values["ignored"].items()},
        affected=affected,
        files=values.get("files", {}),
    )


def _damaged(folder: Path) -> RunError:
    return RunError(say("The data set in {folder} is damaged: delete it and import the files again.", folder=folder))
