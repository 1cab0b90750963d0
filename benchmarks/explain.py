"""How long one complete explanation, and the record of a review, takes: ``python benchmarks/explain.py --store DIR --run RUN``.

Asked for the first item of the list of each of the users with the longest histories. Prints a Markdown table of medians: wall
time, and the processor time of this process, which tells what it costs where other work shares the machine. Its last row is the
record of a review of 50, made once, which is kept with the run; ``benchmarks/review.py`` tells its steps.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that the script finds the project from anywhere

from benchmarks.machine import machine
from benchmarks.review import record
from metarec_core import api

REVIEWED = 50
"""Recommendations of the review."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How long one complete explanation takes.")
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--run", required=True)
    parser.add_argument("--users", type=int, default=50, help="medians over so many users (default 50)")
    options = parser.parse_args()
    run = api.open_run(options.store, options.run)
    recommender, reader = api.open_recommender(run), api.text_reader(run)
    lengths = np.minimum(recommender.dataset.events.lengths(), recommender.max_history)
    users = np.argsort(-lengths, kind="stable")[: options.users]
    pairs = []
    for number in users.tolist():
        user_id = recommender.dataset.users.id(number)
        pairs.append({"user_id": user_id, "item_id": recommender.recommend([user_id], 1).item_ids[0]})
    works: dict[str, Callable[[dict[str, str]], object]] = {
        "parts with evidence, attention": lambda pair: api.explain(recommender, **pair, effects=False),
        "paths": lambda pair: api.paths(recommender, **pair),
        "complete: also leave-one-out, gradients, test of attention, paths": lambda pair: api.explain(
            recommender, **pair
        ),
        "counterfactuals: events, values of the item with its text read again, situation": lambda pair: (
            api.counterfactuals(recommender, **pair, read=None if reader is None else reader.read_item)
        ),
    }
    print(f"{machine()}; {len(pairs)} users with {lengths[users].min()} to {lengths[users].max()} events.\n")
    print("| what | wall ms (median) | processor ms (median) |\n|---|---|---|")
    for name, work in works.items():
        work(pairs[0])  # what is made once a run is made here
        wall, cpu = zip(*(_timed(work, pair) for pair in pairs), strict=True)
        print(f"| {name} | {statistics.median(wall):.0f} | {statistics.median(cpu):.0f} |", flush=True)
    used = time.process_time()
    made = record(run, REVIEWED, recommender)
    cpu_ms = 1000 * (time.process_time() - used)
    print(f"| a review of {made.n}: sampled, explained, as HTML and JSON | {1000 * made.total_s:.0f} | {cpu_ms:.0f} |")


def _timed(work: Callable[[dict[str, str]], object], pair: dict[str, str]) -> tuple[float, float]:
    """Wall and processor milliseconds of one call."""
    started, used = time.perf_counter(), time.process_time()
    work(pair)
    return 1000 * (time.perf_counter() - started), 1000 * (time.process_time() - used)


if __name__ == "__main__":
    main()
