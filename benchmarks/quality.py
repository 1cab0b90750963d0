"""How good and how fast, from CSV to a finished run: ``python benchmarks/quality.py --data FOLDER [FOLDER ...]``.

A folder holds ``behaviour.csv``, and ``items.csv`` and ``facts.csv`` where there are any. Without ``--data``, the samples are
measured with the preset fast. Prints a Markdown table, one row a model and seed; rows of several seeds end with their mean.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that the script finds the project from anywhere

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.evaluation.leaderboard import RUN_NAME

AS_IN_PAPERS = "evaluation.protocol=leave_one_out"
"""Unless ``--set`` says otherwise."""
MEASURES = ("ndcg@10", "hr@10", "mrr@10", "coverage@10")
HEADER = (
    "data",
    "model",
    "seed",
    "ndcg@10 (95 %)",
    *MEASURES[1:],
    "metarec minus it, ndcg@10 (95 %)",
    "wall s",
    "CPU s",
)


ABLATION_HEADER = (
    "data",
    "variant",
    "slice",
    "queries",
    "ndcg@10",
    "minus fixed weights (95 %, first seed)",
    "of fixed weights",
)


def main() -> None:
    """Train on each data set with each seed, and print what was measured on its test events."""
    parser = argparse.ArgumentParser(prog="benchmarks/quality.py", description=__doc__)
    parser.add_argument("--data", nargs="+", type=Path, default=[], metavar="FOLDER")
    parser.add_argument("--preset", help="default: balanced for folders, fast for the samples")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--set", nargs="+", default=[], metavar="SECTION.NAME=VALUE", dest="settings")
    options = parser.parse_args()
    preset = options.preset or ("balanced" if options.data else "fast")

    print(
        f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}, {_processor()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, torch {version('torch')}, numpy {np.__version__}, "
        f"preset {preset}{' with ' + ' '.join(options.settings) if options.settings else ''}\n"
    )
    print(f"| {' | '.join(HEADER)} |")
    print("|---" * len(HEADER) + "|")
    ablations: list[pd.DataFrame] = []
    for name, read in _sources(options.data):
        frames = []
        for seed in options.seeds:
            config = RunConfig.preset(preset, seed).with_settings([AS_IN_PAPERS, *options.settings])
            frame, ablation, wall, cpu = _measure(read, config)
            frames.append(frame)
            if ablation is not None:
                ablations.append(ablation.frame.assign(data=name, seed=seed))
            for row in frame.to_dict("records"):
                ours = row["model"] == RUN_NAME
                if ours or seed == options.seeds[0]:  # baselines stand once
                    cost = (f"{wall:.0f}", f"{cpu:.0f}") if ours else ("", "")
                    _print_row(name, row, str(seed) if ours else "", *cost)
        if len(frames) > 1:
            ours = pd.concat(frames).query("model == @RUN_NAME")[list(MEASURES)].mean()
            _print_row(name, {"model": RUN_NAME, **ours}, "mean", "", "")
    if ablations:
        _print_ablations(pd.concat(ablations))


def _sources(folders: list[Path]) -> list[tuple[str, Callable[[], api.Tables]]]:
    if not folders:
        return [(domain, lambda domain=domain: api.sample_tables(domain)) for domain in api.sample_domains()]
    return [(folder.name, lambda folder=folder: _read(folder)) for folder in folders]


def _read(folder: Path) -> api.Tables:
    items, facts = folder / "items.csv", folder / "facts.csv"
    return api.read_tables(
        folder / "behaviour.csv",
        items if items.exists() else None,
        facts if facts.exists() else None,
        name=folder.name,
    )


def _measure(
    read: Callable[[], api.Tables], config: RunConfig
) -> tuple[pd.DataFrame, api.Ablation | None, float, float]:
    """The leaderboard, what the run would be with less, and wall and processor seconds from the files to the finished run."""
    wall, cpu = time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory() as store:
        run = None
        for progress in api.train(read(), config, store=store):
            run = progress.run
        if run is None:
            raise RuntimeError("training ended without a run")
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
        timings = ", ".join(f"{stage} {seconds:.0f} s" for stage, seconds in run.manifest.timings_s.items())
        print(f"{timings}; {run.manifest.peak_memory_mb:.0f} MB; {run.manifest.learned}", file=sys.stderr, flush=True)
        return api.evaluate(run).frame, api.ablation(run), wall, cpu


def _print_row(data: str, row: dict[str, object], seed: str, wall: str, cpu: str) -> None:
    interval = f" ({row['ndcg@10_low']:.4f} to {row['ndcg@10_high']:.4f})" if "ndcg@10_low" in row else ""
    difference = ""
    if row["model"] != RUN_NAME:
        low, high = row["metarec_minus_model_low"], row["metarec_minus_model_high"]
        difference = f"{row['metarec_minus_model']:+.4f} ({low:+.4f} to {high:+.4f})"
    values = [f"{row['ndcg@10']:.4f}{interval}", *(f"{row[measure]:.4f}" for measure in MEASURES[1:])]
    print(f"| {' | '.join([data, str(row['model']), seed, *values, difference, wall, cpu])} |", flush=True)


def _print_ablations(frame: pd.DataFrame) -> None:
    """One row a variant and slice; of several seeds, the mean, and the interval of the first."""
    print(f"\n| {' | '.join(ABLATION_HEADER)} |")
    print("|---" * len(ABLATION_HEADER) + "|")
    for (data, variant, part), rows in frame.groupby(["data", "variant", "slice"], sort=False):
        first, mean = rows.iloc[0], rows[["ndcg@10", "gain", "gain_share"]].mean()
        gain = f"{mean['gain']:+.4f} ({first['gain_low']:+.4f} to {first['gain_high']:+.4f})"
        cells = (
            data,
            variant,
            part,
            f"{first['queries']:,}",
            f"{mean['ndcg@10']:.4f}",
            gain,
            f"{mean['gain_share']:+.1%}",
        )
        print(f"| {' | '.join(cells)} |", flush=True)


def _processor() -> str:
    """The processor's name where the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
