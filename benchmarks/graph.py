"""What the knowledge graph costs: ``python benchmarks/graph.py --store DIR --run RUN [--edges 10000000]``.

Prints Markdown tables: building a generated graph (a heavy-tailed log of 100,000 users, attributes, facts), searching for the
paths of pairs of a user and a recommended item, and what a visitor waits for on the Knowledge graph page, in a real Chromium
over the real server with the run open already. Wall time is what people feel; processor time what it costs where other work
shares the machine. ``--only build paths page`` measures some of them.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that the script finds the project from anywhere

from benchmarks.machine import machine, packages
from metarec_core import api
from metarec_core.data.dataset import Attribute, Dataset, Interactions
from metarec_core.data.vocabulary import Vocabulary
from metarec_core.graph.build import build_graph
from metarec_core.runs.memory import peak_memory_mb
from tests.browser import workbench

USERS, ITEMS, ENTITIES = 100_000, 50_000, 200_000
TAIL = 0.8
"""The item of rank r is chosen in proportion to 1 / r to this power."""
KNOWN = {"genre": (20, 3), "maker": (5_000, 1)}
"""Attributes: how many values there are, and how many an item has."""
FACTS_AN_ITEM = 10
MIB = 2**20


def generated(n_edges: int, seed: int = 0) -> Dataset:
    """A data set whose graph has about so many edges: what attributes and facts leave of them are events of different pairs."""
    draw = np.random.default_rng(seed)
    of_items = ITEMS * (sum(n for _, n in KNOWN.values()) + FACTS_AN_ITEM)
    n_events = max(n_edges - of_items, n_edges // 2)
    ranks = np.arange(1, ITEMS + 1) ** -TAIL
    pairs = np.zeros(0, dtype=np.int64)
    for _ in range(3):  # what was drawn before is drawn again; the few that are still missing do not matter
        more = n_events - len(pairs)
        items = np.searchsorted(np.cumsum(ranks / ranks.sum()), draw.random(more)).clip(max=ITEMS - 1)
        pairs = np.unique(np.concatenate([pairs, draw.integers(USERS, size=more) * ITEMS + items]))
    users, items = np.divmod(pairs, ITEMS)
    offsets = np.concatenate([[0, 0], np.cumsum(np.bincount(users, minlength=USERS))])
    rows = np.arange(2, len(pairs) + 2)
    events = Interactions(offsets, (items + 1).astype(np.int32), np.arange(len(pairs)), ITEMS)
    return Dataset(
        users=Vocabulary("user", [f"u{user}" for user in range(USERS)]),
        items=Vocabulary("item", [f"i{item}" for item in range(ITEMS)]),
        events=events,
        has_clock_times=False,
        attributes={name: _known(name, *sizes, draw) for name, sizes in KNOWN.items()},
        facts={"about": _known("entity", ENTITIES, FACTS_AN_ITEM, draw)},
        event_rows=rows,
    )


def _known(name: str, n_values: int, of_each: int, draw: np.random.Generator) -> Attribute:
    offsets = np.concatenate([[0], np.arange(ITEMS + 1) * of_each])
    numbers = draw.integers(1, n_values + 1, size=ITEMS * of_each).astype(np.int32)
    vocabulary = Vocabulary(name, [f"{name} {value}" for value in range(n_values)])
    return Attribute(vocabulary, offsets, numbers, np.arange(2, len(numbers) + 2))


def build(n_edges: int) -> list[str]:
    """Cells of a row: edges, nodes, seconds, processor seconds, MiB of the arrays, MiB at the peak beside the data set."""
    dataset = generated(n_edges)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # from here on the peak is that of building
    before = psutil.Process().memory_info().rss / MIB
    started, used = time.perf_counter(), time.process_time()
    graph = build_graph(dataset)
    took, cost = time.perf_counter() - started, time.process_time() - used
    peak = peak_memory_mb() - before
    numbers = f"{graph.n_edges:,}", f"{graph.n_nodes:,}", f"{took:.1f}", f"{cost:.1f}"
    return [*numbers, f"{graph.nbytes / MIB:,.0f}", f"{peak:,.0f}"]


def paths(recommender: api.Recommender, n: int) -> list[str]:
    """Cells: pairs, median and 95th percentile of wall milliseconds, the same of processor time."""
    lengths = recommender.dataset.events.lengths()
    users = np.random.default_rng(0).permutation(np.flatnonzero(lengths > 0))[:n].tolist()
    ids = [recommender.dataset.users.id(user) for user in users]
    pairs = [(user, recommender.recommend([user], 1).item_ids[0]) for user in ids]
    api.paths(recommender, user_id=pairs[0][0], item_id=pairs[0][1])  # what is made once a run is made here
    wall, cost = [], []
    for user, item in pairs:
        started, used = time.perf_counter(), time.process_time()
        api.paths(recommender, user_id=user, item_id=item)
        wall.append(1000 * (time.perf_counter() - started))
        cost.append(1000 * (time.process_time() - used))
    return [f"{len(pairs):,}", *_median_and_most(wall), *_median_and_most(cost)]


def _median_and_most(values: Sequence[float], form: str = ".1f") -> tuple[str, str]:
    return f"{statistics.median(values):{form}}", f"{np.percentile(values, 95):{form}}"


def page(store: Path, run_id: str, times: int) -> list[list[str]]:
    """Rows: what a visitor does, the first time of all, median and 95th percentile, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace"
        shutil.copytree(store, workspace)
        with workbench.serving(workspace) as base, workbench.browser() as chromium:
            context = chromium.new_context(viewport={"width": 1280, "height": 1000})
            views = [_first_view(context, base, run_id) for _ in range(times + 1)]
            visitor, _ = workbench.new_page(context, base)
            visitor.goto(f"{base}/knowledge_graph?run={run_id}")
            _drawn(visitor)
            walks = [_walk(visitor, number) for number in range(times + 1)]
            visitor.goto(f"{base}/knowledge_graph?run={run_id}&graph=map&layout=axes")
            visitor.locator(".js-plotly-plot .point").first.wait_for(timeout=120_000)
            colours = [_colour(visitor, number) for number in range(times + 1)]
    named = {
        "first view: from the click on the page's name until the graph is drawn": views,
        "click on a node: until its neighbourhood is drawn": walks,
        "embedding map: until another colour is drawn": colours,
    }
    rows = []
    for what, taken in named.items():
        first, *later = taken
        rows.append([what, f"{first:.0f}", *_median_and_most(later, ".0f")])
    return rows


