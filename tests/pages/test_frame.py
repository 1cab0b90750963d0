"""Every page goes through app.py, also when its own address is asked for first."""

import ast
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import ROOT, Open

PAGES = sorted((ROOT / "pages").glob("*.py"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_page_begins_with_the_guard(page: Path) -> None:
    statements = ast.parse(page.read_text(encoding="utf-8")).body
    first = next(s for s in statements[1:] if not isinstance(s, ast.Import | ast.ImportFrom))
    assert ast.unparse(first) == f"require_frame('{page.stem}')"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_page_stands_in_an_empty_workspace(page: Path, open_page: Open) -> None:
    app = open_page(page.stem)
    assert not app.exception
    assert app.title[0].value


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_file_run_alone_still_draws(page: Path) -> None:
    app = AppTest.from_file(str(page), default_timeout=60).run()
    assert not app.exception
    assert app.title[0].value


def test_pages_know_nothing_of_the_core_but_its_doors() -> None:
    doors = (
        "metarec_core.access",
        "metarec_core.audit",
        "metarec_core.api",
        "metarec_core.figures",
        "metarec_core.jobs",
        "metarec_core.review",
        "metarec_core.config",
        "metarec_core.errors",
        "metarec_core.language",
    )
    for page in (ROOT / "pages").rglob("*.py"):
        for node in ast.walk(ast.parse(page.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("metarec_core"):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                assert all(name.startswith(doors) for name in names), f"{page.name} imports {names}"
            elif isinstance(node, ast.Import):
                assert not {alias.name for alias in node.names} & {"pandas", "numpy", "torch"}, page.name


def test_no_page_lets_foreign_text_be_html() -> None:
    for source in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]:
        text = source.read_text(encoding="utf-8")
        assert "unsafe_allow" not in text, source.name
        assert "st.html" not in text, source.name
