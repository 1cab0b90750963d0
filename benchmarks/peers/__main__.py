"""The best libraries of others, measured as MetaRec is: ``python -m benchmarks.peers --data FOLDER [FOLDER ...]``.

A folder holds ``behaviour.csv``, and ``items.csv`` where there is one. Each peer runs in a process of its own, on one core, in
an environment of its own (``build/peers-venv``, made when missing). Prints a Markdown table of all results that there are on
this split, earlier ones too; they stay in ``build/peers/<data>``, where ``results.peer_ranks`` finds them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.peers.results import HEADER, table
from benchmarks.peers.running import BUDGET_S, results_folder, run_peers
from benchmarks.peers.train import PEERS
from metarec_core import api
from metarec_core.data.split import Split, leave_one_out


def main() -> None:
    """Write the split files, run the peers on them, print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--data", nargs="+", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS), help="none: only print the table")
    parser.add_argument(
        "--seconds", nargs="+", type=float, default=[BUDGET_S], help="CPU seconds after which a peer tries nothing new"
    )
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    rows = []
    for data in options.data:
        split, folder = read(data), results_folder(data.name)
        run_peers(split, folder, options.peers, options.seconds, options.seed)
        rows += table(data.name, folder, split)
    print(f"{machine()}, one core a peer\n\n| {' | '.join(HEADER)} |\n{'|---' * len(HEADER)}|", *rows, sep="\n")


def read(data: Path) -> Split:
    """The split that MetaRec is measured on with ``evaluation.protocol=leave_one_out`` and ties in the order of the file."""
    items = data / "items.csv"
    tables = api.read_tables(data / "behaviour.csv", items if items.exists() else None, name=data.name)
    return leave_one_out(api.encode(tables))


if __name__ == "__main__":
    main()