def _first_view(context: Any, base: str, run_id: str) -> float:
    """Somebody who has the run open on another page comes to the graph."""
    visitor, _ = workbench.new_page(context, base)
    visitor.goto(f"{base}/recommendations?run={run_id}")
    visitor.get_by_role("heading", name="Why this item?").wait_for(timeout=120_000)
    workbench.settled(visitor)
    took = _timed(lambda: (visitor.get_by_role("link", name="Knowledge graph").click(), _drawn(visitor)))
    visitor.close()
    return took


def _drawn(visitor: Any, centre: str = "") -> None:
    """Wait until the graph stands, with a node of that key in the middle; only locators look into its shadow root."""
    box, patience = visitor.locator(".graph"), time.monotonic() + 120
    box.locator("canvas").wait_for(timeout=120_000)
    while not box.evaluate(
        "(box, key) => box.network?.body.nodeIndices.length > 1 && (!key || box.network.body.data.nodes.get()[0].key === key)",
        centre,
    ):
        if time.monotonic() > patience:
            raise TimeoutError("the graph is not drawn after two minutes")
        time.sleep(0.005)


def _walk(visitor: Any, number: int) -> float:
    """A click on a neighbour, another one each time, until it is in the middle."""
    workbench.settled(visitor)
    key, x, y = visitor.locator(".graph").evaluate(
        """(box, number) => {
          const nodes = box.network.body.data.nodes.get().filter((node) => node.key).slice(1);
          const node = nodes[(7 * number) % nodes.length];
          const at = box.network.canvasToDOM(box.network.getPosition(node.id));
          return [node.key, at.x, at.y];
        }""",
        number,
    )

    def click() -> None:
        visitor.locator(".graph").click(position={"x": x, "y": y})
        _drawn(visitor, key)

    return _timed(click)


def _colour(visitor: Any, number: int) -> float:
    """Another colour for all points, until its first name is in the legend."""
    workbench.settled(visitor)
    name, sign = (("Type", "Item"), ("Main part of the score", "Popularity"))[number % 2 == 0]
    visitor.get_by_label("Colour by").click()
    option = visitor.get_by_role("option", name=name, exact=True)
    option.wait_for()

    def choose() -> None:
        option.click()
        visitor.locator(".legendtext", has_text=sign).first.wait_for(timeout=120_000)

    return _timed(choose)


def _timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def _print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    print(f"| {' | '.join(header)} |\n|{'---|' * len(header)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What the knowledge graph costs.")
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--run", required=True)
    parser.add_argument("--edges", type=int, default=10_000_000)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--only", choices=("build", "paths", "page"), nargs="+", default=["build", "paths", "page"])
    options = parser.parse_args()
    recommender = api.open_recommender(api.open_run(options.store, options.run))
    graph = recommender.knowledge_graph
    print(f"{machine()}, {packages()}; the run's graph has {graph.n_edges:,} edges and {graph.n_nodes:,} nodes.\n")
    if "build" in options.only:
        header = ("edges", "nodes", "s", "processor s", "MiB of arrays", "MiB at the peak, beside the data set")
        with multiprocessing.get_context("spawn").Pool(1) as fresh:  # so that nothing else counts
            _print_table(header, [fresh.apply(build, (options.edges,))])
    if "paths" in options.only:
        header = ("pairs", "ms (median)", "95 %", "processor ms (median)", "95 %")
        _print_table(header, [paths(recommender, options.pairs)])
    if "page" in options.only:
        _print_table(("page", "first, ms", "median, ms", "95 %"), page(options.store, options.run, options.times))


if __name__ == "__main__":
    main()
