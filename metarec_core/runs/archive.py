"""One run as a zip with its tables, for elsewhere; what comes in is checked before anything of it is kept.

::

    run/<file of a run>   tables/<file of stored tables>

Only JSON, safetensors and Parquet under names that are known: no code, no pickle, no folder of somebody else's choosing.
"""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import IO, BinaryIO, Final

from metarec_core.audit import deed
from metarec_core.data.store import open_tables
from metarec_core.errors import RunError
from metarec_core.language import say
from metarec_core.limits import require_file, require_rows, require_space
from metarec_core.runs.run import Run, is_run_id, run_folder, runs_root
from metarec_core.runs.store import open_run, write_json

MIB: Final = 2**20
MOST_MIB: Final = 4_096
"""Unpacked size that is taken."""
MOST_SHRUNK: Final = 200
"""An entry that unpacks to more than so many times its size is a bomb; the tables and weights of a run shrink a few times."""

RUN_FILES: Final = (
    "request.json",
    "config.json",
    "users.json",
    "items.json",
    "weights.safetensors",
    "leaderboard.json",
    "ablation.json",
    "answers.safetensors",
    "slices.json",
    "learning_curve.json",
    "path_quality.json",
    "map.safetensors",
    "meta_knowledge.json",
    "history.jsonl",
    "estimate.json",
    "manifest.json",
)
"""What a run is, and what was measured of it later. Not what reviewers said of it, nor what needs another run to be read."""
TABLES_FILES: Final = (
    "events.parquet",
    "items.parquet",
    "facts.parquet",
    "users.parquet",
    "affected.parquet",
    "vectors.safetensors",
    "report.json",
    "manifest.json",
)
NEEDED: Final = ("run/config.json", "run/manifest.json", "run/weights.safetensors", "tables/manifest.json")


