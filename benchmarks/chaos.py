"""What a killed training loses: ``python benchmarks/chaos.py [--kills 50] [--minutes 15]``.

One small run is trained to its end in peace. The same training is then killed (SIGKILL) again and again and resumed each time,
until it has been killed so many times, or the time is over, and is finished. Every second kill comes at a random moment, the
others in one stage after the other, so that each is met; half of all wait for a file to be written. Beside it lies a finished
run. Prints a line a kill on stderr and a Markdown table of all kills on stdout, also when it is interrupted; exits with 1 when
anything was lost.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that the script finds the project from anywhere

from benchmarks.machine import machine, packages
from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.data.tables import Tables
from metarec_core.errors import RunError
from metarec_core.jobs.status import JobState, read_history, read_status, write_started, write_starting
from metarec_core.runs.run import RunFolder, run_folder
from metarec_core.runs.store import read_arrays, read_checkpoint, read_json
from metarec_core.training.report import STAGES

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = (
    "model.embedding_dim=16",
    "train.epochs=5",
    "train.patience=5",
    "train.batch_events=64",
    "model.text_encoder=tf-idf",
    "model.graph=false",
    "model.regression=false",
    "evaluation.protocol=time",
    "evaluation.bootstrap_draws=100",
    "evaluation.baselines=popular",
)
N_USERS = 100
AIMED = ("text", *STAGES, "evaluation")
"""Stages that are met in turn."""
WITHIN_S = 1.0
"""How long after a stage began a kill comes that is aimed at it."""
TRUE_WITHIN_S = 5.0
YOUNG_S = 60.0
"""A half-written status file may be another writer's for so long, and is left."""
WORKER = """
import sys
from metarec_core.training import learner, meta, sequence
meta.FEWEST_ANSWERS = 50  # so that meta-knowledge is learned from a few
learner.REPORT_EVERY_S = sequence.CHECKPOINT_EVERY_S = 0.02  # so that files are being written most of the time
from metarec_core.jobs import worker
worker.NICENESS = 0  # as nice as the benchmark is
sys.exit(worker.main(*sys.argv[1:]))
"""


@dataclass
class Losses:
    """What went wrong, in words; empty lists are what is wanted."""

    untrue_states: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    steps_back: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    moments: dict[str, int] = field(default_factory=dict)
    kills: int = 0
    while_writing: int = 0
    compared: int = 0

    @property
    def n(self) -> int:
        return len(self.untrue_states) + len(self.damaged) + len(self.steps_back)


