"""How much memory lists of all users take: made-up logs of more and more users, whose lists are written as one file.

python benchmarks/batch_export.py [--users 10000 100000]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.machine import machine

N_ITEMS, N_EVENTS, K = 2_000, 10, 10
"""Items of the catalogue, events of a user, items of a list."""


def main() -> None:
    """Print a row a number of users, each measured in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--users", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(*measured(options.one))
        return
    print(f"{machine()}; {N_ITEMS:,} items, {N_EVENTS} events a user, lists of {K}, item_knn")
    print(
        "| users | file, MB | seconds | resident before, MiB | peak while it is written, MiB |\n|---|---|---|---|---|"
    )
    for n_users in options.users:
        command = [sys.executable, __file__, "--one", str(n_users)]
        found = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()  # noqa: S603
        size, seconds, before, peak = map(float, found[-4:])
        print(
            f"| {n_users:,} | {size:.1f} | {seconds:.0f} | {before:.0f} | {peak:.0f} |",
            flush=True,
        )


def measured(n_users: int) -> tuple[float, float, float, float]:
    """MB of the file, seconds, MiB resident before, and the peak of MiB while lists are written."""
    from metarec_core.data.encode import encode
    from metarec_core.data.tables import CleaningReport, make_tables
    from metarec_core.figures.export import write_lists
    from metarec_core.recommend.recommender import Recommender
    from metarec_core.training.baselines import fit_baselines

    random = np.random.default_rng(0)
    n = n_users * N_EVENTS
    events = pd.DataFrame(
        {
            "user_id": np.repeat([f"u{user:06}" for user in range(n_users)], N_EVENTS),
            "item_id": [f"i{item:04}" for item in (random.pareto(1.0, n) * 60).astype(int) % N_ITEMS],
            "time": np.arange(n),
            "row": np.arange(2, n + 2),
        }
    )
    items = pd.DataFrame({"item_id": [f"i{item:04}" for item in range(N_ITEMS)], "row": range(2, N_ITEMS + 2)})
    items.insert(1, "title", items["item_id"])
    tables = make_tables("made up", events, items, None, CleaningReport({}, {}, (), {}))
    dataset = encode(tables)
    (fitted,) = fit_baselines(["item_knn"], dataset.events, dataset, seed=0)
    recommender = Recommender(dataset, fitted, tables.items, max_history=50)
    del events, tables

    before = _status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    start = time.monotonic()
    with tempfile.TemporaryFile() as file:
        write_lists(_frames(recommender), file, "csv")
        size = file.tell()
    return size / 1e6, time.monotonic() - start, before, _status("VmHWM")


def _frames(recommender: object) -> Iterator[pd.DataFrame]:
    return (block.frame for block in recommender.recommend_all(K))  # type: ignore[attr-defined]


def _status(name: str) -> float:
    """A figure of this process's memory, in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(name))


if __name__ == "__main__":
    main()
