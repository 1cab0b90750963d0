"""How long a visitor waits for each page: ``python benchmarks/pages.py (--data FOLDER | --workspace STORE) [--quick]``.

A real Chromium over the real server, both on this machine. With ``--data`` (behaviour.csv, items.csv) the files are trained on
once, preset fast, by the command line; with ``--workspace`` the newest run there is taken (a copy of it: nothing is changed);
with neither, the shipped demo. Prints one Markdown table: each page's views (cold: the first visit to a server and a browser
just started; new tab: over a warm server; moved to: from another page by the link in the sidebar), its main click, the same
click by ten sessions at once while a training runs, and what an idle session holds in memory. A figure over its target is bold.
The clock is the browser's own: from the navigation, or from the press, until the whole page is there (its main element is drawn
and Streamlit's script has ended); of cold views and new tabs also until the first useful paint: what the page says first, or
its main element where that is what it says. Below the pages: the first start, on an empty workspace into which the server puts
the demo, and what Streamlit takes for a page with a title and one bar.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that the script finds the project from anywhere

import psutil

from benchmarks.machine import machine, packages
from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.figures.attention import BADGES
from metarec_core.jobs import demo, runner
from tests.browser import workbench

WARM_MS, CLICK_MS, MOST_CLICK_MS, IDLE_MB, FIRST_MS = 1_000.0, 500.0, 1_500.0, 30.0, 3_000.0
"""Targets: a warm page's median, a click's median and 95th percentile, memory of an idle session, something useful on a cold
start."""
AT_ONCE, IDLE = 10, 10
LOOKS_S = 1.0
"""How long each of several sessions looks at what came before it clicks again."""
PATIENCE_MS = 120_000
COLD = 3
"""Cold views of each page, and first starts."""
HISTORY = 10
"""Events at the least of the user whose history is changed."""
MIB = 2**20
FINDINGS = (BADGES["misleading"][1], "Worse than the best simple model")
"""What is red on a page and no fault: what attention is worth, and how a run compares."""
WARM = (
    "A warm page is read two ways: moved to by its link in a session that is open, until it is whole, and opened in a new tab "
    "of a browser that has been here, until its first useful paint. How long a new tab takes until it is whole is beside it "
    "without a target: most of it is what the least page with a chart takes too. A desk has no link of its own."
)
"""Said under the table."""

PRESSED = """
for (const kind of ['pointerdown', 'keydown'])
  window.addEventListener(kind, () => { window.pressedAt = performance.now(); }, { capture: true });
window.graph = () => { for (const one of document.querySelectorAll('*')) {
  const found = one.shadowRoot?.querySelector('.graph'); if (found?.network) return found; } };
