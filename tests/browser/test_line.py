"""One line through the house in a real browser: two files in, explained recommendations out. The tests build on each other."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from metarec_core import api
from tests.browser.workbench import settled, taken

pytestmark = pytest.mark.browser

SAMPLE = Path(api.__file__).resolve().parents[1] / "sample_data" / "courses"
USERS = ("user_id", "u00", "u01", "u02")
"""How the lines begin that are used of the sample: a quarter of it trains faster and looks the same."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A behaviour and an item file."""
    behaviour = tmp_path_factory.mktemp("files") / "behaviour.csv"
    lines = (SAMPLE / "behaviour.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    behaviour.write_text("".join(line for line in lines if line.startswith(USERS)), encoding="utf-8")
    return str(behaviour), str(SAMPLE / "items.csv")


@pytest.fixture(scope="module")
def run_id(store: Path) -> str:
    """The run that the first test trains."""
    runs = api.list_runs(store)
    assert runs, "the test that trains did not get that far"
    return runs[0].run_id


def address(page: Any) -> str:
    return str(page.evaluate("location.href"))


def test_two_files_are_uploaded_imported_and_trained_while_progress_moves(
    page: Any, base: str, store: Path, files: tuple[str, str]
) -> None:
    page.goto(base)
    settled(page)
    page.get_by_role("button", name="Upload your own data").click()
    uploads = page.locator("input[type=file]")
    uploads.nth(0).wait_for(state="attached")
    settled(page)
    uploads.nth(0).set_input_files(files[0])
    page.get_by_text("As context: device").wait_for()
    uploads.nth(1).set_input_files(files[1])
    page.get_by_text("As attributes:").wait_for()
    settled(page)
    page.get_by_label("Name").fill("My school")
    page.get_by_label("Name").press("Enter")
    settled(page)
    page.get_by_role("button", name="Import").click()
    page.get_by_role("button", name="Train on this data").click()
    page.get_by_role("heading", name="New training").wait_for()
    settled(page)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name="Cancel").wait_for()

    seen: list[str] = []
    loaded_at = page.evaluate("performance.timeOrigin")
    end = time.monotonic() + 180
    done = page.get_by_role("button", name="See recommendations")
    while not done.is_visible():
        assert time.monotonic() < end, f"not done in time; seen {seen}"
        seen += [words for words in page.get_by_test_id("stProgress").all_inner_texts() if words not in seen]
        page.wait_for_timeout(300)
    assert len(seen) >= 2, f"progress did not move: {seen}"
    assert page.evaluate("performance.timeOrigin") == loaded_at
    assert [run.tables_name for run in api.list_runs(store)] == ["My school", "shop (sample)"]


def test_a_recommendation_is_opened_and_its_parts_add_up(page: Any, base: str, run_id: str) -> None:
    page.goto(f"{base}/recommendations?run={run_id}&user=u0037")
    page.get_by_text("Why this item?").wait_for()
    settled(page)
    first = address(page)
    third = page.get_by_role("option").nth(2)
    for _ in range(5):  # a part of the page that is drawn late closes the list
        page.get_by_label("Item", exact=True).click()
        page.wait_for_timeout(1_000)
        if third.is_visible():
            break
    third.click()
    page.wait_for_function("first => location.href !== first", arg=first)
    settled(page)
    assert re.search(r"user=u0037&item=C-\d+", address(page))
    values = [float(text) for text in page.get_by_test_id("stTable").locator("td").all_inner_texts() if _is_value(text)]
    *parts, score = values
    assert len(parts) >= 4
    assert sum(parts) == pytest.approx(score, abs=0.003)


def test_a_refresh_and_a_pasted_link_open_the_same_view(page: Any, base: str, run_id: str) -> None:
    page.goto(f"{base}/recommendations?run={run_id}&user=u0037")
    page.get_by_text("Why this item?").wait_for()
    settled(page)
    link = address(page)
    heading = page.get_by_test_id("stTable").first.inner_text()
    page.reload()
    page.get_by_text("Why this item?").wait_for()
    settled(page)
    assert address(page) == link
    assert page.get_by_test_id("stTable").first.inner_text() == heading


def test_the_choice_survives_a_walk_through_the_pages(page: Any, base: str, run_id: str) -> None:
    page.goto(f"{base}/recommendations?run={run_id}&user=u0037")
    page.get_by_text("Why this item?").wait_for()
    settled(page)
    page.get_by_role("link", name="Evaluate").click()
    page.get_by_role("heading", name="Leaderboard").wait_for()
    settled(page)
    assert f"run={run_id}" in address(page)
    assert "user=" not in address(page)
    page.get_by_role("link", name="Recommendations").click()
    page.get_by_text("Why this item?").wait_for()
    settled(page)
    assert f"run={run_id}&user=u0037" in address(page)


def test_evaluate_says_in_words_how_good_the_run_is_and_hands_out_its_measures(
    page: Any, base: str, run_id: str, tmp_path: Path
) -> None:
    page.goto(f"{base}/evaluate?run={run_id}")
    page.get_by_text(re.compile(r"the best simple model")).first.wait_for()
    settled(page)
    download = taken(page, page.get_by_role("button", name="Download all measures"))
    download.save_as(tmp_path / "measures.csv")
    rows = (tmp_path / "measures.csv").read_text(encoding="utf-8-sig").splitlines()
    assert rows[0].startswith("model,measure,mean,low,high")
    assert any(row.startswith("metarec,ndcg@10,0.") for row in rows)


def test_all_lists_are_handed_out_as_a_file(page: Any, base: str, run_id: str, tmp_path: Path) -> None:
    page.goto(f"{base}/recommendations?run={run_id}")
    page.get_by_text("The list as a table, and downloads").click()
    settled(page)
    page.get_by_role("button", name="Create the file").click()
    download = taken(page, page.get_by_role("button", name=re.compile(r"Download [\d.]+ MB")))
    download.save_as(tmp_path / "lists.csv")
    header, *rows = (tmp_path / "lists.csv").read_text(encoding="utf-8-sig").splitlines()
    assert header.startswith("user_id,item_id,rank,score,probability,part_")
    assert len(rows) == 10 * len({row.split(",")[0] for row in rows}) > 2_000
    _, _, _, score, _, *parts = rows[0].split(",")
    assert sum(map(float, parts)) == pytest.approx(float(score), abs=1e-4)


def test_a_training_is_cancelled_and_a_second_viewer_sees_it(page: Any, base: str, store: Path) -> None:
    page.goto(f"{base}/train")
    settled(page)
    page.get_by_text("Best", exact=True).click()
    settled(page)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name="Cancel").wait_for()
    link = address(page)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Resume").wait_for()
    other = page.context.new_page()
    other.goto(link)
    other.get_by_role("button", name="Resume").wait_for()
    other.close()


def test_a_row_of_the_list_of_trainings_opens_its_job(page: Any, base: str, run_id: str) -> None:
    page.goto(f"{base}/train")
    table = page.get_by_test_id("stDataFrame")
    table.wait_for()
    settled(page)
    assert "job=" not in address(page)
    table.click(position={"x": 16, "y": 121})  # the third row: the oldest job
    page.get_by_role("button", name="See recommendations").wait_for()
    assert f"job={run_id}" in address(page)


def _is_value(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+\.\d{3}", text.strip()) is not None
