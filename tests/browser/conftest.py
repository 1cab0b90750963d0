"""A server and a browser for each test module; a test fails on any script error and on any request to the outside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import workbench


@pytest.fixture(scope="session", autouse=True)
def browser_there() -> None:
    if reason := workbench.why_not():
        pytest.skip(f"no browser tests: {reason}")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of the module's server."""
    return tmp_path_factory.mktemp("browser") / "workspace"


@pytest.fixture(scope="module")
def base(store: Path) -> Iterator[str]:
    """The address of a running workbench."""
    with workbench.serving(store) as address:
        yield address


@pytest.fixture(scope="module")
def context() -> Iterator[Any]:
    """One browser with one cache a module, as a visitor has; every page is a session of its own all the same."""
    with workbench.browser() as chromium:
        yield chromium.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)


@pytest.fixture
def page(context: Any, base: str) -> Iterator[Any]:
    """A fresh page of the workbench."""
    page, faults = workbench.new_page(context, base)
    yield page
    page.close()
    assert faults == []
