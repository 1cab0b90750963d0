"""Every page fits into a laptop's window and into a large one: nobody has to scroll sideways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from metarec_core import api
from metarec_core.jobs import demo
from tests.browser.workbench import overflow, settled

pytestmark = pytest.mark.browser

VIEWS = (
    "",
    "data",
    "train",
    "train?job={run}",
    "evaluate",
    "recommendations",
    "recommendations?desk=what_if",
    "recommendations?desk=new_user",
    "recommendations?desk=compare",
    "attention",
    "knowledge_graph",
    "knowledge_graph?graph=paths",
    "knowledge_graph?graph=map",
    "meta_knowledge",
    "review?review={review}&reviewer=Ada",
)


@pytest.fixture(scope="module")
def review_id(store: Path) -> str:
    return api.start_review(demo.bring(store), api.Plan("random", 3)).review_id


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view or "home")
def test_a_page_is_no_wider_than_the_window(page: Any, base: str, review_id: str, view: str) -> None:
    page.goto(f"{base}/{view.format(run=demo.demo_run_id(), review=review_id)}")
    page.get_by_role("heading", level=1).wait_for()
    for width in (1280, 1920):
        page.set_viewport_size({"width": width, "height": 1000})
        assert overflow(page) == 0, width
    assert page.get_by_test_id("stException").count() == 0


def test_what_is_too_wide_would_be_seen(page: Any, base: str) -> None:
    page.goto(base)
    page.get_by_role("heading", level=1).wait_for()
    settled(page)
    page.evaluate(
        """() => {
          const wide = document.createElement('div');
          wide.style.cssText = 'width: 3000px; height: 1px';
          document.querySelector('[data-testid=stMainBlockContainer]').append(wide);
        }"""
    )
    assert overflow(page) > 1_000