window.captions = () => [...document.querySelectorAll('[data-testid=stCaptionContainer]')].map((e) => e.textContent).join();
"""
LOOK_AROUND = "Look around"
HEADING = "document.querySelector('[data-testid=stMain] h3')"
CHART = "document.querySelector('.js-plotly-plot .main-svg')"
BARS = "[...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')].some((e) => e.shadowRoot?.querySelector('li'))"


@dataclass(frozen=True)
class Place:
    """A page, when it is there, and its main click.

    Attributes:
        name: As the navigation names it.
        path: In the address; ``{review}`` stands for a review of the run, ``{user}`` for somebody with a history.
        reads: True in the browser once what the page says first is there; as ``there`` when empty.
        there: True in the browser once the main element is.
        click: In words.
        press: Presses for the n-th time; what comes before the last press is not timed.
        sign: A value in the browser that is another one after the click.
        then: True in the browser once the click's effect is there; as ``there`` when empty.
        back: Whether the page is opened anew before each further click.
        start: True in the browser once the page is there that its link in the sidebar opens; as ``there`` when empty.
        linked: Whether the sidebar has a link to it; a desk is a view of a page.
    """

    name: str
    path: str
    reads: str
    there: str
    click: str
    press: Callable[[Any, int], None]
    sign: str
    then: str = ""
    back: bool = False
    start: str = ""
    linked: bool = True


def _choice(group: str, names: Sequence[str]) -> Callable[[Any, int], None]:
    """Press one of several buttons side by side, the second first, then the next."""

    def press(page: Any, number: int) -> None:
        name = names[(number + 1) % len(names)]
        page.get_by_test_id("stButtonGroup").filter(has_text=group).get_by_text(name, exact=True).click()

    return press


def _other_item(page: Any, number: int) -> None:
    page.get_by_label("For the item", exact=True).click()
    page.get_by_role("option").nth((number + 1) % 5).click()


def _other_node(page: Any, number: int) -> None:
    x, y = page.evaluate(
        """(number) => {
          const box = graph(), nodes = box.network.body.data.nodes.get().filter((node) => node.key).slice(1);
          const at = box.network.canvasToDOM(box.network.getPosition(nodes[(7 * number) % nodes.length].id));
          return [at.x, at.y];
        }""",
        number,
    )
    page.locator(".graph").click(position={"x": x, "y": y})


def _tab(page: Any, number: int) -> None:
    tabs = page.get_by_role("tab")
    tabs.nth((number + 1) % tabs.count()).click()


def _without_an_event(page: Any, number: int) -> None:
    page.get_by_label("Events to change").click()
    numbered = re.compile(r"^\d+\. ")  # an event; the first option is all of them
    page.get_by_role("option").filter(has_text=numbered).nth(number % 5).click()
    page.keyboard.press("Escape")
    remove = page.get_by_role("button", name="Remove", exact=True).and_(page.locator(":enabled"))
    remove.wait_for()
    workbench.settled(page)
    remove.click()


def _with_an_item(page: Any, number: int) -> None:
    page.get_by_label("Add an item").click()
    page.get_by_role("option").nth(number % 5).click()


def _in_main(kind: str) -> str:
    return f"document.querySelector('[data-testid=stMain] [data-testid={kind}]')"


def _button(says: str) -> str:
    return f"[...document.querySelectorAll('button')].some((one) => one.innerText.split('\\n').includes('{says}'))"


TWO_TABLES = "document.querySelectorAll('[data-testid=stMain] [data-testid=stDataFrame]').length > 1"
TAB = "document.querySelector('[role=tab][aria-selected=true]')?.textContent"
PLACES = (
    Place(
        "Home",
        "",
        HEADING,
        BARS,
        "a link to another page",
        lambda page, _: page.get_by_role("link", name="Recommendations").click(),
        "location.pathname",
        f"location.pathname === '/recommendations' && {BARS}",
        back=True,
    ),
    Place("Data", "data", _in_main("stMetric"), CHART, "another tab", _tab, TAB, TAB),
    Place(
        "Train",
        "train",
        "",
        _button("Train"),
        "another preset",
        _choice("Balanced", ("Fast", "Balanced", "Best")),
        "captions()",
    ),
    Place(
        "Evaluate",
        "evaluate",
        _in_main("stAlert"),
        CHART,
        "another measure",
        _choice("MRR", ("NDCG", "Hit rate", "MRR")),
        "captions()",
    ),
    Place(
        "Recommendations",
        "recommendations",
        "",
        BARS,
        "another user",
        lambda page, _: page.get_by_role("button", name="Random user").click(),
        "location.search",
    ),
    Place("Attention", "attention", _in_main("stAlert"), CHART, "another item", _other_item, "location.search"),
    Place(
        "Knowledge graph",
        "knowledge_graph",
        _in_main("stCaptionContainer"),
        "graph()?.network.body.nodeIndices.length > 1",
        "a neighbour",
        _other_node,
        "graph()?.network.body.data.nodes.get()[0].key",
    ),
    Place(
        "Meta-knowledge",
        "meta_knowledge",
        _in_main("stAlert"),
        CHART,
        "another view",
        _choice("By history", ("By history", "By item popularity")),
        "captions()",
    ),
    Place(
        "Review",
        "review?review={review}&reviewer={reviewer}",
        HEADING,
        BARS,
        "a verdict",
        lambda page, _: page.get_by_role("button", name="Good").click(),
        "location.search",
        start=_button("Start the review"),
    ),
    Place(
        "What-if desk",
        "recommendations?desk=what_if&user={user}",
        "",
        TWO_TABLES,
        "an event removed",
        _without_an_event,
        "location.search",
        back=True,
        linked=False,
    ),
    Place(
        "New-user desk",
        "recommendations?desk=new_user",
        "",
        BARS,
        "an item added",
        _with_an_item,
        "location.search",
        TWO_TABLES,
        back=True,
        linked=False,
    ),
)
"""Every page and two desks; those beyond the number of sessions at once are not among them."""


@dataclass
class Measured:
    """Milliseconds of one page: first paints and whole views of cold ones, the same of new tabs, views by its link, clicks,
    clicks of ten sessions at once; and what went wrong there."""

    cold_paint: list[float] = field(default_factory=list)
    cold: list[float] = field(default_factory=list)
    paint: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    clicks: list[float] = field(default_factory=list)
    at_once: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def row(place: Place, measured: Measured) -> list[str]:
    """Cells of a page: its name, first paint and whole when cold and of a new tab, moved to with 95 %, the click, the click of
    ten."""
    return [
        place.name,
        cell(measured.cold_paint, 50, FIRST_MS),
        cell(measured.cold, 50),
        cell(measured.paint, 50, WARM_MS),
        cell(measured.warm, 50),
        cell(measured.moved, 50, WARM_MS),
        cell(measured.moved, 95),
        place.click,
        cell(measured.clicks, 50, CLICK_MS),
        cell(measured.clicks, 95, MOST_CLICK_MS),
        cell(measured.at_once, 50),
        cell(measured.at_once, 95),
    ]


def cell(values: Sequence[float], percent: float, target: float = float("inf")) -> str:
    """A percentile in whole milliseconds, bold where it is over the target; a dash where nothing was measured."""
    if not values:
        return "–"
    value = float(np.percentile(values, percent))
    return f"**{value:,.0f}**" if value >= target else f"{value:,.0f}"


def table(found: Sequence[tuple[Place, Measured]], first: Measured, floor: Measured, idle_mb: float | None) -> str:
    """The Markdown table, targets in its first row, the first start, the least page and memory in its last."""
    header = (
        *("page", "cold, ms: first paint", "whole", "new tab: first paint", "whole", "moved to: whole", "95 %"),
        *("click", "ms", "95 %", f"{AT_ONCE} at once", "95 %"),
    )
    cold, warm, click, most = (f"< {target:,.0f}" for target in (FIRST_MS, WARM_MS, CLICK_MS, MOST_CLICK_MS))
    targets = ("*target*", cold, "", warm, "", warm, "", "", click, most, "", "")
    lines = [header, ["---"] * len(header), targets, *(row(place, measured) for place, measured in found)]
    if first.cold:
        alive, chart = cell(first.cold_paint, 50, FIRST_MS), cell(first.cold, 50, FIRST_MS)
        lines.append((f"*first start, workspace empty: “{LOOK_AROUND}”, first list*", alive, chart, *[""] * 9))
    if floor.warm:
        lines.append(("*the least page with a chart*", "", "", cell(floor.paint, 50), cell(floor.warm, 50), *[""] * 7))
    if idle_mb is not None:
        said = f"{idle_mb:.1f}" if idle_mb < IDLE_MB else f"**{idle_mb:.1f}**"
        lines.append((f"an idle session: {said} MB (target < {IDLE_MB:.0f})", *[""] * (len(header) - 1)))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def moment(page: Any, *signs: str) -> float:
    """Wait until these are true in the browser and the script has ended; milliseconds since the navigation."""
    wanted = [f"({workbench.SETTLED})({time.monotonic()}, 0)", *(f"({sign})" for sign in signs)]
    done = f"() => {' && '.join(wanted)} ? performance.now() : 0"
    from playwright.sync_api import TimeoutError as PatienceError

    try:
        return float(page.wait_for_function(done, timeout=PATIENCE_MS).json_value())
    except PatienceError:
        lacks = [sign for sign in wanted if not page.evaluate(f"!!{sign}")]
        said = " ".join(page.get_by_test_id("stMain").inner_text().split())[-300:]
        after = f"{PATIENCE_MS / 1_000:.0f} s"
        raise TimeoutError(f"{page.url} is not there after {after}; not true: {lacks}; it ends: {said}") from None


def sight(page: Any, sign: str) -> float:
    """Wait until this is true in the browser, whatever else is still to come; milliseconds since the navigation."""
    return float(page.wait_for_function(f"() => ({sign}) ? performance.now() : 0", timeout=PATIENCE_MS).json_value())


def view(page: Any, place: Place, address: str) -> float:
    """Open a page by its address; milliseconds until it is whole."""
    return views(page, place, address)[1]


def views(page: Any, place: Place, address: str) -> tuple[float, float]:
    """As ``view``: milliseconds until the first useful paint, and until it is whole."""
    page.goto(address, wait_until="commit")
    return sight(page, place.reads or place.there), moment(page, place.there)


def moves(page: Any, place: Place, base: str, times: int) -> Iterator[float]:
    """Go to a page by its link, from Home or, to Home, from Train; milliseconds of each."""
    elsewhere = PLACES[2 if place is PLACES[0] else 0]
    view(page, elsewhere, address(base, elsewhere, {}))
    for number in range(times + 1):
        for one, timed in ((place, number > 0), (elsewhere, False)):  # the first brings what the browser then has
            page.get_by_test_id("stSidebarNavLink").get_by_text(one.name, exact=True).click()
            heading = "MetaRec" if one is PLACES[0] else one.name
            done = moment(page, f"document.querySelector('h1')?.innerText === '{heading}'", one.start or one.there)
            if timed:
                yield done - page.evaluate("pressedAt")


def clicks(page: Any, place: Place, address: str, times: int, pause_s: float = 0.0) -> Iterator[float]:
    """Open a page, and click on it; milliseconds of each click."""
    for number in range(times):
        time.sleep(pause_s)
        if number == 0 or place.back:
            view(page, place, address)
        before = page.evaluate(f"() => {place.sign}")
        place.press(page, number)
        done = moment(page, f"{place.sign} !== {_literal(before)}", place.then or place.there)
        yield done - page.evaluate("pressedAt")


def _literal(value: object) -> str:
    return "undefined" if value is None else json.dumps(value)


@contextmanager
def visitor(base: str, port: int | None = None) -> Iterator[tuple[Callable[[], Any], list[str]]]:
    """A browser, or a visitor's part of the one at a port; a call opens a page of a new session in it. What goes wrong on any
    of them is in the list at the end."""
    faults: list[str] = []
    with workbench.browser() if port is None else _part_of(port) as chromium:
        context = chromium.new_context(viewport={"width": 1280, "height": 1000}, locale="en-US")
        context.add_init_script(PRESSED)

        def opened() -> Any:
            page, seen = workbench.new_page(context, base)
            page.on("close", lambda _: faults.extend(seen))
            return page

        yield opened, faults
        context.close()


@contextmanager
def _part_of(port: int) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")


@contextmanager
def shared_browser() -> Iterator[int]:
    """One browser for visitors of several threads; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with workbench.browser(f"--remote-debugging-port={port}"):
        yield port


