"""The first visitor of a fresh server asks for a page by its own address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser import workbench
from tests.browser.workbench import settled

pytestmark = pytest.mark.browser

TITLES = {"": "MetaRec", "data": "Data", "recommendations": "Recommendations"}
"""One page of each kind: the first, one without a run, one of a run. A server starts for each."""


@pytest.mark.parametrize("stem", TITLES)
def test_a_deep_link_is_framed_and_keeps_its_parameters(context: Any, tmp_path: Path, stem: str) -> None:
    with workbench.serving(tmp_path / "workspace") as base:
        page, faults = workbench.new_page(context, base)
        page.goto(f"{base}/{stem}?data=0123456789abcdef&k=5")
        page.get_by_role("heading", name=TITLES[stem], exact=True, level=1).wait_for(
            timeout=120_000
        )  # the server is fresh, and fetches the demo
        settled(page)
        assert page.get_by_test_id("stSidebarNavLink").all_inner_texts()[0].endswith("Home")
        assert {"data=0123456789abcdef", "k=5"} <= set(page.evaluate("location.search").lstrip("?").split("&"))
        if stem == "data":
            page.get_by_text("There is no data set 0123456789abcdef").wait_for()
        page.close()
    assert faults == []
