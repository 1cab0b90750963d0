"""How long the desks of the Recommendations page take: ``python benchmarks/desks.py --store DIR --run RUN``.

Answers to the users with the longest histories, cut to their last 200 events. Prints a Markdown table: median and 95th
percentile.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that the script finds the project from anywhere

from benchmarks.machine import machine
from metarec_core import api

EVENTS = 200


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How long the desks of the Recommendations page take.")
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--run", required=True)
    parser.add_argument("--times", type=int, default=50, help="answers measured (default 50)")
    options = parser.parse_args()
    run = api.open_run(options.store, options.run)
    recommender = api.open_recommender(run)
    reader = api.text_reader(run)
    data = recommender.dataset
    users = np.argsort(-data.events.lengths(), kind="stable")[: options.times]
    ids = [data.users.id(number) for number in users.tolist()]
    simple = api.baseline_of(run, "ease", recommender)
    changed = {}
    for user_id in ids:
        whole = api.scenario_of(recommender, user_id)
        places = range(max(len(whole.items) - EVENTS, 0), len(whole.items))
        changed[user_id] = whole.ordered(places).without(0).scaled(recommender.part_names[0], 0.5)
    drafts = {
        user_id: api.Draft(f"{recommender.title(recommender.item_ids[n])} again") for n, user_id in enumerate(ids)
    }
    varied = api.Selection(diversity=0.5)
    works: dict[str, Callable[[str], object]] = {
        f"what if, at most {EVENTS} events": lambda user: api.what_if(recommender, changed[user]),
        "list": lambda user: recommender.recommend([user]),
        "list, varied (MMR)": lambda user: recommender.recommend([user], 10, varied),
        "compare with ease": lambda user: api.compare(recommender, simple, user),
        f"new item, all {data.n_users:,} users": lambda user: api.new_item(
            recommender, drafts[user], None if reader is None else reader.read_item
        ),
    }
    print(
        f"{machine()}; {len(ids)} answers each; histories of at most {recommender.max_history} events are looked at.\n"
    )
    print("| what | wall ms (median) | wall ms (95 %) |\n|---|---|---|")
    for name, work in works.items():
        work(ids[0])  # what is made once a run is made here
        times = [_timed(work, user) for user in ids]
        print(f"| {name} | {np.median(times):.0f} | {np.quantile(times, 0.95):.0f} |", flush=True)
    for name, once in {
        "all users looked at (search), once a run": lambda: api.audience(run, recommender),
        "cost of variety, once a run": lambda: api.diversity_cost(run, recommender),
    }.items():
        print(f"| {name} | {_timed(lambda _, once=once: once(), ''):.0f} | |", flush=True)


def _timed(work: Callable[[str], object], user_id: str) -> float:
    """Wall milliseconds of one call."""
    started = time.perf_counter()
    work(user_id)
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()
