"""Every table can be taken away: the framework's own export is off, because it leaves formulas in cells."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOWS, TAKES = {"table", "still", "dataframe"}, {"csv_button", "file_button"}
FRAMES = {"figures", "chances", "standings"}
FILES = sorted(path for path in (ROOT / "pages").rglob("*.py") if path.name != "table.py")


def calls(node, names):
    """Calls by these names within a node, other than of what is not on the page (``figures.table`` makes a frame)."""
    for found in ast.walk(node):
        if isinstance(found, ast.Call):
            called = found.func
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            of = called.value if isinstance(called, ast.Attribute) else None
            if name in names and not (isinstance(of, ast.Name) and of.id in FRAMES):
                yield found


def takes(statement):
    """Whether a statement is a button for a file, a row of them, or one for those who may have it."""
    if isinstance(statement, ast.With):
        return any(calls(statement.items[0], {"container"})) and any(map(takes, statement.body))
    if isinstance(statement, ast.If):
        return any(calls(statement.test, {"may"})) and any(map(takes, statement.body))
    return isinstance(statement, ast.Expr) and any(calls(statement, TAKES))


def without_download(source):
    """Lines of tables that neither name their file nor have a button for one below, in the same block or the one around it."""
    missing = []

    def look(block, offered):
        for place, statement in enumerate(block):
            below = any(map(takes, block[place + 1 :]))
            inner = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
            for statements in inner:
                look(statements, below and not isinstance(statement, ast.FunctionDef))
            if not any(inner):
                named = (call for call in calls(statement, SHOWS) if all(word.arg != "file" for word in call.keywords))
                missing.extend(call.lineno for call in named if not (offered or below))

    look(ast.parse(source).body, False)
    return missing


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_table_of_a_page_has_a_download(path):
    assert without_download(path.read_text(encoding="utf-8")) == []


def test_the_test_sees_a_table_without_a_file_and_one_with():
    assert without_download("if found:\n    table(frame, 'What')\n") == [2]
    assert without_download("right.table(frame)\nst.dataframe(frame)\n") == [1, 2]
    assert without_download("table(frame, 'What', file='a.csv')\n") == []
    assert (
        without_download(
            "with left:\n    table(figures.table(frame), 'What')\nexport.csv_button('All', make, 'a.csv')\n"
        )
        == []
    )
    assert without_download("export.csv_button('All', make, 'a.csv')\ntable(frame, 'What')\n") == [2]


def test_the_export_that_does_not_escape_formulas_is_off():
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert config["client"]["disableDataExport"] is True
