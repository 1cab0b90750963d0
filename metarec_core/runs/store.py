"""Write and read run folders. Only JSON and safetensors; nothing that could run code; nothing is overwritten once finished."""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

from metarec_core import __version__
from metarec_core.audit import deed
from metarec_core.config import RunConfig
from metarec_core.errors import ConfigError, RunError
from metarec_core.language import say
from metarec_core.runs.manifest import FORMAT, Manifest
from metarec_core.runs.run import Run, RunFolder, new_run_id, run_folder, run_folders, runs_root


@dataclass(frozen=True)
class Request:
    """What a run was asked to be made of, and where.

    Attributes:
        tables_fingerprint: Which stored tables.
        tables_name: Their name for people.
        device: "auto", "cpu", "cuda" or "mps".
    """

    tables_fingerprint: str
    tables_name: str
    device: str


@dataclass(frozen=True)
class RunSummary:
    """One finished run in a list.

    Attributes:
        leaderboard: What ``leaderboard.json`` holds.
    """

    run_id: str
    created: str
    tables_fingerprint: str
    tables_name: str
    preset: str | None
    seed: int
    leaderboard: Mapping[str, Any]


OLD_S: Final = 60.0
"""Age from which a half-written status file has nobody any more who writes it."""


def write_json(path: Path, value: object) -> None:
    """Replace a JSON file as a whole, so that a reader never sees half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(3)}")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_json(path: Path) -> Any:
    """A JSON file's value.

    Raises:
        RunError: The file is missing or damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise RunError(
            say(
                "Run {name} cannot be read: its {name_2} is missing or damaged. Train it again or restore it.",
                name=path.parent.name,
                name_2=path.name,
            )
        ) from None


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str] | None = None) -> None:
    """Replace a safetensors file as a whole, on the disk and not only in the system's memory.

    Raises:
        OSError: It cannot be written, for one because the disk is full.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(3)}")
    try:
        save_file(
            {name: np.ascontiguousarray(array) for name, array in arrays.items()}, temporary, dict(metadata or {})
        )
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except SafetensorError as error:  # it words the system's errors as "… (os error 28)"
        number = re.search(r"\(os error (\d+)\)", str(error))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1])), str(path)) from error
    finally:
        temporary.unlink(missing_ok=True)
        for left in path.parent.glob(".tmp*"):  # what safetensors began beside it
            left.unlink(missing_ok=True)


def clear_half_written(folder: RunFolder) -> None:
    """Delete what a killed worker left half-written; only for the one that holds the run."""
    for name in (".tmp*", f".{folder.checkpoint.name}.*", f".{folder.weights.name}.*"):
        for left in folder.root.glob(name):
            left.unlink(missing_ok=True)
    for left in folder.root.glob(f".{folder.status.name}.*"):  # which others may be writing now
        if time.time() - left.stat().st_mtime > OLD_S:
            left.unlink(missing_ok=True)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file.

    Raises:
        RunError: The file is missing or damaged.
    """
    try:
        return dict(load_file(path))
    except (OSError, SafetensorError):
        raise RunError(
            say(
                "Run {name} cannot be read: its {name_2} is missing or damaged. Train it again or restore it.",
                name=path.parent.name,
                name_2=path.name,
            )
        ) from None


def write_checkpoint(folder: RunFolder, arrays: Mapping[str, np.ndarray], numbers: Mapping[str, Any]) -> None:
    """Replace the run's checkpoint: arrays, and JSON values in the file's metadata, so that both change as one."""
    write_arrays(folder.checkpoint, arrays, {"numbers": json.dumps(numbers)})


