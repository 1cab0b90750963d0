"""A finished run in a real browser: what if, attention, trust and review, each to the end of what it is for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.figures.review_pack import review_html
from tests.browser.workbench import settled, taken
from tests.figures.test_review_pack import evil_html
from tests.tiny_files import SMALL_NET, write_files

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def run_id(store: Path, base: str) -> str:
    """A finished run in the server's workspace, with a network that attends."""
    config = RunConfig.preset("fast").with_settings(SMALL_NET)
    *_, last = api.train(api.read_tables(*write_files(store.parent), name="tiny"), config, store=store)
    assert last.run is not None
    return last.run.run_id


def calm(page: Any) -> None:
    """The page is ready, and says no error but that attention misleads."""
    page.get_by_role("heading", level=1).wait_for()
    settled(page)
    assert page.get_by_test_id("stException").count() == 0
    said = page.locator("[data-testid=stAlertContentError]").all_inner_texts()
    assert [words for words in said if "Do not read attention as a reason" not in words] == []


def test_an_event_is_removed_the_list_moves_and_a_reload_shows_the_same(page: Any, base: str, run_id: str) -> None:
    page.goto(f"{base}/recommendations?run={run_id}&user=u03&desk=what_if")
    page.get_by_text("Nothing moved.").wait_for()
    calm(page)
    page.get_by_label("Events to change").click()
    page.get_by_role("option").first.click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Remove", exact=True).and_(page.locator(":enabled")).click()
    page.wait_for_url("**scenario=**")
    moved = page.get_by_text("moved.")
    moved.wait_for()
    calm(page)
    said, link = moved.inner_text(), page.evaluate("location.href")
    page.get_by_role("heading", name="What changed").wait_for()
    page.reload()
    moved.wait_for()
    calm(page)
    assert (moved.inner_text(), page.evaluate("location.href")) == (said, link)
    page.get_by_role("button", name="Start over").click()
    page.get_by_text("Nothing moved.").wait_for()


def test_an_item_of_the_list_is_explained_once_it_is_clicked_or_entered(page: Any, base: str, run_id: str) -> None:
    page.goto(f"{base}/recommendations?run={run_id}&user=u03")
    rows, chosen = page.locator(".st-key-scores .row"), page.locator(".st-key-scores .chosen .name")
    rows.nth(2).wait_for()
    calm(page)
    for number, pick in ((2, lambda row: row.click()), (1, lambda row: row.get_by_role("button").press("Enter"))):
        title = rows.nth(number).locator(".name").inner_text()
        pick(rows.nth(number))
        chosen.get_by_text(title, exact=True).wait_for()
        calm(page)
        assert page.get_by_label("Item", exact=True).input_value() == title.partition(". ")[2]
    assert (
        page.evaluate("document.activeElement.shadowRoot.activeElement.textContent") == title
    )  # the keyboard stays there


def test_a_user_that_was_searched_for_is_opened_by_a_row_of_the_table(page: Any, base: str, run_id: str) -> None:
    page.goto(f"{base}/recommendations?run={run_id}&user=u03&item=i05")
    page.get_by_text("Why this item?").wait_for()
    calm(page)
    page.get_by_text("Find users").click()
    page.get_by_label("ID contains").fill("u17")
    page.get_by_label("ID contains").press("Enter")
    table = page.get_by_test_id("stExpander").filter(has_text="Find users").get_by_test_id("stDataFrame")
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stExpanderDetails] [data-testid=stDataFrame]')?.clientHeight < 100"
    )  # one row
    settled(page)
    table.click(position={"x": 16, "y": 51})
    page.wait_for_url("**user=u17**")
    calm(page)
    assert "item=i05" not in page.evaluate("location.href")


def test_attention_opens_for_an_item_with_its_badge_and_its_table(
    page: Any, base: str, run_id: str, tmp_path: Path
) -> None:
    page.goto(f"{base}/attention?run={run_id}&user=u03&item=i05")
    page.get_by_text("Attention").and_(page.get_by_test_id("stAlertContainer").locator("*")).first.wait_for()
    calm(page)
    assert "item=i05" in page.evaluate("location.href")
    page.get_by_text("As a table, and as a file").first.click()
    page.get_by_test_id("stDataFrame").wait_for()
    download = taken(page, page.get_by_role("button", name="Download", exact=True))
    download.save_as(tmp_path / "attention.csv")
    header, *rows = (tmp_path / "attention.csv").read_text(encoding="utf-8-sig").splitlines()
    assert header.startswith("Title,When,Attention,")
    assert len(rows) == 8


