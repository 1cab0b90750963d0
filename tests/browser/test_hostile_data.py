"""Ids, titles and values that want to be scripts, pictures, links or formulas: every page and every file leaves them text."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.recommend.export import FORMULA_STARTS
from tests.browser import workbench
from tests.browser.workbench import settled, taken
from tests.tiny_files import FEW_DRAWS

pytestmark = pytest.mark.browser

HACK = "window.top.hacked=1"
HOSTILE = (
    f"<script>{HACK}</script>",
    f'"><img src=x onerror="{HACK}">',
    "![x](http://evil.example/p.png)",
    f"[link](javascript:{HACK})",
    f"javascript:{HACK}",
    '=HYPERLINK("http://evil.example","x")',
    "+1+cmd|'/C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\u202egnp.exe\u202c",
    "two\nlines\n# heading",
    f'<iframe srcdoc="<script>{HACK}</script>"></iframe>',
    "＝1+1",
    f"<svg/onload={HACK}>",
    f"</script><script>{HACK}</script>",
    "../../../../etc/passwd",
    f"$\\href{{javascript:{HACK}}}{{x}}$ {{{{7*7}}}} :red[x]",
    "<a href='http://evil.example'>x</a>",
)
PICTURE, FORMULA = "![x](http://evil.example/c.png)", "=1+1"
"""Names of columns: of contexts, attributes and numbers, which become labels."""
N_USERS, N_EVENTS = 24, 9
OPEN_IS_FILLED = """() => [...document.querySelectorAll('[data-testid=stExpander] details[open]')].every(
  (open) => open.querySelector('[data-testid=stElementContainer]'))"""


def _text(rows: list[list[str]]) -> str:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue()


def user(number: int) -> str:
    return f"{HOSTILE[number % len(HOSTILE)]}{number:02}"


def write_hostile(folder: Path) -> dict[str, Path]:
    """The four tables, each full of it."""
    n = len(HOSTILE)
    times = [f"2026-01-{1 + step:02}T00:00:00" for step in range(N_EVENTS)]
    events = [["user_id", "item_id", "time", f"context_{PICTURE}"]]
    events += [
        [user(u), HOSTILE[(u + step) % n], times[step], HOSTILE[(u + step) % 3]]
        for u in range(N_USERS)
        for step in range(N_EVENTS)
    ]
    tables = {
        "events": events,
        "items": [["item_id", "title", "description", PICTURE, FORMULA]]
        + [
            [id_, HOSTILE[-1 - i], HOSTILE[i], f"{HOSTILE[i % 4]}|{HOSTILE[4 + i % 5]}", str(i)]
            for i, id_ in enumerate(HOSTILE)
        ],
        "facts": [["item_id", "relation", "entity"]]
        + [[id_, HOSTILE[i % 2], HOSTILE[i % 7] + "!"] for i, id_ in enumerate(HOSTILE)],
        "users": [["user_id", PICTURE]] + [[user(u), HOSTILE[u % 6]] for u in range(N_USERS)],
    }
    files = {}
    for name, rows in tables.items():
        files[name] = folder / f"{name}.csv"
        files[name].write_text(_text(rows), encoding="utf-8", newline="")
    return files


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_hostile(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def run(store: Path, files: dict[str, Path], base: str) -> api.Run:
    """A run with every part that such data can have."""
    tables = api.bring(api.Brought(files=files, name=HOSTILE[0]), store)  # type: ignore[arg-type]
    settings = (
        "model.embedding_dim=8",
        "train.epochs=2",
        "train.batch_events=64",
        "evaluation.ablation=true",
        FEW_DRAWS,
    )
    *_, last = api.train(tables, RunConfig.preset("fast").with_settings(settings), store=store)
    assert last.run is not None
    for _ in api.meta_knowledge(last.run, api.open_recommender(last.run)):
        pass
    return last.run


@pytest.fixture(scope="module")
def review_id(run: api.Run) -> str:
    review = api.start_review(run, api.Plan("random", 3))
    api.judge(run, review.review_id, 1, reviewer=HOSTILE[0], verdict="questionable", comment=HOSTILE[1])
    api.sign_off(run, review.review_id, name=HOSTILE[2], statement=HOSTILE[5])
    return review.review_id


@pytest.fixture
def page(context: Any, base: str) -> Iterator[Any]:
    """A page on which no script of the data has run, and that asked nobody else for anything."""
    page, faults = workbench.new_page(context, base)
    page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
    yield page
    unhurt(page)
    page.close()
    assert faults == []


def unhurt(page: Any) -> None:
    assert page.evaluate("window.hacked === undefined")
    links = page.evaluate("[...document.querySelectorAll('a')].map(a => a.href)")
    assert [link for link in links if link.startswith(("javascript:", "http://evil.example"))] == []
    assert page.locator("img[src*='evil'], iframe[srcdoc*='hacked'], svg[onload]").count() == 0


def look(page: Any) -> int:
    """Open all that is folded, once it is drawn; the page tells of no fault. Says how much was folded."""
    page.get_by_role("heading", level=1).wait_for()
    settled(page)
    opened = unfold(page)
    for tab in page.get_by_role("tab").all():
        tab.click()
        settled(page)
        opened += unfold(page)
        unhurt(page)
    faultless(page)
    return opened


def faultless(page: Any) -> None:
    """No error of the page's own, and nothing that the data has done to it."""
    assert page.get_by_test_id("stException").all_inner_texts() == []
    unhurt(page)