def read_checkpoint(folder: RunFolder) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays and values of the run's checkpoint.

    Raises:
        RunError: The file is missing or damaged.
    """
    arrays = read_arrays(folder.checkpoint)
    with safe_open(folder.checkpoint, framework="numpy") as file:
        metadata = file.metadata() or {}
    return arrays, json.loads(metadata.get("numbers", "{}"))


def create_run(store: Path, config: RunConfig, request: Request) -> RunFolder:
    """Make the folder of a new run, with what was asked for in it."""
    folder = RunFolder(runs_root(store) / new_run_id())
    folder.root.mkdir(parents=True)
    write_json(folder.config, config.to_dict())
    write_json(folder.request, vars(request))
    return folder


def read_request(folder: RunFolder) -> Request:
    """What the run was asked to be.

    Raises:
        RunError: The file is missing or damaged.
    """
    try:
        return Request(**read_json(folder.request))
    except TypeError:
        raise RunError(
            say("Run {run_id} cannot be read: its {name} is damaged.", run_id=folder.run_id, name=folder.request.name)
        ) from None


def read_config(folder: RunFolder) -> RunConfig:
    """The run's config.

    Raises:
        RunError: The file is missing, damaged, or holds settings this version does not know.
    """
    try:
        return RunConfig.from_dict(_with_old_defaults(read_json(folder.config)))
    except ConfigError as error:
        raise RunError(
            say(
                "Run {run_id} was trained with settings that version {version} rejects. {error}",
                run_id=folder.run_id,
                version=__version__,
                error=error,
            )
        ) from None


def _with_old_defaults(stored: Any) -> Any:
    """A stored config with what was meant where an earlier version had nothing to say: it knew one protocol."""
    if isinstance(stored, dict) and isinstance(stored.get("evaluation"), dict):
        return stored | {"evaluation": {"protocol": "leave_one_out"} | stored["evaluation"]}
    return stored


def finish_run(
    folder: RunFolder,
    *,
    user_ids: Sequence[str],
    item_ids: Sequence[str],
    state: Mapping[str, np.ndarray],
    leaderboard: Mapping[str, Any],
    manifest: Manifest,
    ablation: Mapping[str, Any] | None = None,
) -> Run:
    """Write a trained model into its folder; the manifest last, which makes the run exist.

    Raises:
        RunError: The run is already finished.
    """
    if folder.is_finished:
        raise RunError(say("Run {run_id} is already finished and was not overwritten.", run_id=folder.run_id))
    write_json(folder.users, list(user_ids))
    write_json(folder.items, list(item_ids))
    write_arrays(folder.weights, state)
    write_json(folder.leaderboard, leaderboard)
    if ablation is not None:
        write_json(folder.ablation, ablation)
    write_json(folder.manifest, manifest.model_dump())
    folder.checkpoint.unlink(missing_ok=True)
    return open_run(folder.store, folder.run_id)


def open_run(store: Path, run_id: str) -> Run:
    """A finished run.

    Raises:
        RunError: There is none of that id, it is not finished, damaged, or of a format this version does not know.
    """
    folder = run_folder(store, run_id)
    if not folder.is_finished:
        raise RunError(
            say(
                "Run {run_id} is not finished: its folder has no {name}. Wait for its training to "
                "finish, or resume it.",
                run_id=run_id,
                name=folder.manifest.name,
            )
        )
    raw = read_json(folder.manifest)
    found = raw.get("format") if isinstance(raw, dict) else None
    if found != FORMAT:
        written_by = raw.get("metarec_version", "unknown") if isinstance(raw, dict) else "unknown"
        raise RunError(
            say(
                "Run {run_id} has format {found!r}, written by MetaRec {written_by}; version {version} reads "
                "format {format}. Open it with the version that wrote it, or train again.",
                run_id=run_id,
                found=found,
                written_by=written_by,
                version=__version__,
                format=FORMAT,
            )
        )
    try:
        manifest = Manifest.model_validate(raw)
    except ValidationError:
        raise RunError(
            say(
                "Run {run_id} cannot be read: its {name} is damaged. Train it again.",
                run_id=run_id,
                name=folder.manifest.name,
            )
        ) from None
    return Run(folder, read_config(folder), manifest)


def list_runs(store: Path) -> tuple[RunSummary, ...]:
    """Every readable finished run, newest first; unfinished and damaged folders are left out."""
    summaries = []
    for folder in run_folders(store):
        try:
            run = open_run(store, folder.run_id)
            leaderboard = read_json(folder.leaderboard)
        except RunError:
            continue
        manifest = run.manifest
        summaries.append(
            RunSummary(
                run_id=run.run_id,
                created=manifest.created,
                tables_fingerprint=manifest.tables_fingerprint,
                tables_name=manifest.tables_name,
                preset=run.config.preset_name,
                seed=run.config.seed,
                leaderboard=leaderboard,
            )
        )
    return tuple(summaries)


@deed("delete", run="run_id")
def delete_run(store: Path, run_id: str) -> None:
    """Delete one run's folder.

    Raises:
        RunError: There is no such run.
    """
    import shutil

    shutil.rmtree(run_folder(store, run_id).root)