def address(base: str, place: Place, ids: Mapping[str, str], reviewer: str = "Ada") -> str:
    """Where a page is, with the ids of what it is to show."""
    return f"{base}/{place.path.format(reviewer=reviewer, **ids)}"


@contextmanager
def counted(measured: Measured, place: Place) -> Iterator[None]:
    """Whatever a visitor runs into is an error of the page, and the others are measured all the same."""
    try:
        yield
    except Exception as error:  # noqa: BLE001
        measured.errors.append(f"{place.name}: {str(error).splitlines()[0]}")


def cold(workspace: Path, place: Place, ids: Mapping[str, str], times: int, measured: Measured) -> None:
    """First views, each on a server and a browser just started."""
    for _ in range(times):
        with counted(measured, place), workbench.serving(workspace) as base, visitor(base) as (opened, faults):
            page = opened()
            paint, whole = views(page, place, address(base, place, ids))
            measured.cold_paint.append(paint)
            measured.cold.append(whole)
            measured.errors += _errors(page)
            page.close()
            measured.errors += faults


def first_start(folder: Path, times: int) -> tuple[Measured, list[float]]:
    """First visits to a server just started over a workspace in which nothing is: milliseconds until the demo is spoken of (as
    the first paint) and until the first list, and the seconds that each server took before it answered."""
    measured, started = Measured(), []
    for number in range(times):
        workspace = folder / f"first-{number}" / "workspace"
        workspace.parent.mkdir()
        began = time.perf_counter()
        with counted(measured, PLACES[0]), workbench.serving(workspace) as base, visitor(base) as (opened, faults):
            started.append(time.perf_counter() - began)
            page = opened()
            page.goto(base, wait_until="commit")
            measured.cold_paint.append(sight(page, f"{HEADING}?.innerText.includes('{LOOK_AROUND}')"))
            measured.cold.append(sight(page, BARS))
            moment(page)
            measured.errors += _errors(page)
            page.close()
            measured.errors += faults
    return measured, started


