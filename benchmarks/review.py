"""How long the record of a review takes: 50 recommendations of a finished run, sampled, explained and written as a file.

python benchmarks/review.py --store DIR --run ID
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.machine import machine
from metarec_core import api
from metarec_core.figures.review_pack import review_html

T = TypeVar("T")


@dataclass(frozen=True)
class Record:
    """What the record of a review took.

    Attributes:
        n: Recommendations.
        steps: Seconds by step, in their order.
        files: Size in bytes, by kind of file.
    """

    n: int
    steps: Mapping[str, float]
    files: Mapping[str, int]

    @property
    def total_s(self) -> float:
        """Of all steps."""
        return sum(self.steps.values())


def record(run: api.Run, n: int, recommender: api.Recommender | None = None) -> Record:
    """Sample, explain and write a review of ``n`` recommendations, which is kept with the run.

    Args:
        run: A finished run.
        n: How many recommendations.
        recommender: Of the run; opening it is a step where it is not given.
    """
    steps: dict[str, float] = {}

    def timed(what: str, do: Callable[[], T]) -> T:
        start = time.monotonic()
        value = do()
        steps[what] = time.monotonic() - start
        return value

    at_work = recommender or timed("open the run", lambda: api.open_recommender(run))
    review = timed("sample at random", lambda: api.start_review(run, api.Plan(n=n), at_work))
    pack = timed("evidence and record", lambda: api.review_pack(run, review.review_id, at_work))
    html = timed("HTML", lambda: review_html(pack))
    json = timed("JSON", pack.to_json)
    sizes = {"HTML file": len(html.encode()), "JSON file": len(json.encode())}
    return Record(len(pack.evidence), steps, sizes)


def main() -> None:
    """Print a table of seconds and sizes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--run", required=True)
    parser.add_argument("-n", type=int, default=50)
    options = parser.parse_args()
    run = api.open_run(options.store, options.run)
    found = record(run, options.n)
    print(f"{found.n} recommendations of {run.manifest.tables_name}; {machine()}\n")
    print("| step | takes |\n|---|---|")
    for what, seconds in found.steps.items():
        print(f"| {what} | {seconds:.1f} s |")
    for name, size in found.files.items():
        print(f"| {name} | {size / 2**20:.2f} MiB |")


if __name__ == "__main__":
    main()