@deed("export", run="run")
def export_run(run: Run, file: Path) -> None:
    """Write a finished run and its tables as one zip.

    Raises:
        RunError: Its tables are gone, or the file cannot be written.
    """
    folder, tables = run.folder, _tables_folder(run.folder.store, run.manifest.tables_fingerprint)
    open_tables(run.folder.store, run.manifest.tables_fingerprint)
    part = file.with_name(f".{file.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for place, root, names in (("run", folder.root, RUN_FILES), ("tables", tables, TABLES_FILES)):
                for name in names:
                    if (root / name).is_file():
                        archive.write(root / name, f"{place}/{name}")
            archive.comment = run.run_id.encode()
        part.replace(file)
    except OSError as error:
        raise RunError(
            say("The run cannot be written to {file}: {strerror}.", file=file, strerror=error.strerror or error)
        ) from None
    finally:
        part.unlink(missing_ok=True)


def run_zip(run: Run) -> bytes:
    """A finished run and its tables as one zip, for a browser.

    Raises:
        RunError: Its tables are gone.
    """
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / f"{run.run_id}.zip"
        export_run(run, file)
        return file.read_bytes()


@deed("import", gives="run")
def import_run(file: Path | BinaryIO, store: Path) -> Run:
    """Take a run from a zip that ``export_run`` wrote, with its tables; what the store has already is left as it is.

    Raises:
        RunError: See ``take_run``.
        DataError: The file, or a table in it, is larger than this workspace takes.
    """
    require_file(file, Path(file.name).name)
    return take_run(file, store, within_limits=True)


def take_run(file: Path | BinaryIO, store: Path, *, within_limits: bool = False) -> Run:
    """As ``import_run``; without its limits for a zip that MetaRec ships.

    Raises:
        RunError: The file is no such zip, holds anything unknown or too large, is damaged, or its run is there already.
        DataError: With limits, a table has more rows than this workspace takes.
    """
    require_space(store)
    staged = store / f".import-{secrets.token_hex(6)}.part"
    try:
        with zipfile.ZipFile(file) as archive:
            run_id = _run_id(archive, file.name)
            if (runs_root(store) / run_id).exists():
                raise RunError(
                    say(
                        "Run {run_id} is already in {store}: delete it there first, or keep it.",
                        run_id=run_id,
                        store=store,
                    )
                )
            for entry in _checked(archive, file.name):
                target = staged / entry.filename.replace("run/", f"runs/{run_id}/", 1)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as source, target.open("wb") as copy:
                    _copy(source, copy, entry.file_size, f"{entry.filename} in {file.name}")
        fingerprint = _fingerprint(staged / "runs" / run_id / "manifest.json", file.name)
        (staged / "tables").rename(staged / "taken")
        (staged / "tables").mkdir()
        (staged / "taken").rename(staged / "tables" / fingerprint)
        tables = open_tables(staged, fingerprint)
        for frame in (tables.events, tables.items, tables.facts, tables.users) if within_limits else ():
            require_rows(0 if frame is None else len(frame), Path(file.name).name)
        write_json(open_run(staged, run_id).folder.imported, {"file": Path(file.name).name})
        _move(staged / "tables" / fingerprint, _tables_folder(store, fingerprint))
        _move(staged / "runs" / run_id, runs_root(store) / run_id)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        raise RunError(
            say("{name} cannot be read: it is not a zip file, or it is damaged or encrypted.", name=file.name)
        ) from None
    except OSError as error:
        raise RunError(
            say("{name} cannot be imported: {strerror}.", name=file.name, strerror=error.strerror or error)
        ) from None
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return open_run(store, run_folder(store, run_id).run_id)


def run_in(file: Path) -> str:
    """Which run a zip holds that ``export_run`` wrote.

    Raises:
        RunError: There is no such file, or it is no such zip.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            return _run_id(archive, file.name)
    except (zipfile.BadZipFile, NotImplementedError):
        raise RunError(
            say("{name} cannot be read: it is not a zip file, or it is damaged or encrypted.", name=file.name)
        ) from None
    except OSError as error:
        raise RunError(
            say("{name} cannot be imported: {strerror}.", name=file.name, strerror=error.strerror or error)
        ) from None


def _run_id(archive: zipfile.ZipFile, name: str) -> str:
    run_id = archive.comment.decode("ascii", errors="replace")
    if not is_run_id(run_id):
        raise RunError(say("{name} is not a run that MetaRec exported: it does not say which run it is.", name=name))
    return run_id


def _checked(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    """Entries, each under a known name, once, of a size that is taken."""
    known = {*(f"run/{file}" for file in RUN_FILES), *(f"tables/{file}" for file in TABLES_FILES)}
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    for entry in entries:
        if entry.filename not in known:
            raise RunError(
                say(
                    "{name} was rejected: it contains {filename!r}, which is not a file of a run.",
                    name=name,
                    filename=entry.filename,
                )
            )
        if entry.file_size > MOST_SHRUNK * max(entry.compress_size, 1_024):
            raise RunError(
                say(
                    "{name} was rejected: {filename} would unpack to {file_size:,.0f} MiB.",
                    name=name,
                    filename=entry.filename,
                    file_size=entry.file_size / MIB,
                )
            )
    if len(set(names)) < len(names):
        raise RunError(say("{name} was rejected: it contains a file twice.", name=name))
    if sum(entry.file_size for entry in entries) > MOST_MIB * MIB:
        raise RunError(
            say("{name} was rejected: it would unpack to more than {most_mib:,} MiB.", name=name, most_mib=MOST_MIB)
        )
    if missing := [needed for needed in NEEDED if needed not in names]:
        raise RunError(
            say("{name} is not a complete run: {missing} is missing.", name=name, missing=", ".join(missing))
        )
    return entries


def _copy(source: IO[bytes], copy: IO[bytes], size: int, what: str) -> None:
    """Unpack exactly what the entry promised."""
    left = size
    while block := source.read(MIB):
        left -= len(block)
        if left < 0:
            raise RunError(say("{what} is larger than stated: the file was rejected.", what=what))
        copy.write(block)


def _fingerprint(manifest: Path, name: str) -> str:
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))["tables_fingerprint"]
    except (ValueError, KeyError, TypeError):
        raise RunError(
            say("{name} is damaged: its manifest does not say which data set the run was trained on.", name=name)
        ) from None
    if not isinstance(found, str) or not found.isalnum():
        raise RunError(say("{name} was rejected: {found!r} is not the ID of a data set.", name=name, found=found))
    return found


def _tables_folder(store: Path, fingerprint: str) -> Path:
    return store / "tables" / fingerprint


def _move(source: Path, target: Path) -> None:
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
