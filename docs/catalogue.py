"""Brings the catalogues of messages up to date with the code: ``python docs/catalogue.py [pages|figures|settings|core ...]``.

New messages are added with an empty translation to be written, and printed; those that nobody says any more are taken out.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
CATALOGUES = ROOT / "metarec_core" / "language"
ROOMS = ("core", "figures", "pages", "settings")
SAID = {"say": (0,), "later": (0,), "several": (1, 2)}
"""Functions that take messages, and which of their arguments these are."""
SETTINGS = "metarec_core/config.py"
"""Whose fields are shown by their names, with the text under each as its tooltip."""


def room_of(file: Path) -> str:
    """The catalogue that a source file's messages are in."""
    parts = file.relative_to(ROOT).parts
    if parts[0] != "metarec_core":
        return "pages"
    if file == ROOT / SETTINGS:
        return "settings"
    return "figures" if parts[1] == "figures" else "core"


def sources() -> Iterator[Path]:
    """Every source file of the application."""
    yield ROOT / "app.py"
    for folder in ("pages", "metarec_core"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def messages(file: Path) -> list[str]:
    """The literals that a file says, in their order."""
    found = []
    tree = ast.parse(file.read_text(encoding="utf-8"))
    if file == ROOT / SETTINGS:
        found += settings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            for place in SAID.get(name, ()):
                argument = node.args[place] if place < len(node.args) else None
                for literal in ast.walk(argument) if isinstance(argument, ast.IfExp) else [argument]:
                    if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
                        found.append((literal.lineno, literal.col_offset, literal.value))
    return [text for _, _, text in sorted(found)]


def settings(tree: ast.Module) -> Iterator[tuple[int, int, str]]:
    """Title and tooltip of each setting, and the first line about each section, as the forms show them."""
    for section in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        if text := ast.get_docstring(section):
            yield section.lineno, 0, text.splitlines()[0]
        for field, below in zip(section.body, [*section.body[1:], None], strict=True):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                yield field.lineno, 0, field.target.id.replace("_", " ").capitalize()
                if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
                    yield below.lineno, 0, inspect.cleandoc(str(below.value.value))


def said_in(room: str) -> list[str]:
    """All messages of a room, each once."""
    return list(dict.fromkeys(text for file in sources() if room_of(file) == room for text in messages(file)))


def read(language: str, room: str) -> dict[str, str]:
    """One catalogue as it is."""
    path = CATALOGUES / language / f"{room}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def languages() -> list[str]:
    """Codes of the languages that have catalogues: a folder each."""
    return sorted(folder.name for folder in CATALOGUES.iterdir() if folder.is_dir() and not folder.name.startswith("_"))


def main(rooms: list[str]) -> None:
    """Write the catalogues, and print what is still to be translated."""
    for language in languages():
        for room in rooms or ROOMS:
            known = {key: value for one in (*ROOMS, room) for key, value in read(language, one).items() if value}
            found = {text: known.get(text, "") for text in said_in(room)}
            path = CATALOGUES / language / f"{room}.json"
            path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            missing = [text for text, said in found.items() if not said]
            print(f"{path.relative_to(ROOT)}: {len(found)} messages, {len(missing)} to translate")
            for text in missing:
                print(json.dumps(text, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1:])