def warm(base: str, place: Place, ids: Mapping[str, str], times: int, measured: Measured) -> None:
    """Views in tabs of their own after one that does not count, then ways there in one session, then clicks in another, the
    first not counted."""
    where = address(base, place, ids)
    with visitor(base) as (opened, faults):
        with counted(measured, place):
            for number in range(times + 1):
                page = opened()
                paint, whole = views(page, place, where)
                if number:
                    measured.paint.append(paint)
                    measured.warm.append(whole)
                page.close()
        if place.linked:
            page = opened()
            with counted(measured, place):
                measured.moved += moves(page, place, base, times)
            measured.errors += _errors(page)
            page.close()
        page = opened()
        with counted(measured, place):
            measured.clicks += list(clicks(page, place, where, 2 * times + 1))[1:]
        measured.errors += _errors(page)
        page.close()
        measured.errors += faults


def bare(folder: Path, times: int) -> Measured:
    """New tabs of the least page with a chart: a title and one bar."""
    script = folder / "bare.py"
    script.write_text(
        "import plotly.graph_objects as go\nimport streamlit as st\n"
        "st.title('Bare')\nst.plotly_chart(go.Figure(go.Bar(y=[1])))\n"
    )
    place, measured = Place("a bare chart", "", "document.querySelector('h1')", CHART, "", _tab, ""), Measured()
    with workbench.server(folder / "workspace", script) as (base, _), visitor(base) as (opened, _):
        for number in range(times + 1):
            page = opened()
            paint, whole = views(page, place, base)
            if number:
                measured.paint.append(paint)
                measured.warm.append(whole)
            page.close()
    return measured


