"""The files that stored tables were made from, kept beside them so that other rules can be tried without bringing them again.

::

    tables/<fingerprint>/originals/
        recipe.json          what the files are, how they were read, by which rules they were cleaned; written last
        0 1 2 …              the files, byte for byte

What is left out of tables must not come back by a side door: where ids became pseudonyms or a column was left out, files are
not kept.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from metarec_core.config import CleaningConfig
from metarec_core.data.clean import read_tables
from metarec_core.data.columns import TableName
from metarec_core.data.decode import Source, source_name
from metarec_core.data.importers import read_layout
from metarec_core.data.privacy import LEFT_OUT_RULE
from metarec_core.data.pseudonyms import PSEUDONYM_RULE
from metarec_core.data.read import Reading
from metarec_core.data.store import tables_folder
from metarec_core.data.tables import CleaningReport, Tables
from metarec_core.data.vectors import VectorSource
from metarec_core.errors import ConfigError, RunError
from metarec_core.language import say

ORIGINALS: Final = "originals"
_RECIPE: Final = "recipe.json"
_ROLES: Final[tuple[TableName, ...]] = ("events", "items", "facts", "users")
_COPY_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class Brought:
    """Files to import, and how to read them.

    Attributes:
        files: By table; without "events" where ``layout`` says it all.
        vectors: Item vectors by mode.
        layout: The folder, zip file or files of a public data set, in the place of those.
        importer: Its layout, where it is not to be found from the files.
        name: What to call the tables.
        mapping: What columns are used as, as in ``read_tables``.
        reading: How files are read, by table.
    """

    files: Mapping[TableName, Source] = field(default_factory=dict)
    vectors: Mapping[str, VectorSource] = field(default_factory=dict)
    layout: tuple[Source, ...] = ()
    importer: str | None = None
    name: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    reading: Mapping[TableName, Reading] = field(default_factory=dict)


def read_brought(brought: Brought, cleaning: CleaningConfig) -> Tables:
    """Read and clean what someone brought.

    Raises:
        DataError: The files cannot be used.
    """
    if brought.layout:
        return read_layout(list(brought.layout), brought.importer, name=brought.name, cleaning=cleaning)
    files = brought.files
    return read_tables(
        files["events"],
        files.get("items"),
        files.get("facts"),
        users=files.get("users"),
        vectors=brought.vectors,
        name=brought.name,
        mapping=brought.mapping,
        reading=brought.reading,
        cleaning=cleaning,
    )


def why_not_kept(report: CleaningReport) -> str | None:
    """Why files must not be kept beside their tables, in a sentence; None where they may."""
    done = {step.rule for step in report.steps}
    if PSEUDONYM_RULE in done:
        return say("The files were not kept, because they contain the IDs that were replaced by pseudonyms.")
    if LEFT_OUT_RULE in done:
        return say("The files were not kept, because they contain columns that were left out.")
    return None


def keep_originals(store: Path, tables: Tables, brought: Brought, cleaning: CleaningConfig) -> bool:
    """Keep the files of stored tables, where their privacy allows; those that are kept already stay as they are.

    Returns:
        Whether they are kept.

    Raises:
        RunError: There is no space, or no permission to write.
    """
    folder = tables_folder(store, tables.fingerprint) / ORIGINALS
    if folder.exists():
        return True
    if why_not_kept(tables.report) is not None or any(_is_folder(source) for source in _sources(brought)):
        return False
    part = folder.with_name(f".{ORIGINALS}-{uuid.uuid4().hex}.part")
    try:
        part.mkdir()
        names = [_copy(source, part / str(place)) for place, source in enumerate(_sources(brought))]
        recipe = {
            "files": names,
            "tables": [table for table in _ROLES if table in brought.files],
            "vectors": {mode: 2 if isinstance(source, tuple) else 1 for mode, source in brought.vectors.items()},
            "layout": len(brought.layout),
            "importer": brought.importer,
            "name": tables.name,
            "mapping": dict(brought.mapping),
            "reading": {table: asdict(reading) for table, reading in brought.reading.items()},
            "cleaning": cleaning.model_dump(mode="json"),
        }
        (part / _RECIPE).write_text(json.dumps(recipe, ensure_ascii=False, indent=1), encoding="utf-8")
        os.rename(part, folder)
    except OSError as error:
        if not folder.is_dir():  # another process was first
            raise RunError(
                say(
                    "The files cannot be kept in {folder} ({strerror}): check space and permissions.",
                    folder=folder,
                    strerror=error.strerror,
                )
            ) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return True


def open_originals(store: Path, fingerprint: str) -> tuple[Brought, CleaningConfig] | None:
    """The files of stored tables and the rules that they were cleaned by; None where the files were not kept.

    Raises:
        RunError: What was kept is damaged.
    """
    folder = tables_folder(store, fingerprint) / ORIGINALS
    if not folder.is_dir():
        return None
    try:
        recipe = json.loads((folder / _RECIPE).read_text("utf-8"))
        files = iter([_named(folder / str(place), name) for place, name in enumerate(recipe["files"])])
        brought = Brought(
            files={table: next(files) for table in recipe["tables"]},
            vectors={mode: _vector_source(files, parts) for mode, parts in recipe["vectors"].items()},
            layout=tuple([next(files) for _ in range(recipe["layout"])]),
            importer=recipe["importer"],
            name=recipe["name"],
            mapping=recipe["mapping"],
            reading={table: _reading(values) for table, values in recipe["reading"].items()},
        )
        return brought, CleaningConfig.from_dict(recipe["cleaning"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration, ValidationError, ConfigError):
        raise RunError(say("The files kept in {folder} are damaged: import them again.", folder=folder)) from None


def _sources(brought: Brought) -> list[Source]:
    """All files, in the order in which they are numbered."""
    parts = [
        part for source in brought.vectors.values() for part in (source if isinstance(source, tuple) else (source,))
    ]
    return [*(brought.files[table] for table in _ROLES if table in brought.files), *parts, *brought.layout]


def _is_folder(source: Source) -> bool:
    return isinstance(source, str | Path) and Path(source).is_dir()


def _copy(source: Source, target: Path) -> str:
    """Copy a file in pieces; a kept file of the same disk is linked, not copied.

    Returns:
        Its name.
    """
    if isinstance(source, _Kept):
        try:
            os.link(source.path, target)
        except OSError:  # a file system without links
            shutil.copyfile(source.path, target)
    elif isinstance(source, str | Path):
        shutil.copyfile(source, target)
    else:
        source.seek(0)
        with target.open("wb") as file:
            shutil.copyfileobj(source, file, _COPY_BYTES)
    return source_name(source)


class _Kept:
    """A kept file under the name it was brought with, open only while it is read; always read from its start."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name

    def seekable(self) -> bool:
        return False

    def read(self, most: int = -1) -> bytes:
        with self.path.open("rb") as file:
            return file.read(most)


def _named(path: Path, name: str) -> Any:
    if not path.is_file():
        raise FileNotFoundError(path)
    return _Kept(path, name)


def _vector_source(files: Iterator[Source], parts: int) -> VectorSource:
    return (next(files), next(files)) if parts == 2 else next(files)


def _reading(values: Mapping[str, Any]) -> Reading:
    return Reading(**{**values, "header": tuple(values["header"])})
