"""The README's file tree and settings are those of the project."""

import re
from pathlib import Path

import pytest

from metarec_core.config import setting_names

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _listed() -> set[str]:
    """Paths of the tree: a line ending in ``/`` opens a folder, deeper lines are in it."""
    (tree,) = re.findall(r"## File tree\n.*?```\n(.*?)```", README, re.DOTALL)
    paths, folders = set(), []
    for line in tree.splitlines():
        indent = (len(line) - len(line.lstrip())) // 2
        name = line.split()[0]
        folders = folders[:indent]
        paths.add("/".join([*folders, name]).replace("//", "/"))
        if name.endswith("/"):
            folders.append(name.rstrip("/"))
    return paths


def _files() -> list[str]:
    found = [*ROOT.glob("*.py"), *ROOT.glob("pages/**/*.py"), *ROOT.glob("metarec_core/**/*.py")]
    return [str(path.relative_to(ROOT)) for path in found if path.name not in ("__init__.py", "__main__.py")]


def test_every_source_file_has_its_line_in_the_tree():
    assert sorted(set(_files()) - _listed()) == []


def test_every_line_of_the_tree_is_there():
    assert [path for path in sorted(_listed()) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_every_link_leads_somewhere(name):
    assert (ROOT / name).exists()


@pytest.mark.parametrize("setting", re.findall(r"--set ([a-z_.]+)=", README))
def test_settings_in_examples_exist(setting):
    assert setting in setting_names()
