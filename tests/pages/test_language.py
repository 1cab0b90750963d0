"""Pages in Chinese: nothing of the interface still reads as English, and the language changes nothing else."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from metarec_core import api
from metarec_core.jobs import demo
from metarec_core.language import say, speaking
from pages._ui import export
from tests.pages.conftest import ROOT, Open, address, said
from tests.reading import chinese, foreign, reads_as_english

NAMES = {"MetaRec", "CSV", "SVG", "GraphML", "Language · 语言", "简体中文"}
"""Labels that are names."""

PAGES: tuple[tuple[str, dict[str, str]], ...] = (
    ("home", {}),
    ("data", {}),
    ("train", {}),
    ("train", {"job": "run"}),
    ("evaluate", {}),
    ("recommendations", {}),
    ("recommendations", {"desk": "what_if"}),
    ("recommendations", {"desk": "new_user"}),
    ("recommendations", {"desk": "new_item"}),
    ("recommendations", {"desk": "compare"}),
    ("attention", {}),
    ("knowledge_graph", {}),
    ("knowledge_graph", {"graph": "paths"}),
    ("knowledge_graph", {"graph": "map"}),
    ("meta_knowledge", {}),
    ("review", {}),
    ("home", {"tour": "1"}),
)


@pytest.fixture(scope="module")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the demo that is shipped."""
    folder = tmp_path_factory.mktemp("chinese") / "workspace"
    demo.bring(folder)
    return folder


@pytest.fixture
def in_demo(demo_workspace: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The demo's workspace is open; the id of its run."""
    monkeypatch.setenv("METAREC_WORKSPACE", str(demo_workspace))
    monkeypatch.setattr(api, "SAMPLE_DATA", ROOT / "sample_data")
    return api.list_runs(demo_workspace)[0].run_id


@pytest.mark.parametrize(
    ("page", "parameters"),
    PAGES,
    ids=["-".join((page, *parameters.values())) for page, parameters in PAGES],
)
def test_nothing_on_a_chinese_page_reads_as_english(
    page: str, parameters: dict[str, str], in_demo: str, demo_workspace: Path, open_page: Open
) -> None:
    asked = {name: in_demo if value == "run" else value for name, value in parameters.items()}
    app = open_page(page, lang="zh", **asked)
    assert not app.exception
    data = foreign(demo_workspace, in_demo)
    texts = list(worded(app))
    assert len(texts) > 5
    assert {text for _, text in texts if reads_as_english(text, data)} == set()
    labels = {text for kind, text in texts if kind == "label"} - NAMES - data
    assert {text for text in labels if not chinese(text) and re.search("[A-Za-z]{2}", text)} == set()


def worded(app: Any) -> Iterator[tuple[str, str]]:
    """Every text on the page that is the interface's: labels, and what is longer."""
    for tree in (app.main, app.sidebar):
        yield from _texts(tree)


LABELS = {"label", "header"}
LONGER = {"body", "help", "title", "text", "placeholder", "options", "alt"}


def _texts(node: Any) -> Iterator[tuple[str, str]]:
    for child in getattr(node, "children", {}).values():
        proto = getattr(child, "proto", None)
        if proto is not None and hasattr(proto, "DESCRIPTOR"):
            yield from _of_proto(proto)
        yield from _texts(child)


def _of_proto(proto: Any) -> Iterator[tuple[str, str]]:
    for field, value in proto.ListFields():
        if isinstance(value, str):
            if field.name in LABELS:
                yield "label", value
            elif field.name in LONGER:
                yield field.name, value
            elif field.name == "columns" and value:  # of a table
                for column in json.loads(value).values():
                    yield from (("label", column["label"]) for _ in [0] if column.get("label"))
                    yield from (("help", column["help"]) for _ in [0] if column.get("help"))
        elif field.message_type is not None and field.name != "arrow_data":
            for one in value if hasattr(value, "__iter__") and not hasattr(value, "ListFields") else [value]:
                if hasattr(one, "ListFields"):
                    yield from _of_proto(one)
        elif field.name in LONGER and hasattr(value, "__iter__"):
            yield from ((field.name, text) for text in value if isinstance(text, str))


TEXTS = {
    "first": {
        *(
            "title",
            "header",
            "subheader",
            "markdown",
            "caption",
            "write",
            "info",
            "success",
            "warning",
            "error",
            "toast",
        ),
        *(
            "button",
            "toggle",
            "checkbox",
            "selectbox",
            "multiselect",
            "radio",
            "slider",
            "select_slider",
            "number_input",
        ),
        *("text_input", "text_area", "date_input", "datetime_input", "file_uploader", "segmented_control", "metric"),
        *("download_button", "form_submit_button", "expander", "popover", "spinner", "badge", "tabs", "csv_button"),
        *("file_button", "Column", "NumberColumn", "TextColumn"),
    },
    "second": {"progress", "table", "pick", "switch", "tabbed", "type_in", "view"},
}
"""Calls by which of their arguments is read; by name, ``help`` and the like are everywhere."""

NAMED = {"help", "placeholder", "title", "alt", "text", "label"}
SAID = {"say", "several", "later", "plain"}


@pytest.mark.parametrize("file", [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))], ids=lambda file: file.name)
def test_every_text_that_a_page_shows_is_said(file: Path) -> None:
    unsaid = []
    for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call):
            for argument in _read(call):
                unsaid += [f"{file.name}:{call.lineno}: {text}" for text in _literals(argument) if text not in NAMES]
    assert unsaid == []