def unfold(page: Any) -> int:
    closed, opened = page.locator("[data-testid=stExpander] details:not([open]) > summary:visible"), 0
    while closed.count():
        closed.first.click()
        page.wait_for_function(OPEN_IS_FILLED, timeout=60_000)  # some make what they hold when they are opened
        settled(page)
        opened += 1
    return opened


def take_all(page: Any, folder: Path) -> list[Path]:
    """Every file that the page offers, on each of its tabs."""
    found = []
    for tab in page.get_by_role("tab").all() or [None]:
        if tab is not None:
            tab.click()
            settled(page)
        for button in page.get_by_test_id("stDownloadButton").get_by_role("button").all():
            if button.is_visible() and button.is_enabled():
                download = taken(page, button)
                found.append(folder / f"{len(found)}-{download.suggested_filename}")
                download.save_as(found[-1])
    return found


def check_all(page: Any, folder: Path, browser: Any, least: int) -> None:
    """Every file that the page offers is harmless, and there are so many at the least."""
    found = take_all(page, folder)
    assert len(found) >= least, [file.name for file in found]
    for file in found:
        check(file, browser)


def check(file: Path, browser: Any) -> None:
    """No cell that a spreadsheet would run, no script that a browser would."""
    content = file.read_bytes()
    if file.suffix == ".csv":
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))):
            bad = [cell for cell in row if cell.startswith(FORMULA_STARTS) and not _is_number(cell)]
            assert bad == [], f"{file.name}: {bad}"
    elif file.suffix in (".html", ".svg"):
        faults: list[str] = []
        opened = browser.new_page()
        opened.on("request", lambda request: faults.append(request.url))
        opened.on("dialog", lambda dialog: faults.append(dialog.message))
        opened.goto(file.as_uri())
        opened.wait_for_timeout(500)
        if file.suffix == ".html":
            unhurt(opened)
        assert opened.evaluate("window.hacked === undefined")
        opened.close()
        assert faults == [file.as_uri()]
    if file.suffix in (".svg", ".graphml"):
        ElementTree.fromstring(content)  # noqa: S314  our own file
    assert file.suffix in (".csv", ".html", ".svg", ".graphml", ".json", ".zip", ".parquet"), file.name


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?", text) is not None


def view(base: str, run: api.Run, page: str, **parameters: str) -> str:
    asked = {"run": run.run_id, "lang": "en", **parameters}
    return f"{base}/{page}?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in asked.items())


@pytest.mark.parametrize(
    ("stem", "parameters", "folded", "offered"),
    [
        ("", {}, 3, 4),
        ("data", {}, 1, 2),
        ("data", {"tab": "cleaned"}, 0, 1),
        ("train", {"job": "the run"}, 4, 3),
        ("evaluate", {}, 2, 6),
        ("recommendations", {"user": user(5), "item": HOSTILE[4]}, 5, 6),
        ("recommendations", {"user": user(10), "desk": "what_if"}, 2, 3),
        ("recommendations", {"desk": "new_user"}, 2, 2),
        ("recommendations", {"desk": "compare", "user": user(1)}, 1, 1),
        ("attention", {"user": user(2)}, 2, 3),
        ("knowledge_graph", {"user": user(0)}, 1, 4),
        ("knowledge_graph", {"node": f"item:{HOSTILE[1]}"}, 1, 4),
        ("knowledge_graph", {"graph": "paths", "user": user(3)}, 1, 6),
        ("knowledge_graph", {"graph": "map", "colour": "attribute.x_http_evil_example_c_png", "layout": "axes"}, 1, 1),
        ("meta_knowledge", {}, 1, 1),
        ("review", {}, 0, 0),
    ],
    ids=lambda value: "-".join(value) or "plain" if isinstance(value, dict) else str(value),
)
def test_a_page_and_its_files_leave_hostile_text_text(
    page: Any,
    context: Any,
    base: str,
    run: api.Run,
    tmp_path: Path,
    stem: str,
    parameters: dict[str, str],
    folded: int,
    offered: int,
) -> None:
    """``folded`` pieces and ``offered`` files are there at the least: what finds none of them has looked at nothing."""
    if parameters.get("job"):
        parameters = {"job": run.run_id}
    if stem == "data":
        parameters = {**parameters, "data": run.manifest.tables_fingerprint}
    page.goto(view(base, run, stem, **parameters))
    assert look(page) >= folded
    check_all(page, tmp_path, context, offered)


