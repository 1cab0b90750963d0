"""Deleting data for good: the tables, and every run that was made from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from metarec_core.audit import deed
from metarec_core.data.store import delete_tables
from metarec_core.errors import RunError
from metarec_core.language import say
from metarec_core.runs.lock import is_held
from metarec_core.runs.run import RunFolder, run_folders
from metarec_core.runs.store import delete_run, read_request


@dataclass(frozen=True)
class MadeFrom:
    """Runs, finished or not, that were made from some tables.

    Attributes:
        run_ids: All of them.
        in_progress: Those that are being trained or wait for their turn.
    """

    run_ids: tuple[str, ...]
    in_progress: tuple[str, ...]


def made_from(store: Path, fingerprint: str) -> MadeFrom:
    """The runs that go when these tables go."""
    folders = [folder for folder in run_folders(store) if _is_made_from(folder, fingerprint)]
    return MadeFrom(
        tuple(folder.run_id for folder in folders), tuple(folder.run_id for folder in folders if is_held(folder))
    )


@deed("delete", gives="runs", tables="fingerprint")
def delete_with_runs(store: Path, fingerprint: str) -> MadeFrom:
    """Delete tables and every run that was made from them; the runs first, so that none is left without its tables.

    Returns:
        What went.

    Raises:
        RunError: There are no such tables, or a run of them is in progress.
    """
    found = made_from(store, fingerprint)
    if found.in_progress:
        raise RunError(
            say(
                "Data set {fingerprint} is in use: run {in_progress} is in progress. Cancel it, or wait "
                "for it to finish.",
                fingerprint=fingerprint,
                in_progress=found.in_progress[0],
            )
        )
    if not (store / "tables" / fingerprint).is_dir():
        delete_tables(store, fingerprint)  # which says what is wrong, before a run is touched
    for run_id in found.run_ids:
        delete_run(store, run_id)
    delete_tables(store, fingerprint)
    return found


def _is_made_from(folder: RunFolder, fingerprint: str) -> bool:
    try:
        return read_request(folder).tables_fingerprint == fingerprint
    except RunError:
        return False
