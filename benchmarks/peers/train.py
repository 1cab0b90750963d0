"""One peer, one process: ``python -m benchmarks.peers.train PEER SPLIT OUT`` leaves ranks (.npy) and facts (.json) in ``OUT``.

Runs in the peers' environment. Libraries are imported for the peer that wants them, so that its memory is its own.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.peers.clock import cpu_seconds
from benchmarks.peers.ranking import rank_targets
from benchmarks.peers.split import read_split
from metarec_core.runs.memory import peak_memory_mb

PEERS: Final = {
    "popular": ("popular_peer", ("numpy",)),
    "bm25": ("implicit_peers", ("pm-implicit",)),
    "ials": ("implicit_peers", ("pm-implicit",)),
    "sasrec": ("rectools_peers", ("rectools", "torch")),
    "esasrec": ("rectools_peers", ("rectools", "torch")),
}
"""Name to the module that has ``fit_<name>``, and to the packages whose versions matter."""


def result(folder: Path, peer: str, seconds: float) -> Path:
    """Where a peer's result with a budget lies, without the file's suffix."""
    return folder / f"{peer}-{seconds:g}s"


def main() -> None:
    """Train, rank the test events, and say what it cost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.train", description=__doc__)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("split", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=120, help="CPU seconds after which nothing new is tried")
    options = parser.parse_args()

    started = time.monotonic()
    module, packages = PEERS[options.peer]
    fit = getattr(importlib.import_module(f"benchmarks.peers.{module}"), f"fit_{options.peer}")
    split = read_split(options.split)
    fitted = fit(split, options.seed, options.seconds)
    trained_s = cpu_seconds()
    ranks = rank_targets(split, fitted.score, split.known, split.test)

    options.out.mkdir(parents=True, exist_ok=True)
    out = result(options.out, options.peer, options.seconds)
    np.save(out.with_suffix(".npy"), ranks)
    facts = {
        "peer": options.peer,
        "split": split.digest,
        "seed": options.seed,
        "settings": fitted.settings,
        "validation_ndcg@10": round(fitted.validation, 5),
        "note": fitted.note,
        "budget_cpu_s": options.seconds,
        "chosen_cpu_s": None if fitted.chosen_s is None else round(fitted.chosen_s, 1),
        "trained_cpu_s": round(trained_s, 1),
        "cpu_s": round(cpu_seconds(), 1),
        "wall_s": round(time.monotonic() - started, 1),
        "peak_mb": round(peak_memory_mb()),
        "versions": {name: version(name) for name in packages},
        "python": platform.python_version(),
    }
    out.with_suffix(".json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
