"""Peers started one after the other, each a process of its own on one core; what they leave stays in ``build/peers/<data>``."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.peers.environment import peers_python
from benchmarks.peers.split import digest, write_split
from benchmarks.peers.train import result
from metarec_core.data.split import Split

ROOT: Final = Path(__file__).resolve().parents[2]
BUILD: Final = ROOT / "build"
BUDGET_S: Final = 120.0
"""CPU seconds after which a peer tries nothing new, unless others are asked for."""
ONE_CORE: Final = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")} | {
    "CUDA_VISIBLE_DEVICES": ""
}


def results_folder(name: str) -> Path:
    """Where what peers have reached on a data set lies."""
    return BUILD / "peers" / name


def run_peers(split: Split, folder: Path, peers: Sequence[str], budgets: Sequence[float], seed: int) -> None:
    """Write the split files, and run peers on them with each budget of CPU seconds.

    Args:
        split: Of ``leave_one_out``; in the order of the file, since peers know no ties.
        folder: Of the data set; split files go to ``folder/split``.
        peers: Names of ``train.PEERS``.
        budgets: CPU seconds after which a peer tries nothing new.
        seed: Of everything random.
    """
    write_split(split, folder / "split")
    for peer, seconds in itertools.product(peers, budgets):
        _run(peer, folder, digest(split), seed, seconds)


def _run(peer: str, folder: Path, split: str, seed: int, seconds: float) -> None:
    """Run one peer; its results, or why there are none, go to ``folder``, and its log too."""
    out = result(folder, peer, seconds)
    facts, log = out.with_suffix(".json"), out.with_suffix(".log")
    facts.unlink(missing_ok=True)
    command = [peers_python(BUILD / "peers-venv"), "-m", "benchmarks.peers.train", peer, folder / "split", folder]
    with log.open("w", encoding="utf-8") as file:
        ended = subprocess.run(  # noqa: S603
            [*map(str, command), "--seed", str(seed), "--seconds", str(seconds)],
            cwd=ROOT,
            env=os.environ | ONE_CORE,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    if ended.returncode:
        reason = f"ended by signal {-ended.returncode}" if ended.returncode < 0 else _last_line(log)
        about = {"peer": peer, "split": split, "budget_cpu_s": seconds, "failed": reason}
        facts.write_text(json.dumps(about), encoding="utf-8")
        print(f"{peer} failed: {reason} ({log})", file=sys.stderr, flush=True)


def _last_line(log: Path) -> str:
    """What a program said last: with an error, which one."""
    return (log.read_text(encoding="utf-8").strip() or "without a word").splitlines()[-1]
