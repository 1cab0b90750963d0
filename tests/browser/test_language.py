"""A Chinese browser: every page is read in Chinese, charts and tables too; changing the language changes nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metarec_core import api
from tests.browser.workbench import browser, settled
from tests.reading import foreign, reads_as_english

pytestmark = pytest.mark.browser

TITLES = {
    "": "MetaRec",
    "data": "数据",
    "train": "训练",
    "evaluate": "评估",
    "recommendations": "推荐",
    "attention": "注意力",
    "knowledge_graph": "知识图谱",
    "meta_knowledge": "元知识",
    "review": "评审",
}


@pytest.fixture(scope="module")
def context() -> Iterator[Any]:
    """A browser that asks for Chinese."""
    with browser() as chromium:
        yield chromium.new_context(viewport={"width": 1280, "height": 1000}, locale="zh-CN")


def opened(page: Any, address: str, title: str) -> None:
    page.goto(address)
    page.get_by_role("heading", level=1, name=title, exact=True).wait_for()
    settled(page)


@pytest.mark.parametrize("name", TITLES)
def test_a_link_is_read_in_the_language_of_the_browser(page: Any, base: str, store: Path, name: str) -> None:
    opened(page, f"{base}/{name}", TITLES[name])
    page.wait_for_timeout(500)  # charts are drawn after the page has settled
    assert "lang=" not in page.evaluate("location.href")
    data = foreign(store, api.list_runs(store)[0].run_id)
    words = {line.strip() for line in page.evaluate("document.body.innerText").splitlines()}
    assert {line for line in words if reads_as_english(line, data)} == set()


def test_buttons_of_a_chinese_page_are_whole(page: Any, base: str) -> None:
    for name in ("", "recommendations", "review"):
        opened(page, f"{base}/{name}", TITLES[name])
        cut = page.evaluate(
            """() => [...document.querySelectorAll('[data-testid=stMain] button')]
                .filter(one => one.offsetParent && one.innerText && one.scrollWidth > one.clientWidth + 1)
                .map(one => one.innerText)"""
        )
        assert cut == []


def test_choosing_a_language_keeps_page_run_user_and_view(page: Any, base: str) -> None:
    opened(page, f"{base}/recommendations?user=u0003", "推荐")
    page.get_by_test_id("stButtonGroup").get_by_text("卡片").click()
    page.locator("[data-testid=stMain] [data-testid=stCaptionContainer]").nth(9).wait_for()  # a card an item
    settled(page)
    before = page.evaluate("location.href")
    page.get_by_role("combobox", name="Language").click()
    page.get_by_role("option", name="English").click()
    page.get_by_role("heading", level=1, name="Recommendations").wait_for()
    settled(page)
    assert "user=u0003" in before
    assert page.evaluate("location.href") == f"{before}&lang=en"
    chosen = page.locator(
        "[data-testid=stMain] [role=radio][aria-checked=true], [data-testid=stMain] button[kind$=Active]"
    )
    assert "Cards" in chosen.all_inner_texts()
