"""What importing costs, and what the frame and the pages may import (import-linter sees packages, not ``app.py``)."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OPEN_TO_PAGES = ("access", "api", "audit", "config", "errors", "figures", "jobs", "language", "review")


def loaded(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*(name for name in sys.modules if '.' not in name))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(result.stdout.split())


def imports(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("module", ["metarec_core.api", "metarec_core.jobs.runner", "metarec_core.figures.train"])
def test_the_front_door_loads_no_torch_and_no_user_interface(module: str):
    assert not loaded(f"import {module}") & {"torch", "streamlit"}


def test_the_command_line_is_built_without_anything_heavy():
    assert not loaded("from metarec_core import cli; cli._parser()") & {
        "torch",
        "pandas",
        "numpy",
        "pyarrow",
        "pydantic",
    }


@pytest.mark.parametrize("file", [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))], ids=lambda file: file.name)
def test_the_frame_and_pages_only_place_things(file: Path):
    for name in imports(file):
        package, *rest = name.split(".")
        assert package not in {"pandas", "numpy", "torch", "pyarrow", "scipy"}, name
        assert package != "metarec_core" or rest[0] in OPEN_TO_PAGES, name


@pytest.mark.parametrize("file", sorted((ROOT / "metarec_core").rglob("*.py")), ids=lambda file: file.name)
def test_the_core_imports_no_user_interface(file: Path):
    assert not [name for name in imports(file) if name.split(".")[0] in {"streamlit", "pages", "app"}]
