"""Cards of items with images in a real browser: those in the table are drawn, those at an address are not asked for."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from tests.browser.workbench import settled
from tests.tiny_files import N_ITEMS, NO_NET, write_files

pytestmark = pytest.mark.browser

HOSTILE = ("http://evil.example/p.png", "//evil.example/p.png", "data:image/svg+xml;base64,PHN2Zy8+")
"""Images of the last items."""


def png(red: int) -> str:
    """A picture of 2 x 2 points, as a data URI."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = (b"\0" + bytes([red, 90, 160]) * 2) * 2
    header = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    image = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return f"data:image/png;base64,{base64.b64encode(image).decode()}"


@pytest.fixture(scope="module")
def run_id(store: Path, base: str) -> str:
    """A run on items of which each has an image."""
    behaviour, items = write_files(store.parent)
    images = [png(20 * item) for item in range(N_ITEMS - len(HOSTILE))] + list(HOSTILE)
    rows = [f'i{item:02},Title {item},"{image}"' for item, image in enumerate(images)]
    items.write_text("\n".join(["item_id,title,image", *rows]), encoding="utf-8")
    tables = api.read_tables(behaviour, items, name="pictures")
    *_, last = api.train(tables, RunConfig.preset("fast").with_settings(NO_NET), store=store)
    assert last.run is not None
    return last.run.run_id


def test_cards_draw_the_images_of_the_table_and_ask_nobody_for_the_others(page: Any, base: str, run_id: str) -> None:
    page.goto(f"{base}/recommendations?run={run_id}&user=u05")
    page.get_by_text("Why this item?").wait_for()
    settled(page)
    page.get_by_text("Filters and variety").click()
    page.get_by_text("Hide items already seen").wait_for()
    assert page.get_by_test_id("stMultiSelect").count() == 0  # images are nothing to filter by
    page.get_by_text("Hide items already seen").click()  # so that all twelve are recommended
    settled(page)
    page.get_by_test_id("stButtonGroup").get_by_text("20", exact=True).click()
    settled(page)
    page.get_by_test_id("stButtonGroup").get_by_text("Cards", exact=True).click()
    images = page.locator("[data-testid=stMain] [data-testid=stImage] img")
    images.nth(N_ITEMS - len(HOSTILE) - 1).wait_for()
    settled(page)
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-testid=stImage] img')].every(one => one.naturalWidth === 2)"
    )
    assert images.count() == N_ITEMS - len(HOSTILE)
    assert page.get_by_text("Addresses are not opened").count() == 1
    assert page.locator("[data-testid=stMain] img").evaluate_all(
        "(all, base) => all.map(one => one.src).filter(src => !src.startsWith(base) && !src.startsWith('data:'))", base
    ) == []  # fmt: skip


def test_the_pages_of_such_items_show_no_picture_as_text(page: Any, base: str, run_id: str) -> None:
    for name in ("recommendations", "attention", "knowledge_graph", "data"):
        page.goto(f"{base}/{name}?run={run_id}")
        page.get_by_role("heading", level=1).wait_for()
        settled(page)
        assert page.get_by_test_id("stException").count() == 0
        assert "base64" not in page.get_by_test_id("stMain").inner_text(), name
