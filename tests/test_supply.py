"""``make audit``: a vulnerability fails it, a database that cannot be reached does not."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.docs_script import docs_script

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def supply() -> ModuleType:
    return docs_script("supply")


FINE = {"name": "filelock", "version": "4.2.12", "vulns": []}
BAD = {
    "name": "jinja2",
    "version": "3.1.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.6"]}, {"id": "X-2", "fix_versions": []}],
}
UNKNOWN = {"name": "metarec", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("report", "status", "words"),
    [
        (None, 0, "No database of vulnerabilities can be reached from here: run make audit where there is a network."),
        (
            {"dependencies": [UNKNOWN]},
            0,
            "No database of vulnerabilities can be reached from here: run make audit where there is a network.",
        ),
        (
            {"dependencies": [FINE, UNKNOWN]},
            0,
            "No known vulnerability in 1 of 2 installed packages; the others are unknown to the database.",
        ),
        (
            {"dependencies": [FINE, BAD]},
            1,
            "Known vulnerabilities:\njinja2 3.1.0: PYSEC-1, mended in 3.1.6\njinja2 3.1.0: X-2, mended in no version yet",
        ),
    ],
)
def test_a_report_is_told_in_words_and_by_the_exit_status(supply: Any, report: Any, status: int, words: str) -> None:
    assert supply.verdict(report) == (status, words)


def test_the_packages_whose_licences_are_listed_are_those_that_are_pinned(supply: Any) -> None:
    names = supply.pinned([ROOT / "requirements.txt", ROOT / "requirements-extras.txt"])
    assert {"authlib", "streamlit", "torch", "pyvis"} <= set(names)


def test_make_audit_asks_both(supply: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(supply, "_asked", lambda: None)
    assert supply.main() == 0
    said = capfd.readouterr().out
    assert said.startswith("No database of vulnerabilities can be reached")
    assert "| streamlit " in said
    assert "docs/supply.py" in (ROOT / "Makefile").read_text(encoding="utf-8")