def main() -> int:
    """Kill, resume, compare, print."""
    parser = argparse.ArgumentParser(prog="benchmarks/chaos.py", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    lost = Losses()
    with tempfile.TemporaryDirectory() as place:
        try:
            _kill_and_compare(Path(place), options, lost)
        except KeyboardInterrupt:
            print("interrupted: the table is of what was done", file=sys.stderr, flush=True)
    _print(lost)
    return 1 if lost.n else 0


def _kill_and_compare(store: Path, options: argparse.Namespace, lost: Losses) -> None:
    chance, began = random.Random(options.seed), time.monotonic()  # noqa: S311
    fingerprint = api.store_tables(_some_users(store), store)
    config = RunConfig.preset("fast").with_settings(SETTINGS)
    peace = _ask(store, fingerprint, config)
    starting = time.monotonic()
    with _started(peace) as worker:
        worker.wait()
    calm_s = time.monotonic() - starting
    if not peace.is_finished:
        sys.exit(f"The training does not even end in peace:\n{peace.log.read_text()}")
    print(f"in peace the training takes {calm_s:.1f} s", file=sys.stderr, flush=True)
    bystander = _digest(peace)
    victim = _ask(store, fingerprint, config)
    while lost.kills < options.kills and time.monotonic() - began < 60 * options.minutes:
        _one_kill(victim, chance, calm_s, lost)
        if victim.is_finished:
            _compare(peace, victim, lost)
            victim = _ask(store, fingerprint, config)
    while not victim.is_finished:
        with _started(victim) as worker:
            failed = worker.wait() != 0
        if failed:
            lost.damaged.append("a resume failed")
            return
    _compare(peace, victim, lost)
    if _digest(peace) != bystander:
        lost.damaged.append("the finished run beside it changed")


def _some_users(store: Path) -> Tables:
    """The sample's first users: enough events for every stage, few enough for many kills in an hour."""
    shop = ROOT / "sample_data" / "shop"
    with (shop / "behaviour.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    users = set(list(dict.fromkeys(row["user_id"] for row in rows))[:N_USERS])
    few = store / "behaviour.csv"
    with few.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(row for row in rows if row["user_id"] in users)
    return api.read_tables(few, shop / "items.csv", shop / "facts.csv")


def _ask(store: Path, fingerprint: str, config: RunConfig) -> RunFolder:
    return run_folder(store, api.request_run(fingerprint, config, store=store, device="cpu"))


@contextmanager
def _started(folder: RunFolder) -> Iterator[subprocess.Popen[bytes]]:
    """A worker at work; it does not outlive the benchmark."""
    write_starting(folder)
    with folder.log.open("ab") as log:
        worker = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", WORKER, str(folder.store), folder.run_id], cwd=ROOT, stdout=log, stderr=log
        )
    try:
        write_started(folder, worker.pid)
        yield worker
    finally:
        worker.kill()
        worker.wait()


def _one_kill(folder: RunFolder, chance: random.Random, calm_s: float, lost: Losses) -> None:
    """Start or resume, kill at a moment, and look at what is left."""
    before = lost.n
    history, position = len(read_history(folder)), _position(folder)
    with _started(folder) as worker:
        stage, writing = _kill(folder, worker, chance, calm_s, lost)
    killed = time.monotonic()
    true = {JobState.DONE} if folder.is_finished else {JobState.LOST}
    while read_status(folder).state not in true and time.monotonic() - killed < TRUE_WITHIN_S:
        time.sleep(0.01)
    lost.slowest_s = max(lost.slowest_s, time.monotonic() - killed)
    if read_status(folder).state not in true:
        lost.untrue_states.append(f"{read_status(folder).state} {TRUE_WITHIN_S} s after a kill in {stage}")
    if len(read_history(folder)) < history:
        lost.damaged.append(f"lines of the history went in {stage}")
    now = _position(folder)
    if not folder.is_finished and now < position:
        lost.steps_back.append(f"from {position} to {now} in {stage}")
    what = "finished before it was killed" if worker.returncode == 0 else f"kill {lost.kills} in {stage}"
    writing_too = ", while a file was written" if writing and worker.returncode else ""
    true_s = time.monotonic() - killed
    print(
        f"{what}{writing_too}: true after {true_s:.2f} s, checkpoint {now}, {lost.n - before} losses",
        file=sys.stderr,
        flush=True,
    )


def _kill(
    folder: RunFolder, worker: subprocess.Popen[bytes], chance: random.Random, calm_s: float, lost: Losses
) -> tuple[str, bool]:
    """Kill at a moment, unless it is finished before; the stage it was in, and whether a file was to be written then."""
    writing = chance.random() < 0.5
    deadline = time.monotonic() + chance.uniform(0.0, calm_s)
    if lost.kills % 2:
        aimed = AIMED[lost.kills // 2 % len(AIMED)]
        while worker.poll() is None and not _is_at(folder, aimed):
            time.sleep(0.002)
        deadline = time.monotonic() + chance.uniform(0.0, WITHIN_S)
    while worker.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    while writing and worker.poll() is None and not any(path.name.startswith(".") for path in folder.root.iterdir()):
        pass  # a file whose name begins with a dot is being written
    stage = read_status(folder).stage or "starting"
    if worker.poll() is None:
        worker.send_signal(signal.SIGKILL)
        lost.kills += 1
        lost.while_writing += writing
        lost.moments[stage] = lost.moments.get(stage, 0) + 1
    worker.wait()
    return stage, writing


def _is_at(folder: RunFolder, stage: str) -> bool:
    """Whether a training has come to a stage, or past it."""
    try:
        return AIMED.index(read_json(folder.status).get("stage", "")) >= AIMED.index(stage)
    except (RunError, ValueError):  # it is not there yet, or was not in any stage
        return False


def _position(folder: RunFolder) -> tuple[int, int, int]:
    """How far the checkpoint is: stage, passes or what was weighed, steps.

    A checkpoint that cannot be read is an error, and ends the benchmark.
    """
    if not folder.checkpoint.is_file():
        return 0, 0, 0
    _, numbers = read_checkpoint(folder)
    stage = STAGES.index(numbers["stage"])
    if numbers["stage"] == "memories":
        return stage, len(numbers["settings"]), 0
    if numbers["stage"] == "weights":
        found = numbers["weighed"]["learned"]
        return stage, len(found) + len(found.get("worth", {})), 0
    return stage, numbers["epoch"], numbers["position"]["step"]


def _compare(peace: RunFolder, victim: RunFolder, lost: Losses) -> None:
    one, other = read_arrays(peace.weights), read_arrays(victim.weights)
    if one.keys() != other.keys() or not all(np.array_equal(one[name], other[name]) for name in one):
        lost.damaged.append(f"run {victim.run_id} has other weights than the one that was never killed")
    if peace.leaderboard.read_bytes() != victim.leaderboard.read_bytes():
        lost.damaged.append(f"run {victim.run_id} was measured differently")
    lost.compared += 1
    if left := [path.name for path in victim.root.iterdir() if path.name.startswith(".") and not _is_young(path)]:
        lost.damaged.append(f"half-written files are left: {', '.join(left)}")


def _is_young(path: Path) -> bool:
    """Whether it is a status file in the making that nobody may clear yet."""
    return path.name.startswith(".status.json.") and time.time() - path.stat().st_mtime < YOUNG_S


def _digest(folder: RunFolder) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.root.iterdir())}


def _print(lost: Losses) -> None:
    moments = ", ".join(f"{stage} {n}" for stage, n in sorted(lost.moments.items()))
    for words in (*lost.untrue_states, *lost.damaged, *lost.steps_back):
        print(words, file=sys.stderr)
    print(f"{machine()}, {packages()}\n")
    print(
        "| kills | of them while a file was written | in stage | trainings killed, resumed and finished with equal weights "
        "| states untrue after 5 s | slowest true state, s | steps back | damaged runs or files |"
    )
    print("|---|---|---|---|---|---|---|---|")
    print(
        f"| {lost.kills} | {lost.while_writing} | {moments} | {lost.compared} | {len(lost.untrue_states)} "
        f"| {lost.slowest_s:.2f} | {len(lost.steps_back)} | {len(lost.damaged)} |"
    )


if __name__ == "__main__":
    sys.exit(main())