def at_once(
    base: str, place: Place, ids: Mapping[str, str], number: int, times: int, start: threading.Barrier, port: int
) -> Measured:
    """One of several sessions: clicks, once all of them are there."""
    measured = Measured()
    where = address(base, place, ids, f"Ada {number}")
    with visitor(base, port) as (opened, faults):
        page = opened()
        with counted(measured, place):
            view(page, place, where)
        start.wait()
        with counted(measured, place):
            for took in clicks(page, place, where, times, LOOKS_S):
                measured.at_once.append(took)
        measured.errors += _errors(page)
        page.close()
        measured.errors += faults
    return measured


def _errors(page: Any) -> list[str]:
    """Exceptions and errors that the page shows."""
    red = page.locator("[data-testid=stException], [data-testid=stAlertContentError]").all_inner_texts()
    return [f"{page.url}: {' '.join(text.split())}" for text in faults_among(red)]


def faults_among(red: Sequence[str]) -> list[str]:
    """What is red on a page less what is a finding."""
    return [text for text in red if not any(finding in text for finding in FINDINGS)]


def idle_session_mb(server: psutil.Process, base: str) -> float:
    """Resident memory that each further session adds that has a page with lists open and does nothing."""
    place = PLACES[4]
    with visitor(base) as (opened, _):
        view(opened(), place, address(base, place, {}))
        time.sleep(3)  # what is freed a moment later is freed
        one = server.memory_info().rss
        for _ in range(IDLE):
            view(opened(), place, address(base, place, {}))
        time.sleep(3)
        return (server.memory_info().rss - one) / IDLE / MIB


def together(
    base: str, workspace: Path, run: api.Run, ids: Mapping[str, str], times: int
) -> tuple[list[Measured], bool]:
    """Ten sessions clicking at once while a training runs, a page each; whether it ran to their end."""
    busy = runner.submit(workspace, run.manifest.tables_fingerprint, RunConfig.preset("best", seed=99), "cpu")
    try:
        while runner.status(workspace, busy).stage in ("", "queued", "preparing"):
            time.sleep(0.2)
        start = threading.Barrier(AT_ONCE)
        with shared_browser() as port, ThreadPoolExecutor(AT_ONCE) as sessions:
            asked = [
                sessions.submit(at_once, base, place, ids, number, times, start, port)
                for number, place in enumerate(PLACES[:AT_ONCE])
            ]
            found = [one.result() for one in asked]
        return found, runner.status(workspace, busy).is_live
    finally:
        if runner.status(workspace, busy).is_live:
            runner.cancel(workspace, busy)
        while runner.status(workspace, busy).is_live:
            time.sleep(0.2)


