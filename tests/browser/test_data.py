"""A data set in a real browser: cleaned again by other rules, and the key of its pseudonyms taken away."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from metarec_core import api
from tests.browser.workbench import settled, taken

pytestmark = pytest.mark.browser

RATED = "user_id,item_id,rating,time\n" + "".join(
    f"u{user},i{(user + step) % 6},{1 + (user + step) % 5},2026-01-{1 + step:02}T00:00:{user:02}\n"
    for user in range(12)
    for step in range(5)
)
"""Twelve people rate five of six things each, with one to five stars; 24 ratings are of four stars or five."""


@pytest.fixture(scope="module")
def behaviour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("files") / "behaviour.csv"
    file.write_text(RATED, encoding="utf-8")
    return file


def opened(page: Any, base: str, tables: api.Tables, tab: str) -> None:
    """The page of a data set, at one of its tabs."""
    page.goto(f"{base}/data?data={tables.fingerprint}")
    page.get_by_role("tab", name=tab).click()
    settled(page)


def test_rules_are_changed_and_the_files_cleaned_again_into_a_second_data_set(
    page: Any, base: str, store: Path, behaviour: Path
) -> None:
    first = api.bring(api.Brought({"events": behaviour}), store, keep=True)
    opened(page, base, first, "What was cleaned")
    page.get_by_text("Clean again with different rules").click()
    least = page.get_by_role("spinbutton", name="Min rating")
    least.fill("4")
    least.press("Enter")
    settled(page)
    page.get_by_role("button", name="Clean again", exact=True).click()
    page.wait_for_function("old => !location.search.includes(old)", arg=first.fingerprint)
    settled(page)
    (fingerprint,) = parse_qs(urlparse(page.evaluate("location.href")).query)["data"]
    page.get_by_test_id("stMetric").filter(has_text="Events").get_by_text("24", exact=True).wait_for()
    second = api.open_tables(store, fingerprint)
    assert second.events["rating"].min() == 4
    assert len(second.events) == 24 == int((first.events["rating"] >= 4).sum())
    assert {first.fingerprint, fingerprint} <= {one.fingerprint for one in api.list_tables(store)}


def test_the_key_of_pseudonyms_is_downloaded_and_tells_who_is_who(
    page: Any, base: str, store: Path, behaviour: Path, tmp_path: Path
) -> None:
    hidden = api.bring(api.Brought({"events": behaviour}), store, replace_ids_of="users")
    assert not set(hidden.events["user_id"]) & {f"u{user}" for user in range(12)}
    opened(page, base, hidden, "Privacy")
    download = taken(page, page.get_by_role("button", name="Download the key"))
    key = tmp_path / download.suggested_filename
    assert key.name == api.KEY_FILE
    download.save_as(key)
    who = api.reidentify(behaviour, key)
    assert set(who["user_id"]) == {f"u{user}" for user in range(12)}
    assert set(who["pseudonym"]) == set(hidden.events["user_id"])
