"""The best libraries of others, measured as MetaRec is: ``python -m benchmarks.peers --data FOLDER [FOLDER ...]``.

A folder holds ``behaviour.csv``, and ``items.csv`` where there is one. Each peer runs in a process of its own, on one core, in
an environment of its own (``build/peers-venv``, made when missing). Prints a Markdown table of all results that there are on
this split, earlier ones too; they stay in ``build/peers/<data>``, where ``results.peer_ranks`` finds them.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from benchmarks.machine import machine
from benchmarks.peers.environment import peers_python
from benchmarks.peers.results import HEADER, table
from benchmarks.peers.split import digest, write_split
from benchmarks.peers.train import PEERS, result
from metarec_core import api
from metarec_core.data.split import Split, leave_one_out

ROOT: Final = Path(__file__).resolve().parents[2]
BUILD: Final = ROOT / "build"
ONE_CORE: Final = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")} | {
    "CUDA_VISIBLE_DEVICES": ""
}


def main() -> None:
    """Write the split files, run the peers on them, print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--data", nargs="+", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS), help="none: only print the table")
    parser.add_argument(
        "--seconds", nargs="+", type=float, default=[120], help="CPU seconds after which a peer tries nothing new"
    )
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    rows = []
    for data in options.data:
        split, folder = read(data), BUILD / "peers" / data.name
        write_split(split, folder / "split")
        for peer, seconds in itertools.product(options.peers, options.seconds):
            run(peer, folder, digest(split), options.seed, seconds)
        rows += table(data.name, folder, split)
    print(f"{machine()}, one core a peer\n\n| {' | '.join(HEADER)} |\n{'|---' * len(HEADER)}|", *rows, sep="\n")


def read(data: Path) -> Split:
    """The split that MetaRec is measured on with ``evaluation.protocol=leave_one_out`` and ties in the order of the file."""
    items = data / "items.csv"
    tables = api.read_tables(data / "behaviour.csv", items if items.exists() else None, name=data.name)
    return leave_one_out(api.encode(tables))


def run(peer: str, folder: Path, split: str, seed: int, seconds: float) -> None:
    """Run one peer on the files in ``folder/split``; its results, or why there are none, go to ``folder``, and its log too."""
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
        reason = f"ended by signal {-ended.returncode}" if ended.returncode < 0 else last_line(log)
        about = {"peer": peer, "split": split, "budget_cpu_s": seconds, "failed": reason}
        facts.write_text(json.dumps(about), encoding="utf-8")
        print(f"{peer} failed: {reason} ({log})", file=sys.stderr, flush=True)


def last_line(log: Path) -> str:
    """What a program said last: with an error, which one."""
    return (log.read_text(encoding="utf-8").strip() or "without a word").splitlines()[-1]


if __name__ == "__main__":
    main()
