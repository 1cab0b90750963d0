"""What peers have reached on a split, read back: ranks for paired comparisons, and the table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.peers.split import digest
from benchmarks.peers.train import PEERS
from metarec_core import metrics
from metarec_core.data.split import Split
from metarec_core.evaluation.bootstrap import bootstrap

Float64Array = npt.NDArray[np.float64]

DRAWS: Final = 1_000
HEADER: Final = (
    "data",
    "peer",
    "budget CPU s",
    "NDCG@10 (95 %)",
    "HR@10",
    "CPU s",
    "of them choosing",
    "wall s",
    "peak MB",
    "seed",
    "version",
    "how",
)


def peer_ranks(folder: Path, split: Split) -> dict[str, Float64Array]:
    """Each peer's rank of the answer to each test query of a split, float64 [Q], in the order of ``split.test``.

    Peers are named with the CPU seconds that they could train in: ``sasrec, 120 s``.

    The order is that of the split files, which were written from such a split; a result counts only if the digest of the
    split that it was measured on is that of ``split``, so equal events, questions and histories. Where that is not so (the
    data has changed, ties are sets, the split is by time), a peer is left out, and without any there are no ranks.

    Args:
        folder: ``build/peers/<data>``.
        split: What MetaRec was measured on.
    """
    measured = [(facts, ranks) for facts, ranks in _results(folder, split) if ranks is not None]
    return {f"{facts['peer']}, {facts['budget_cpu_s']:g} s": ranks for facts, ranks in measured}


def table(name: str, folder: Path, split: Split) -> list[str]:
    """Rows of a Markdown table, one a peer, those that failed included."""
    return [f"| {' | '.join([name, *_cells(facts, ranks)])} |" for facts, ranks in _results(folder, split)]


def _results(folder: Path, split: Split) -> list[tuple[Mapping[str, Any], Float64Array | None]]:
    """Facts and ranks, or None where a peer failed, in the order of ``PEERS`` and of budgets."""
    wanted, order, results = digest(split), list(PEERS), []
    for path in folder.glob("*.json"):
        facts = json.loads(path.read_text(encoding="utf-8"))
        if facts["split"] == wanted:
            results.append((facts, None if "failed" in facts else np.load(path.with_suffix(".npy"))))
    return sorted(results, key=lambda result: (order.index(result[0]["peer"]), result[0]["budget_cpu_s"]))


def _cells(facts: Mapping[str, Any], ranks: Float64Array | None) -> list[str]:
    name = [facts["peer"], f"{facts['budget_cpu_s']:g}"]
    if ranks is None:
        return [*name, *[""] * (len(HEADER) - 4), f"did not run to its end: {facts['failed']}"]
    values = np.stack([metrics.ndcg(ranks, 10), metrics.hit_rate(ranks, 10)], axis=1)
    ndcg, hits = bootstrap(values, DRAWS)
    choosing = facts["chosen_cpu_s"]
    settings = ", ".join(f"{name} {value}" for name, value in facts["settings"].items())
    return [
        *name,
        f"{ndcg.mean:.4f} ({ndcg.low:.4f} to {ndcg.high:.4f})",
        f"{hits.mean:.4f}",
        f"{facts['cpu_s']:.0f}",
        "" if choosing is None else f"{choosing:.0f}",
        f"{facts['wall_s']:.0f}",
        str(facts["peak_mb"]),
        str(facts["seed"]),
        ", ".join(f"{name} {number}" for name, number in facts["versions"].items()),
        "; ".join(text for text in (settings, facts["note"]) if text),
    ]
