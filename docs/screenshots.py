"""Take the pictures of the README again: the real app, a real run on the sample, light and dark.

``python docs/screenshots.py [page ...]`` writes ``docs/images/<page>-<light|dark>.png``; it takes a minute or two. It fails
where a picture would not show what is said beneath it (a run without a network, a measurement that nobody has made), and where
a page is wider than the window, at 1280 pixels or at 1920.
``python docs/screenshots.py --uploads FOLDER`` takes what the Data page makes of three uploads: a folder with behaviour.csv and
items.csv (MovieLens 100K with descriptions), a file as a Chinese spreadsheet saves it, and a picture that calls itself a table.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from metarec_core import api
from metarec_core.figures.attention import badge_words, unheard_words
from metarec_core.jobs import demo
from tests.browser import workbench

IMAGES = Path(__file__).parent / "images"
WIDTHS = (1280, 1920)
"""Pixels; pictures are taken at the first."""
HEIGHTS = {
    "home": 1180,
    "data": 1060,
    "train": 1250,
    "evaluate": 2900,
    "recommendations": 1390,
    "attention": 1800,
    "knowledge_graph": 1100,
    "meta_knowledge": 2000,
    "review": 1500,
}
"""Pixels at most; a shorter page is taken whole."""
UNWANTED = {
    "attention": ("This run has no network", "Attention is not tested here", "The network has no say"),
    "meta_knowledge": ("Measure meta-knowledge", "trained without meta-knowledge", "are too few to learn"),
    "evaluate": ("Compute the curve", "Check the paths"),
    "review": ("Start the review", "Enter your name to give verdicts"),
}
"""What a page says when it lacks what its picture is to show."""


def main(pages: list[str]) -> None:
    """Take each page in both themes over the demo's run; *Train* with a longer training under way."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace"
        addresses = _addresses(demo.bring(workspace), pages)
        with workbench.serving(workspace) as base, workbench.browser() as chromium:
            visitors = {theme: workbench.new_page(_visitor(chromium, theme), base)[0] for theme in ("light", "dark")}
            for name in pages:
                for theme, page in visitors.items():
                    page.goto(f"{base}/{addresses[name]}")
                    page.get_by_role("heading", level=1).wait_for()
                    workbench.settled(page)
                    if name == "train":
                        _start_training(page)
                    _look(page, name)
                    _take(page, name, theme)


def _addresses(run: api.Run, pages: list[str]) -> dict[str, str]:
    """Each page's address; all name the run, since *Train* makes another that is newer."""
    recommender = api.open_recommender(run)
    user_id = _attended(recommender) if "attention" in pages else recommender.example_user
    review = api.start_review(run, api.Plan("random", n=20), recommender).review_id
    more = {
        "recommendations": f"&user={user_id}",
        "attention": f"&user={user_id}",
        "review": f"&review={review}&reviewer=Ada&position=2",
    }
    return {name: f"{'' if name == 'home' else name}?run={run.run_id}{more.get(name, '')}" for name in HEIGHTS}


def _attended(recommender: api.Recommender) -> str:
    """The first user on whose list attention was tested and found something.

    Raises:
        LookupError: There is nobody: the run has no network, or its network has no say.
    """
    for user_id in (recommender.example_user, *recommender.user_ids):
        item_id = recommender.recommend([user_id], 1).item_ids[0]
        why = api.explain(recommender, user_id=user_id, item_id=item_id)
        if badge_words(why) is not None and unheard_words(why) is None:
            return str(user_id)
    raise LookupError("the demo's run has no attention that says anything: there is nothing to take a picture of")


def _look(page: Any, name: str) -> None:
    """The page shows what its picture is to show, and fits into both widths."""
    said = page.get_by_test_id("stMain").inner_text()
    found = [words for words in UNWANTED.get(name, ()) if words in said]
    if found or page.get_by_test_id("stException").count():
        raise RuntimeError(f"{name} does not show what it should; it says: {found or said[:300]}")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        if over := workbench.overflow(page):
            raise RuntimeError(f"{name} is {over} pixels wider than a window of {width}")


def uploads(folder: Path) -> None:
    """Three uploads, light: one that is imported, one whose columns were recognised, one that is hopeless."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        workbench.serving(Path(scratch) / "workspace") as base,
        workbench.browser() as chromium,
    ):
        page = workbench.new_page(_visitor(chromium, "light"), base)[0]
        page.set_default_timeout(300_000)
        orders, photo = Path(scratch) / "订单.csv", Path(scratch) / "orders.csv"
        orders.write_bytes(_orders().encode("gb18030"))
        photo.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)))
        for name, files, height in (
            ("data_recognised", [orders], 1560),
            ("data_hopeless", [photo], 640),
            ("data_movielens", [folder / "behaviour.csv", folder / "items.csv"], 1500),
        ):
            page.goto(f"{base}/data")
            page.get_by_text("Upload files").click()
            workbench.settled(page)
            for place, file in enumerate(files):
                page.locator("[data-testid=stFileUploader] input[type=file]").nth(place).set_input_files(file)
                page.get_by_text(file.name).first.wait_for()
                workbench.settled(page)
            if name == "data_movielens":
                page.get_by_role("button", name="Import").click()
                page.get_by_role("tab", name="Profile").wait_for()
                page.reload()  # back to the top
                page.get_by_role("tab", name="Profile").wait_for()
            HEIGHTS[name] = height
            _take(page, name, "light")


def _orders() -> str:
    """Semicolons, decimal commas, days first, and a column of telephone numbers."""
    users, items = ("张三", "李四", "王五", "赵六", "钱七"), ("红茶", "绿茶", "普洱", "乌龙", "花茶", "白茶", "黑茶")
    rows = [
        f"{users[n % 5]};{items[n * n % 7]};{'4,5' if n % 3 else '3'};{n % 28 + 1}.{n % 12 + 1}.2024 {n % 24}:{n % 50 + 10};"
        f"1380000{1000 + n}"
        for n in range(210)
    ]
    return "\n".join(["用户;商品;评分;时间;手机号", *rows])


def _start_training(page: Any) -> None:
    """The longest preset, watched until its curves have a shape."""
    page.get_by_text("Best", exact=True).click()
    workbench.settled(page)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text(re.compile(r"pass ([6-9]|\d\d) of")).first.wait_for(timeout=300_000)


def _visitor(chromium: Any, theme: str) -> Any:
    return chromium.new_context(viewport={"width": WIDTHS[0], "height": 1000}, color_scheme=theme)


def _take(page: Any, name: str, theme: str) -> None:
    page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHTS[name]})
    workbench.settled(page)
    whole = page.evaluate("document.querySelector('[data-testid=stMainBlockContainer]').getBoundingClientRect().bottom")
    page.set_viewport_size({"width": WIDTHS[0], "height": min(HEIGHTS[name], int(whole))})
    page.mouse.move(0, 0)  # nothing is hovered
    workbench.settled(page)
    time.sleep(1.5)  # charts fade in
    page.screenshot(path=IMAGES / f"{name}-{theme}.png")
    if name == "train":
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name="Resume").wait_for(timeout=60_000)
    print(f"{name}-{theme}.png")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--uploads"]:
        uploads(Path(sys.argv[2]))
    else:
        main(sys.argv[1:] or list(HEIGHTS))
