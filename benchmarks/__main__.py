"""How good and how fast: ``python -m benchmarks [FOLDER ...] [--preset balanced] [--seed 0]`` prints one table row a model.

A folder holds ``behaviour.csv``, and ``items.csv`` and ``facts.csv`` where there are any. Without folders, the samples are
measured with the preset fast.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from metarec_core import api
from metarec_core.config import RunConfig

MEASURES = ("ndcg@10", "hr@10", "mrr@10", "coverage@10")


def main() -> None:
    """Train on each data set and print what was measured on its test events."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--preset", help="default: balanced for folders, fast for the samples")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    preset = options.preset or ("balanced" if options.folders else "fast")
    config = RunConfig.preset(preset, options.seed)

    machine = platform.processor() or platform.machine()
    print(f"preset {preset}, seed {options.seed}, {machine}, Python {platform.python_version()}\n")
    print(f"| data | model | {' | '.join(MEASURES)} | metarec minus it, ndcg@10 | seconds |")
    print("|---" * (len(MEASURES) + 4) + "|")
    with tempfile.TemporaryDirectory() as store:
        for tables in _tables(options.folders):
            started = time.monotonic()
            run = _train(tables, config, store)
            seconds = f"{time.monotonic() - started:.0f}"
            for row in api.evaluate(run).frame.to_dict("records"):
                values = [f"{row[measure]:.4f}" for measure in MEASURES]
                difference = ""
                if row["model"] != "metarec":
                    low, high = row["metarec_minus_model_low"], row["metarec_minus_model_high"]
                    difference = f"{row['metarec_minus_model']:+.4f} ({low:+.4f} to {high:+.4f})"
                took = seconds if row["model"] == "metarec" else ""
                print(f"| {tables.name} | {row['model']} | {' | '.join(values)} | {difference} | {took} |", flush=True)


def _tables(folders: list[Path]) -> Iterator[api.Tables]:
    for domain in () if folders else api.sample_domains():
        yield api.sample_tables(domain)
    for folder in folders:
        items, facts = folder / "items.csv", folder / "facts.csv"
        yield api.read_tables(
            folder / "behaviour.csv",
            items if items.exists() else None,
            facts if facts.exists() else None,
            name=folder.name,
        )


def _train(tables: api.Tables, config: RunConfig, store: str) -> api.Run:
    for progress in api.train(tables, config, store=store):
        if progress.run is not None:
            return progress.run
    raise RuntimeError("training ended without a run")


if __name__ == "__main__":
    main()
