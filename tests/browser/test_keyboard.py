"""The main job without a mouse: from Home over Train to another user's list, why an item is on it, and the list as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from metarec_core.jobs import demo
from tests.browser.workbench import settled

pytestmark = pytest.mark.browser

MOST_TABS = 150
"""More stops than any page has."""
FOCUSED = """() => {
  const at = document.activeElement;
  return `${at.tagName} ${at.getAttribute('role') || ''} ${(at.ariaLabel || at.innerText || '').slice(0, 40)}`;
}"""


def reach(page: Any, wanted: Any) -> None:
    """Press Tab until an element has the focus, where it can be seen to have it."""
    passed = []
    for _ in range(MOST_TABS):
        if wanted.and_(page.locator(":focus")).count():
            assert wanted.and_(page.locator(":focus-visible")).count(), f"nobody sees that {passed[-1]} has the focus"
            return
        page.keyboard.press("Tab")
        passed.append(page.evaluate(FOCUSED))
    raise AssertionError(f"not reached; passed by {passed}")


def address(page: Any) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlparse(page.evaluate("location.href")).query).items()}


def choose_another(page: Any, label: str, name: str) -> None:
    """Open a list by its arrow, go one further, and take that."""
    before = address(page)[name]
    reach(page, page.get_by_role("combobox", name=label, exact=True))
    page.keyboard.press("ArrowDown")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "([name, before]) => { const now = new URL(location.href).searchParams.get(name); return now && now !== before; }",
        arg=[name, before],
    )
    settled(page)


def test_the_main_job_is_done_with_tab_enter_space_and_arrows(page: Any, base: str, tmp_path: Path) -> None:
    page.goto(base)
    page.get_by_text("Look around: a demo is ready").wait_for()
    settled(page)
    for name in ("Train", "Recommendations"):
        reach(page, page.get_by_test_id("stSidebarNavLink").filter(has_text=name))
        page.keyboard.press("Enter")
        page.get_by_role("heading", level=1, name=name).wait_for()
        settled(page)
    assert address(page)["run"] == demo.demo_run_id()

    choose_another(page, "User", "user")
    page.get_by_role("heading", name="Why this item?").wait_for()
    first = address(page)
    choose_another(page, "Item", "item")
    assert address(page) == {**first, "item": address(page)["item"]} != first
    page.get_by_test_id("stTable").get_by_text("the sum of the parts").wait_for()

    folded = page.locator("summary").filter(has_text="The list as a table, and downloads")
    reach(page, folded)
    page.keyboard.press("Space")
    this_user = page.get_by_role("button", name="This user")
    this_user.wait_for()
    settled(page)
    reach(page, this_user)
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    download.value.save_as(tmp_path / "list.csv")
    header, *rows = (tmp_path / "list.csv").read_text(encoding="utf-8-sig").splitlines()
    assert header.startswith("user_id,item_id,rank,score")
    assert [row.split(",")[0] for row in rows] == [first["user"]] * 10
