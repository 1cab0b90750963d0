"""A run and its folder: the only place that knows the file names in it."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from metarec_core.config import RunConfig
from metarec_core.errors import RunError
from metarec_core.language import say
from metarec_core.runs.manifest import Manifest

_RUN_ID: Final = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")


def new_run_id() -> str:
    """A fresh id: the UTC time to the second and six random hex digits."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def is_run_id(text: str) -> bool:
    """Whether a text looks like a run id."""
    return _RUN_ID.fullmatch(text) is not None


@dataclass(frozen=True)
class RunFolder:
    """Paths of one run, whatever state it is in.

    Attributes:
        root: ``<store>/runs/<run id>``.
    """

    root: Path

    @property
    def run_id(self) -> str:
        return self.root.name

    @property
    def store(self) -> Path:
        return self.root.parents[1]

    @property
    def request(self) -> Path:
        """What was asked for: tables and device. Written first."""
        return self.root / "request.json"

    @property
    def estimate(self) -> Path:
        """What the training was expected to take."""
        return self.root / "estimate.json"

    @property
    def imported(self) -> Path:
        """From which file a run came that was trained elsewhere; nothing in one that was trained here."""
        return self.root / "imported.json"

    @property
    def config(self) -> Path:
        return self.root / "config.json"

    @property
    def users(self) -> Path:
        return self.root / "users.json"

    @property
    def items(self) -> Path:
        return self.root / "items.json"

    @property
    def trials(self) -> Path:
        """What a search tried; a run has none."""
        return self.root / "trials.sqlite"

    @property
    def weights(self) -> Path:
        return self.root / "weights.safetensors"

    @property
    def leaderboard(self) -> Path:
        return self.root / "leaderboard.json"

    @property
    def ablation(self) -> Path:
        """Only where the config asked for it."""
        return self.root / "ablation.json"

    @property
    def answers(self) -> Path:
        """The rank of each test answer under each model; not in runs of earlier versions."""
        return self.root / "answers.safetensors"

    @property
    def slices(self) -> Path:
        """How kinds of users and items are served; not in runs of earlier versions."""
        return self.root / "slices.json"

    @property
    def learning_curve(self) -> Path:
        """Quality against share of the data; comes when somebody asks for it, after the run is finished."""
        return self.root / "learning_curve.json"

    @property
    def learning_lock(self) -> Path:
        """Held by whoever learns the curve."""
        return self.root / "learning_curve.lock"

    @property
    def learning_log(self) -> Path:
        """What that said."""
        return self.root / "learning_curve.log"

    @property
    def path_quality(self) -> Path:
        """What the run's paths are like; comes when somebody asks for it."""
        return self.root / "path_quality.json"

    @property
    def map(self) -> Path:
        """Where things lie on the embedding map; comes when somebody looks at it."""
        return self.root / "map.safetensors"

    @property
    def meta_knowledge(self) -> Path:
        """When which part is trusted, and what that is worth; comes when somebody asks for it."""
        return self.root / "meta_knowledge.json"

    def transfer(self, source_id: str) -> Path:
        """What another run's meta-knowledge is worth here; comes when somebody asks for it."""
        return self.root / f"transfer-{source_id}.json"

    @property
    def history(self) -> Path:
        """One line a finished epoch or stage; only grows."""
        return self.root / "history.jsonl"

    @property
    def checkpoint(self) -> Path:
        """Arrays and numbers in one file, so that it is replaced as a whole."""
        return self.root / "checkpoint.safetensors"

    @property
    def status(self) -> Path:
        return self.root / "status.json"

    @property
    def log(self) -> Path:
        return self.root / "log.txt"

    @property
    def cancel(self) -> Path:
        return self.root / "cancel"

    @property
    def worker(self) -> Path:
        """Number of the process that was started for it."""
        return self.root / "worker.json"

    @property
    def alive_lock(self) -> Path:
        return self.root / "alive.lock"

    @property
    def manifest(self) -> Path:
        """Written last: the run is finished once it is there."""
        return self.root / "manifest.json"

    @property
    def review(self) -> Path:
        """What reviewers said; the only file that comes and changes after the run is finished."""
        return self.root / "review.sqlite"

    @property
    def is_finished(self) -> bool:
        return self.manifest.is_file()


def searches_root(store: Path) -> Path:
    """Where a store keeps its searches for better settings; their folders are like those of runs."""
    return store / "searches"


def search_folders(store: Path) -> tuple[RunFolder, ...]:
    """Every search of a store, newest first; their folders are like those of runs."""
    root = searches_root(store)
    return tuple(RunFolder(path) for path in sorted(root.iterdir(), reverse=True)) if root.is_dir() else ()


def runs_root(store: Path) -> Path:
    """Where a store keeps its runs."""
    return store / "runs"


def run_folder(store: Path, run_id: str) -> RunFolder:
    """The folder of a run id, which may come from a URL or a command line and is checked before it touches a path.

    Raises:
        RunError: The id is malformed or the store has no such run.
    """
    if not _RUN_ID.fullmatch(run_id):
        raise RunError(say("{run_id!r} is not a run ID, which looks like 20260131-142500-1a2b3c.", run_id=run_id))
    folder = runs_root(store) / run_id
    if not folder.is_dir():
        raise RunError(
            say(
                "There is no run {run_id} in {store}: it was deleted or trained elsewhere; list the existing runs.",
                run_id=run_id,
                store=store,
            )
        )
    return RunFolder(folder)


def run_folders(store: Path) -> tuple[RunFolder, ...]:
    """Every run folder of a store, finished or not, newest first."""
    root = runs_root(store)
    if not root.is_dir():
        return ()
    found = [RunFolder(folder) for folder in root.iterdir() if folder.is_dir() and _RUN_ID.fullmatch(folder.name)]
    return tuple(sorted(found, key=lambda folder: folder.run_id, reverse=True))


@dataclass(frozen=True)
class Run:
    """A finished run. Nothing in its folder changes any more, but what reviewers say of it.

    Attributes:
        folder: Where it is.
        config: With what settings it was made.
        manifest: How it was made, and of what.
    """

    folder: RunFolder
    config: RunConfig
    manifest: Manifest

    @property
    def run_id(self) -> str:
        return self.folder.run_id
