"""The first visitor of a fresh server asks for a page by its own address."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.workbench import settled

pytestmark = pytest.mark.browser


def test_a_deep_link_is_framed_and_keeps_its_parameters(page: Any, base: str) -> None:
    page.goto(f"{base}/data?data=0123456789abcdef")
    page.get_by_role("heading", name="Data", exact=True).wait_for()
    settled(page)
    assert page.get_by_test_id("stSidebarNavLink").all_inner_texts()[0].endswith("Home")
    assert "data=0123456789abcdef" in page.evaluate("location.href")
    page.get_by_text("There is no data set 0123456789abcdef").wait_for()
