"""The demo: the first sample with a finished run on it, shipped as the zip of a run and put into a workspace in no time.

The trainer made it from the generator's tables, and ``python -m metarec_core demo --build`` makes it again.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from metarec_core import api
from metarec_core.audit import deed
from metarec_core.config import RunConfig
from metarec_core.errors import RunError
from metarec_core.language import say
from metarec_core.runs.archive import export_run, run_in, take_run
from metarec_core.runs.lock import is_held
from metarec_core.runs.run import Run, RunFolder, runs_root

DOMAIN: Final = "shop"
PRESET: Final = "fast"


def shipped() -> Path:
    """The zip that is shipped."""
    return api.SAMPLE_DATA / "demo.zip"


def demo_run_id() -> str | None:
    """The id of the shipped run; None where none is shipped, or its zip cannot be read."""
    try:
        return run_in(shipped())
    except RunError:
        return None


def build(file: Path) -> Iterator[str]:
    """Train on the sample, measure what its pages would measure when asked, and write all of it as one zip.

    Args:
        file: The zip; replaced as a whole.

    Yields:
        What is being done.

    Raises:
        MetaRecError: The sample is missing, or the zip cannot be written.
    """
    store = file.with_name(f".{file.name}-{secrets.token_hex(6)}.part")
    try:
        for report in api.train(api.sample_tables(DOMAIN), RunConfig.preset(PRESET), store=store, device="cpu"):
            yield f"training: {report.stage}"
        if report.run is None:
            raise RuntimeError("training ended without a run")
        recommender = api.open_recommender(report.run)
        yield "measuring paths"
        api.path_quality(report.run, recommender)
        yield "drawing the map"
        api.drawn_map(report.run, recommender)
        yield "looking at meta-knowledge"
        for _ in api.meta_knowledge(report.run, recommender):
            pass
        yield "learning from shares of the users"
        for _ in api.learning_curve(report.run):
            pass
        export_run(report.run, file)
    finally:
        shutil.rmtree(store, ignore_errors=True)


def bring(store: Path) -> Run:
    """The demo's run in a workspace, put there unless it is there.

    Raises:
        RunError: See ``reset``.
    """
    try:
        return api.open_run(store, run_in(shipped()))
    except RunError:
        return _fetch(store)


@deed("import", gives="run")
def _fetch(store: Path) -> Run:
    return reset(store)


@deed("reset", gives="run")
def reset(store: Path) -> Run:
    """Put the demo into a workspace as it is shipped, whether it was never there, was deleted or was changed.

    What goes is what was added to the demo's run: reviews and measurements. Tables that are whole stay as they are, and so does
    everything else, also runs that somebody trained on the demo's tables.

    Raises:
        RunError: No demo is shipped, its zip is damaged, somebody works on its run, or the workspace cannot be written.
    """
    folder = RunFolder(runs_root(store) / run_in(shipped()))
    if is_held(folder):
        raise RunError(
            say("The demo's run {run_id} is in use: wait for it to finish, then reset the demo.", run_id=folder.run_id)
        )
    staged = store / f".demo-{secrets.token_hex(6)}.part"
    try:
        fresh = take_run(shipped(), staged)  # checked as a whole before anything is touched
        _put_back_tables(fresh, store)
        if folder.root.exists():
            folder.root.rename(staged / "gone")
        folder.root.parent.mkdir(parents=True, exist_ok=True)
        fresh.folder.root.rename(folder.root)
        for measured in (store / "attention").glob(f"{folder.run_id}-*.json"):
            measured.unlink(missing_ok=True)
    except OSError as error:
        raise RunError(
            say("The demo cannot be written to {store}: {strerror}.", store=store, strerror=error.strerror or error)
        ) from None
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return api.open_run(store, folder.run_id)


def _put_back_tables(fresh: Run, store: Path) -> None:
    """Only where they are not whole: then file by file, so that what else lies beside them stays."""
    fingerprint = fresh.manifest.tables_fingerprint
    try:
        api.open_tables(store, fingerprint)
    except RunError:
        target = store / "tables" / fingerprint
        target.mkdir(parents=True, exist_ok=True)
        for file in sorted((fresh.folder.store / "tables" / fingerprint).iterdir()):
            file.replace(target / file.name)
