"""A run trained as its users train one, by the command line: a process of its own, so that what it costs is its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from metarec_core import api
from metarec_core.data.split import SPLITS, Split
from metarec_core.evaluation.answers import Answers
from metarec_core.runs.store import read_arrays

ROOT: Final = Path(__file__).resolve().parents[1]
FILES: Final = ("behaviour", "items", "facts")


@dataclass(frozen=True)
class Trained:
    """A finished run and its price.

    Attributes:
        run: Its manifest has the highest resident memory of its process.
        answers: To its test questions.
        wall_s: From the start of its process, with files not yet read, to its end.
        cpu_s: Processor seconds of the same.
    """

    run: api.Run
    answers: Answers
    wall_s: float
    cpu_s: float


def train(folder: Path, store: Path, preset: str, seed: int, settings: Sequence[str]) -> Trained:
    """Train on the files in a folder.

    Args:
        folder: With ``behaviour.csv``, and ``items.csv`` and ``facts.csv`` where there are any.
        store: Where the run stays. A new one: texts are kept in it, and would cost nothing the second time.
        preset: Settings to begin with.
        seed: Of everything random.
        settings: What to change, as for ``--set``.

    Raises:
        SystemExit: Training failed; with what it said last.
    """
    words: list[object] = ["--store", store, "--preset", preset, "--seed", seed]
    for name in FILES:
        if (folder / f"{name}.csv").exists():
            words += [f"--{name}", folder / f"{name}.csv"]
    for setting in settings:
        words += ["--set", setting]
    command = [sys.executable, "-m", "metarec_core", "train", *map(str, words)]
    started, used = time.monotonic(), _children_s()
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)  # noqa: S603
    wall_s, cpu_s = time.monotonic() - started, _children_s() - used
    if ended.returncode:
        said = ended.stderr.strip() or "training ended without a word"
        raise SystemExit(f"{folder.name}, seed {seed}: {said.splitlines()[-1]}")
    run = api.open_run(store, ended.stdout.split()[-1])
    return Trained(run, Answers.from_arrays(read_arrays(run.folder.answers)), wall_s, cpu_s)


def split_of(run: api.Run) -> Split:
    """What a run was measured on."""
    asked = run.config.evaluation
    return SPLITS[asked.protocol](api.open_recommender(run).dataset, asked.targets)


def _children_s() -> float:
    """Processor seconds of all processes that this one has started and seen end."""
    times = os.times()
    return times.children_user + times.children_system
