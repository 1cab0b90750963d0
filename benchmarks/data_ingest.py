"""How long a large file takes to become stored tables: ``python benchmarks/data_ingest.py [--rows 5000000 ...]``.

A generated log (user, item, time, rating, device; long-tailed items, times out of order) goes from its path to stored tables,
and is measured beside the least that anyone must do with it: reading it with ``pyarrow.csv`` and sorting it by user and time.
Each is a process of its own, so that its peak memory is its own. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that the script finds the project from anywhere

from metarec_core.runs.memory import peak_memory_mb

BLOCK_ROWS = 1_000_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[5_000_000], metavar="N")
    parser.add_argument("--folder", type=Path, help="where to put files (default: a temporary folder)")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.step:
        start = time.monotonic()
        STEPS[options.step](options.file)
        print(f"{time.monotonic() - start:.3f} {peak_memory_mb() / 2**10:.3f}")
        return
    from machine import machine

    versions = ", ".join(f"{name} {version(name)}" for name in ("pyarrow", "pandas", "numpy"))
    print(f"{machine()}; Python {platform.python_version()}, {versions}\n")
    print("| rows | file MB | pyarrow.csv and sort, s | peak GiB | path to stored tables, s | peak GiB | ratio |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for rows in options.rows:
            file = Path(folder) / f"{rows}.csv"
            generate(file, rows)
            megabytes = file.stat().st_size / 1e6
            (least_s, least_peak), (ours_s, ours_peak) = (_measured(step, file) for step in STEPS)
            print(
                f"| {rows:,} | {megabytes:.0f} | {least_s:.1f} | {least_peak:.2f} | {ours_s:.1f} | {ours_peak:.2f} "
                f"| {ours_s / least_s:.2f} |",
                flush=True,
            )
            file.unlink()


def generate(file: Path, rows: int) -> None:
    """A log of ``rows`` events: a user for every 25 of them, 50,000 items, two years."""
    random = np.random.default_rng(0)
    devices = pa.array(["phone", "desk", "tablet"])
    with file.open("wb") as out:
        for first in range(0, rows, BLOCK_ROWS):
            n = min(BLOCK_ROWS, rows - first)
            users = pa.array(random.integers(0, max(rows // 25, 1), n)).cast(pa.string())
            items = pa.array((random.pareto(1.0, n) * 300).astype(np.int64) % 50_000).cast(pa.string())
            block = pa.table(
                {
                    "user_id": pc.binary_join_element_wise("u", users, ""),
                    "item_id": pc.binary_join_element_wise("i", items, ""),
                    "time": 1_600_000_000 + random.integers(0, 63_000_000, n),
                    "rating": random.integers(1, 6, n),
                    "device": devices.take(pa.array(random.integers(0, 3, n))),
                }
            )
            csv.write_csv(block, out, csv.WriteOptions(include_header=first == 0, quoting_style="none"))


def read_and_sort(file: Path) -> None:
    """What anyone must do: cells into columns, users into numbers, rows in order of user and time."""
    table = csv.read_csv(file)
    users = np.concatenate([chunk.indices for chunk in table.column("user_id").dictionary_encode().chunks])
    order = np.lexsort((table.column("time").to_numpy(), users))
    table.take(pa.array(order))


def ingest(file: Path) -> None:
    """What we do: every cell as text, cleaned by every rule that is on by default, checked, hashed and stored as Parquet."""
    from metarec_core import api

    with tempfile.TemporaryDirectory(dir=file.parent) as store:
        api.store_tables(api.read_tables(file), store)


STEPS: dict[str, Callable[[Path], None]] = {"read_and_sort": read_and_sort, "ingest": ingest}


def _measured(step: str, file: Path) -> tuple[float, float]:
    """Seconds without the interpreter's start, and peak resident GiB, of a step in a process of its own."""
    command = [sys.executable, __file__, "--step", step, "--file", str(file)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    seconds, peak = map(float, run.stdout.split()[-2:])
    return seconds, peak


if __name__ == "__main__":
    main()