def _read(call: ast.Call) -> list[ast.expr]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    place = 0 if name in TEXTS["first"] else 1 if name in TEXTS["second"] else None
    if place is None:
        return [word.value for word in call.keywords if word.arg in {"alt", "help", "placeholder"}]
    on_frame = name == "table" and isinstance(call.func, ast.Attribute)  # st.table has its sentence in ``alt``
    texts = [] if on_frame else call.args[place : place + 1]
    return [*texts, *(word.value for word in call.keywords if word.arg in NAMED)]


def _literals(node: ast.expr) -> Iterator[str]:
    """Words in an argument that nobody says."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SAID:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if re.search("[A-Za-z]{2}", re.sub(r":[a-z_]+(/\w+)?:|:[a-z]+\[", "", node.value)):
            yield node.value
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            if isinstance(part, ast.Constant):
                yield from _literals(part)
    elif isinstance(node, ast.IfExp):
        yield from (*_literals(node.body), *_literals(node.orelse))
    elif isinstance(node, ast.BoolOp | ast.List | ast.Dict):
        for value in node.elts if isinstance(node, ast.List) else node.values:
            yield from _literals(value)


def test_a_link_without_a_language_is_read_in_its_readers(
    in_demo: str, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(st.context), "locale", "zh-CN")
    with speaking("zh"):  # the test reads the page's choices outside of its session
        app = open_page("evaluate", run=in_demo)
    assert app.title[0].value == "评估"
    assert "lang" not in address(app)


def test_a_language_that_nobody_speaks_here_is_english(
    in_demo: str, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(st.context), "locale", "fr-FR")
    assert open_page("review", run=in_demo).title[0].value == "Review"
    assert open_page("review", run=in_demo, lang="xx").title[0].value == "Review"


def test_choosing_a_language_goes_into_the_address_and_keeps_the_rest_of_it(in_demo: str, demo_workspace: Path) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    before = address(app)
    assert "Look around: a demo is ready" in said(app)
    app.selectbox(key="_pick_lang").set_value("zh").run()
    assert "随便看看：演示已就绪" in said(app)
    assert address(app) == before | {"lang": "zh"}


def test_what_was_said_to_one_reader_is_not_kept_for_another(
    in_demo: str, demo_workspace: Path, open_page: Open
) -> None:
    open_page("evaluate", run=in_demo)
    app = open_page("evaluate", run=in_demo, lang="zh")
    data = foreign(demo_workspace, in_demo)
    assert {line for line in said(app).splitlines() if reads_as_english(line, data)} == set()


def test_files_are_english_whoever_takes_them(in_demo: str) -> None:
    with speaking("zh"):
        assert say("Runs") == "运行"
        assert export.told(lambda: say("Runs").encode(), "runs.csv")() == b"Runs"