def test_evaluate_says_what_speaks_for_the_run_and_each_line_leads_to_its_evidence(
    page: Any, base: str, run_id: str, tmp_path: Path
) -> None:
    page.goto(f"{base}/evaluate?run={run_id}")
    page.get_by_text("Can these results be trusted?").wait_for()
    calm(page)
    targets = page.get_by_role("link", name="See", exact=True).evaluate_all("links => links.map(link => link.hash)")
    assert len(targets) >= 8
    assert [target for target in targets if page.locator(target).count() != 1] == []
    download = taken(page, page.get_by_role("button", name="Download all measures"))
    download.save_as(tmp_path / "measures.csv")
    assert "metarec,ndcg@10," in (tmp_path / "measures.csv").read_text(encoding="utf-8-sig")


def press(page: Any, key: str, lands_at: str) -> None:
    """Press a key outside of any field, and wait for the place it leads to."""
    page.keyboard.press(key)
    page.wait_for_function("place => location.href.includes(place)", arg=lands_at)
    settled(page)


def test_a_review_is_done_by_keyboard_and_handed_out(
    page: Any, base: str, store: Path, run_id: str, tmp_path: Path
) -> None:
    review = api.start_review(api.open_run(store, run_id), api.Plan("random", n=3))
    page.goto(f"{base}/review?run={run_id}&review={review.review_id}")
    name = page.get_by_role("textbox", name="Your name")
    name.fill("Ada")
    name.press("Enter")
    page.get_by_role("button", name="Good").and_(page.locator(":enabled")).wait_for()
    calm(page)
    page.get_by_role("textbox", name="Comment (optional)").fill(
        "1 and 2, now"
    )  # the keys are text while they are typed in a field
    page.keyboard.press("Control+Enter")
    settled(page)
    page.evaluate("document.activeElement.blur()")
    press(page, "1", "position=2")
    press(page, "4", "position=3")
    press(page, "p", "position=2")
    press(page, "n", "position=3")
    page.keyboard.press("3")
    page.get_by_text("You have judged everything").wait_for()
    press(page, "u", "position=3")
    page.get_by_text("you have judged 2").wait_for()
    page.keyboard.press("2")
    page.get_by_text("You have judged everything").wait_for()
    settled(page)
    for kind in ("HTML", "JSON"):
        download = taken(page, page.get_by_role("button", name=f"Record as {kind}"))
        download.save_as(tmp_path / kind)
    found = json.loads((tmp_path / "JSON").read_text(encoding="utf-8"))
    given = [[(v["verdict"], v["comment"]) for v in item["verdicts"]] for item in found["recommendations"]]
    assert given == [[("good", "1 and 2, now")], [("harmful", "")], [("questionable", "")]]
    assert "Ada judged 3 of 3." in (tmp_path / "HTML").read_text(encoding="utf-8")


def test_the_record_prints_in_ink_on_white_paper_with_nothing_cut_off(
    context: Any, store: Path, run_id: str, tmp_path: Path
) -> None:
    run = api.open_run(store, run_id)
    recommender = api.open_recommender(run)
    review = api.start_review(run, api.Plan(n=3, seed=5), recommender)
    file = tmp_path / "record.html"
    file.write_text(review_html(api.review_pack(run, review.review_id, recommender)), encoding="utf-8")
    page = context.new_page()
    page.emulate_media(media="print", color_scheme="dark")  # who reads in the dark prints on white all the same
    page.set_viewport_size({"width": 688, "height": 1000})  # A4 between its margins of 14 mm, at 96 dots an inch
    page.goto(file.as_uri())
    body = page.locator("body").evaluate("one => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]")
    assert body == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 688
    assert page.locator(".card").count() == 3
    cut = "ones => ones.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.outerHTML.slice(0, 80))"
    assert page.locator(".card, .card table, .card td, .card ol").evaluate_all(cut) == []
    breaks = "ones => [...new Set(ones.map(one => getComputedStyle(one).breakInside))]"
    assert page.locator("tr, .said").evaluate_all(breaks) == ["avoid"]
    assert page.locator("svg rect").first.evaluate("one => getComputedStyle(one).printColorAdjust") == "exact"
    settings = page.locator("details tr").filter(has_text="model.embedding_dim")
    assert settings.is_visible()  # what is folded away on a screen is on paper
    printed = page.pdf(format="A4")
    assert printed.startswith(b"%PDF-")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 20
    page.emulate_media(media="screen")
    assert not settings.is_visible()
    page.close()


def test_hostile_text_in_the_record_runs_nothing_and_asks_for_nothing(context: Any, tmp_path: Path) -> None:
    file = tmp_path / "record.html"
    file.write_text(evil_html(tmp_path / "store"), encoding="utf-8")
    page = context.new_page()
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: faults.append(message.text))
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    page.goto(file.as_uri())
    page.wait_for_timeout(200)
    assert page.title().startswith("Review of </title><script>")
    assert asked == [file.as_uri()]
    assert faults == []
    assert page.locator("script, img, iframe, object, link, form").count() == 0
    assert page.get_by_text("document.title='owned'").count() > 0
    page.close()
