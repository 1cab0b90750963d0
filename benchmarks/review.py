"""How long the record of a review takes: 50 recommendations of a finished run, sampled, explained and written as a file.

python benchmarks/review.py --store DIR --run ID
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.machine import machine
from metarec_core import api
from metarec_core.figures.review_pack import review_html

T = TypeVar("T")


def main() -> None:
    """Print a table of seconds and sizes. The review is kept with the run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--run", required=True)
    parser.add_argument("-n", type=int, default=50)
    options = parser.parse_args()
    run = api.open_run(options.store, options.run)
    rows: list[tuple[str, str]] = []

    def timed(what: str, do: Callable[[], T]) -> T:
        start = time.monotonic()
        value = do()
        rows.append((what, f"{time.monotonic() - start:.1f} s"))
        return value

    recommender = timed("open the run", lambda: api.open_recommender(run))
    review = timed("sample at random", lambda: api.start_review(run, api.Plan(n=options.n), recommender))
    pack = timed("evidence and record", lambda: api.review_pack(run, review.review_id, recommender))
    html = timed("HTML", lambda: review_html(pack))
    json = timed("JSON", pack.to_json)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("HTML file", html), ("JSON file", json)):
            file = Path(folder) / "file"
            file.write_text(text, encoding="utf-8")
            rows.append((name, f"{file.stat().st_size / 2**20:.2f} MiB"))
    print(f"{len(pack.evidence)} recommendations of {run.manifest.tables_name}; {machine()}\n")
    print("| step | takes |\n|---|---|")
    for what, takes in rows:
        print(f"| {what} | {takes} |")


if __name__ == "__main__":
    main()