def test_hostile_names_in_the_address_are_text_too(page: Any, base: str, run: api.Run) -> None:
    for names in (
        ("run",),
        ("user", "desk", "graph", "lang", "tour", "review"),
        ("item", "data", "node", "job", "reviewer", "scenario"),
    ):
        hostile = "&".join(f"{name}={quote(HOSTILE[1], safe='')}" for name in names)
        for stem in ("recommendations", "review"):
            page.goto(f"{base}/{stem}?run={run.run_id}&{hostile}")
            page.get_by_role("heading", level=1).wait_for()
            settled(page)
            faultless(page)


def test_search_cards_and_the_new_item_leave_hostile_text_text(
    page: Any, context: Any, base: str, run: api.Run, tmp_path: Path
) -> None:
    page.goto(view(base, run, "recommendations", user=user(0)))
    look(page)
    page.get_by_text("Cards", exact=True).click()
    settled(page)
    unhurt(page)
    page.get_by_test_id("stExpanderDetails").get_by_test_id("stDataFrame").first.wait_for()
    settled(page)
    faultless(page)
    check_all(page, tmp_path, context, 5)
    page.goto(view(base, run, "recommendations", desk="new_item"))
    page.get_by_label("Title").fill(HOSTILE[1])
    page.get_by_label("Description").fill(HOSTILE[0] + HOSTILE[2])
    page.get_by_role("button", name="Who would get it?").click()
    page.get_by_role("heading", name="Most similar items").wait_for()
    look(page)
    check_all(page, tmp_path, context, 2)


def test_the_file_of_all_lists_has_no_formula(page: Any, context: Any, base: str, run: api.Run, tmp_path: Path) -> None:
    page.goto(view(base, run, "recommendations", user=user(0)))
    look(page)
    page.get_by_role("button", name="Create the file").click()
    button = page.get_by_role("button", name=re.compile(r"Download [\d.]+ MB"))
    button.wait_for()
    download = taken(page, button)
    download.save_as(tmp_path / "all.csv")
    assert len((tmp_path / "all.csv").read_text(encoding="utf-8-sig").splitlines()) > N_USERS
    check(tmp_path / "all.csv", context)


def test_a_review_and_its_record_leave_hostile_text_text(
    page: Any, context: Any, base: str, run: api.Run, review_id: str, tmp_path: Path
) -> None:
    for position in ("1", "2", "3"):
        page.goto(view(base, run, "review", review=review_id, position=position, reviewer=HOSTILE[0]))
        look(page)
    check_all(page, tmp_path, context, 6)


def test_an_upload_is_looked_at_before_it_is_imported(
    page: Any, base: str, run: api.Run, files: dict[str, Path]
) -> None:
    page.goto(view(base, run, "data"))
    page.get_by_role("heading", level=1).wait_for()
    settled(page)
    page.get_by_text("Upload files").click()
    uploads = page.locator("input[type=file]")
    uploads.nth(0).wait_for(state="attached")
    settled(page)
    hostile = files["events"].with_name("<img src=x onerror=alert(1)>.csv")
    header = f'user_id,item_id,time,"{HOSTILE[0]}",![x](http://evil.example/p.png)'
    hostile.write_text(
        header + "\n" + "".join(f"u{n},i{n % 4},2026-01-0{1 + n % 9},a,b\n" for n in range(40)), encoding="utf-8"
    )
    uploads.nth(0).set_input_files(str(hostile))
    page.get_by_role("button", name="Import").wait_for()
    look(page)


def test_a_run_goes_elsewhere_and_comes_in_whole_with_its_hostile_text(run: api.Run, tmp_path: Path) -> None:
    api.export_run(run, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        assert all(
            re.fullmatch(r"(run|tables)/[a-z_]+\.(json|jsonl|parquet|safetensors)", name) for name in archive.namelist()
        )
    there = api.import_run(tmp_path / "run.zip", tmp_path / "other")
    assert api.open_recommender(there).user_ids == api.open_recommender(run).user_ids