def trained(options: argparse.Namespace, workspace: Path) -> api.Run:
    """The run whose pages are looked at, in a workspace of its own."""
    if options.workspace is not None:
        shutil.copytree(options.workspace, workspace)
        return api.open_run(workspace, api.list_runs(workspace)[0].run_id)
    if options.data is None:
        return demo.bring(workspace)
    files = ["--behaviour", str(options.data / "behaviour.csv"), "--items", str(options.data / "items.csv")]
    command = [sys.executable, "-m", "metarec_core", "train", *files, "--preset", "fast", "--store", str(workspace)]
    done = subprocess.run(command, cwd=workbench.ROOT, stdout=subprocess.PIPE, check=True, text=True)  # noqa: S603
    return api.open_run(workspace, done.stdout.split()[-1])


def prepare(run: api.Run, n: int) -> dict[str, str]:
    """What pages measure when asked is measured before; a review of n recommendations. Returns its id, and that of a user with
    a history to change."""
    recommender = api.open_recommender(run)
    if api.kept_meta_knowledge(run) is None:
        for _ in api.meta_knowledge(run, recommender):
            pass
    users = recommender.user_ids
    user = next((one for one in users if len(recommender.history(one)) >= HISTORY), users[0])
    return {"review": api.start_review(run, api.Plan("random", n), recommender).review_id, "user": quote(user)}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How long a visitor waits for each page.")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument(
        "--times", type=int, default=12, help="warm views of each page; twice as many clicks (default 12)"
    )
    parser.add_argument("--quick", action="store_true", help="two of each and one cold view, to see that it works")
    kinds = ("views", "memory", "sessions")
    parser.add_argument("--only", choices=kinds, nargs="+", default=list(kinds))
    options = parser.parse_args()
    times, times_cold = (2, 1) if options.quick else (options.times, COLD)
    found = [(place, Measured()) for place in PLACES]
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace"
        run = trained(options, workspace)
        ids = prepare(run, 4 * times + 10)
        idle_mb, sessions, ran, first, started, floor = None, [], True, Measured(), [], Measured()
        if "views" in options.only:
            first, started = first_start(Path(folder), times_cold)
            for place, measured in found:
                cold(workspace, place, ids, times_cold, measured)
            with workbench.serving(workspace) as base:
                for place, measured in found:
                    warm(base, place, ids, times, measured)
                    print(f"{place.name}: {len(measured.errors)} errors", file=sys.stderr, flush=True)
            floor = bare(Path(folder), times)
        with workbench.server(workspace) as (base, process):
            if "memory" in options.only:
                idle_mb = idle_session_mb(psutil.Process(process.pid), base)
            if "sessions" in options.only:
                sessions, ran = together(base, workspace, run, ids, 2 * times)
        for (_, measured), session in zip(found, sessions, strict=False):
            measured.at_once.extend(session.at_once)
            measured.errors.extend(session.errors)
        sizes = f"{run.manifest.n_users:,} users, {run.manifest.n_items:,} items, {run.manifest.n_events:,} events"
    errors = [error for measured in (first, *(measured for _, measured in found)) for error in measured.errors]
    counted = f"{times_cold} cold views, {times} warm views and {2 * times} clicks of each page"
    print(f"{machine()}, {packages()}; a run on {sizes}; {counted}.\n")
    print(table(found, first, floor, idle_mb))
    print(f"\n{WARM}")
    if started:
        print(f"The server itself answers {np.median(started):.1f} s after its start; no figure above holds that.")
    training = "ran all the time" if ran else "had ended before they did"
    beside = f" The training beside the {AT_ONCE} sessions {training}." if sessions else ""
    print(f"\nErrors: {len(errors)}.{beside}")
    print(*errors, sep="\n", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
