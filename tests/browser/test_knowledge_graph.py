"""The knowledge graph in a real browser, over a catalogue whose every text is hostile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from tests.browser.workbench import settled, taken
from tests.tiny_files import NO_NET

pytestmark = pytest.mark.browser

TITLES = (
    "<script>window.evil = 1</script>",
    "href <img src=x onerror='window.evil = 1'>",
    '"><svg onload="window.evil = 1">',
    "[a](javascript:window.evil=1) ![b](http://evil.example/x.png)",
    "\u202eesrever \U0001f47b",
    "' onmouseover='window.evil=1' {{7*7}} </textarea>",
)


@pytest.fixture(scope="module")
def run_id(store: Path, base: str) -> str:
    """A run over items, users and values that would all like to be scripts."""
    folder = store.parent
    rows = [f'"user {user} {TITLES[1].replace(chr(34), chr(34) * 2)}",i{(user + step) % 6},2026-01-{1 + step:02}T10:00:00'
            for user in range(12) for step in range(4)]  # fmt: skip
    quoted = [title.replace('"', '""') for title in TITLES]
    items = [f'i{number},"{title}","{quoted[number // 2]}"' for number, title in enumerate(quoted)]
    (folder / "behaviour.csv").write_text("user_id,item_id,time\n" + "\n".join(rows), encoding="utf-8")
    (folder / "items.csv").write_text("item_id,title,kind\n" + "\n".join(items), encoding="utf-8")
    tables = api.read_tables(folder / "behaviour.csv", folder / "items.csv", name=TITLES[0])
    config = RunConfig.preset("fast").with_settings(NO_NET)
    *_, last = api.train(tables, config, store=store)
    assert last.run is not None
    return last.run.run_id


@pytest.fixture
def graph(page: Any, base: str, run_id: str) -> Iterator[Any]:
    """The page with an item in the middle; nothing hostile has run when the test is over."""
    page.set_default_timeout(90_000)
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.goto(f"{base}/knowledge_graph?run={run_id}&node=item:i1")
    page.locator(".graph canvas").wait_for()
    settled(page)
    yield page
    assert page.evaluate("window.evil") is None
    assert page.locator("img[src=x], svg[onload]").count() == 0


def spot(page: Any, key: str) -> dict[str, float]:
    """Where a node is in the drawing, in pixels."""
    found: dict[str, float] = page.locator(".graph").evaluate(
        """(box, key) => {
          const all = box.network.body.data.nodes.get();
          return box.network.canvasToDOM(box.network.getPosition(all.find((node) => node.key === key).id));
        }""",
        key,
    )
    return found


def test_hostile_titles_are_drawn_and_shown_as_text_when_pointed_at(graph: Any) -> None:
    graph.locator(".graph").hover(position=spot(graph, "item:i1"))
    tip = graph.locator(".vis-tooltip")
    tip.wait_for()
    assert "href <img src=x" in tip.inner_text()
    assert tip.locator("img").count() == 0


def test_a_click_walks_on_and_the_address_follows(graph: Any) -> None:
    graph.locator(".graph").click(position=spot(graph, "item:i0"))
    graph.wait_for_url("**node=item%3Ai0**")
    graph.get_by_text("Item: <script>window.evil = 1</script>, with").wait_for()
    graph.go_back()


def test_a_click_on_an_edge_shows_its_lines(graph: Any) -> None:
    ends = [spot(graph, key) for key in ("item:i1", f"attribute.kind:{TITLES[0]}")]
    middle = {axis: sum(end[axis] for end in ends) / 2 for axis in ("x", "y")}
    graph.locator(".graph").click(position=middle)
    graph.get_by_text("1 line of items").wait_for()


def test_the_paths_of_a_recommendation_and_the_offline_file_are_inert_too(
    graph: Any, base: str, run_id: str, tmp_path: Path
) -> None:
    graph.get_by_text("Paths of a recommendation").click()
    graph.wait_for_url("**graph=paths**")
    graph.get_by_role("heading", name="Paths").wait_for()
    settled(graph)
    graph.get_by_text("The graph as a table and as files").click()
    download = taken(graph, graph.get_by_role("button", name="Offline HTML"))
    download.save_as(tmp_path / "graph.html")
    asked: list[str] = []
    other = graph.context.new_page()
    other.on("request", lambda request: asked.append(request.url))
    other.goto((tmp_path / "graph.html").as_uri())
    other.locator("canvas").wait_for()
    assert asked == [(tmp_path / "graph.html").as_uri()]
    assert other.evaluate("window.evil") is None
    other.close()


def test_a_click_on_the_map_opens_the_node_and_hostile_titles_are_inert_there_too(
    graph: Any, base: str, run_id: str
) -> None:
    graph.goto(f"{base}/knowledge_graph?run={run_id}&graph=map&layout=axes&colour=attribute.kind")
    points = graph.locator(".js-plotly-plot .scatterlayer .point")
    points.first.wait_for()
    settled(graph)
    points.first.click(force=True)
    graph.locator(".graph canvas").wait_for()
    graph.wait_for_url("**graph=around**")
    assert "node=" in graph.url
