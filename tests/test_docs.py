"""The documentation does what it says: its commands and examples run, its links lead somewhere, its lists are complete.

A fenced ```bash or ```python block runs unless a comment right above it says ``<!-- not run: why -->``. The bash blocks of a
file are one script in a folder of their own, in order; each python block is a program. Commands that are not run are parsed.
Commands are always fenced: in an indented block nobody would try them.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest
from streamlit import config as streamlit_config

from metarec_core import cli
from metarec_core.config import Protocol
from metarec_core.evaluation import trust
from metarec_core.figures.evaluate import MEASURE_TITLES
from metarec_core.figures.parts import PART_STYLES
from metarec_core.figures.review import RULE_TITLES
from metarec_core.graph.paths import PathKind
from metarec_core.training.tune import SPACE
from pages._ui.session import WORKSPACE_VARIABLE, Page
from tests.docs_script import docs_script
from tests.tiny_files import write_files

ROOT = Path(__file__).resolve().parents[1]
FILES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
NAMES = [str(path.relative_to(ROOT)) for path in FILES]
BLOCK = re.compile(
    r"(?:<!-- not run: (?P<why>[^\n]+) -->\n+)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.M
)
QUICK = """
from metarec_core import config
for name in config.PRESETS:
    config.PRESETS[name] = {
        "model": {"sequence": False, "meta": False, "text_encoder": "tf-idf"},
        "evaluation": {"bootstrap_draws": 100, "ablation": False, "baselines": ["popular", "transition"]},
    }
"""
"""Every preset without what takes minutes: put before whatever runs here."""

PYTHON = f"""#!{sys.executable}
{QUICK}
import runpy, sys
_, how, what, *words = sys.argv
sys.argv = [what, *words]
runpy.run_module(what, run_name="__main__", alter_sys=True) if how == "-m" else exec(what)
"""
"""What ``python -m module`` and ``python -c text`` are in a script."""


@dataclass(frozen=True)
class Block:
    """A fenced block: in which file and line, its language, its text, and why it is not run ("" where it is)."""

    place: str
    language: str
    text: str
    why: str


def _blocks(name: str) -> list[Block]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [
        Block(
            f"{name}:{text.count(chr(10), 0, found.start()) + 1}", found["language"], found["text"], found["why"] or ""
        )
        for found in BLOCK.finditer(text)
    ]


BLOCKS = [block for name in NAMES for block in _blocks(name)]
SCRIPTS = {
    name: "".join(block.text for block in _blocks(name) if block.language == "bash" and not block.why) for name in NAMES
}
PROGRAMS = [block for block in BLOCKS if block.language == "python" and not block.why]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that looks like the checkout to a command: small files, the samples, and ``python`` on the path."""
    behaviour, _ = write_files(tmp_path)
    behaviour.write_text(behaviour.read_text(encoding="utf-8").replace("u07", "u42"), encoding="utf-8")
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_text(PYTHON, encoding="utf-8")
    (tmp_path / "bin" / "python").chmod(0o755)
    return tmp_path


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False
    )


@pytest.mark.parametrize("name", [name for name, script in SCRIPTS.items() if script])
def test_the_commands_of_a_file_run_one_after_the_other(name, folder):
    done = _run(["bash", "-euo", "pipefail", "-c", SCRIPTS[name]], folder)
    assert done.returncode == 0, f"{name}\n{done.stderr[-2_000:]}"


@pytest.mark.parametrize("block", PROGRAMS, ids=lambda block: block.place)
def test_an_example_in_python_runs(block, folder):
    done = _run([sys.executable, "-c", QUICK + block.text], folder)
    assert done.returncode == 0, f"{block.place}\n{done.stderr[-2_000:]}"


INDENTED = re.compile(r"(?<=\n\n)(?: {4,}[^\n]*\n)+")
COMMAND = re.compile(r" {4,}(?:\$ )?(?:python|pip|make|torchrun|docker|podman|streamlit|import|from)\b")


@pytest.mark.parametrize("name", NAMES)
def test_commands_and_programs_are_in_fenced_blocks(name):
    text = re.sub(r"^```.*?^```$", "", (ROOT / name).read_text(encoding="utf-8"), flags=re.DOTALL | re.M)
    blocks = [found[0] for found in INDENTED.finditer(text)]
    assert [line for block in blocks for line in block.splitlines() if COMMAND.match(line)] == []


def _commands(text: str) -> list[list[str]]:
    """The words of each command of a script, also of those in pipes and substitutions; redirections and comments cut off."""
    text = re.sub(r"(^|\s)#.*$", "", text.replace("\\\n", " "), flags=re.M)
    lexer = shlex.shlex(text, posix=True, punctuation_chars="|&;()<>\n")
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t", True, ""
    found: list[list[str]] = [[]]
    aside = False
    for word in lexer:
        if set(word) <= set("<>"):
            aside = True
        elif set(word) <= set("|&;()\n"):
            aside = False
            found.append([])
        elif not aside:
            found[-1].append(word)
    return [words for words in found if words]


SHELL = [(block.place, words) for block in BLOCKS if block.language == "bash" for words in _commands(block.text)]


def _after(words: list[str], *start: str) -> list[str] | None:
    """What comes after some words that stand next to each other."""
    for place in range(len(words) - len(start) + 1):
        if [Path(word).name for word in words[place : place + len(start)]] == list(start):
            return words[place + len(start) :]
    return None


def test_every_command_of_the_project_that_is_shown_parses():
    parser = cli._parser()
    shown = [(place, arguments) for place, words in SHELL if (arguments := _after(words, "-m", "metarec_core"))]
    assert shown
    for place, arguments in shown:
        assert callable(parser.parse_args(arguments).verb), place


def test_every_setting_of_the_server_that_is_shown_exists():
    known = set(streamlit_config.get_config_options())
    unit = next(block for block in BLOCKS if block.language == "ini")
    lines = [word for _, words in SHELL for word in words] + unit.text.split()
    lines += (ROOT / "Containerfile").read_text(encoding="utf-8").replace('"', " ").split()
    shown = [word[2:].partition("=")[0].rstrip(",") for word in lines if re.match(r"--(server|browser|client)\.", word)]
    assert len(shown) >= 4
    assert sorted(set(shown) - known) == []
    for block in BLOCKS:
        if block.language == "toml":
            sections = tomllib.loads(block.text)
            assert {f"{section}.{name}" for section, names in sections.items() for name in names} <= known, block.place


def test_every_make_target_that_is_shown_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    shown = {words[1] for _, words in SHELL if words[0] == "make"}
    assert {"app", "test"} <= shown <= targets


def _options_of(verb: str) -> set[str]:
    (verbs,) = (action for action in cli._parser()._actions if isinstance(action, argparse._SubParsersAction))
    return _known(verbs.choices[verb])


def _known(parser: argparse.ArgumentParser) -> set[str]:
    """Options of a parser and of those inside it."""
    inside = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    own = {option for action in parser._actions for option in action.option_strings}
    return own.union(*(_known(choice) for action in inside for choice in action.choices.values()))


def test_the_synopsis_in_the_readme_names_verbs_and_options_that_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"^python -m metarec_core (\S+) (.*(?:\n {4,}.*)*)", text, re.M)
    assert len(shown) >= 8
    for verb, options in shown:
        assert set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", options)) <= _options_of(verb), verb


def _anchors(path: Path) -> set[str]:
    """Anchors of a file as GitHub makes them from headings, and those set by hand."""
    text = path.read_text(encoding="utf-8")
    found: dict[str, int] = {}
    anchors = set(re.findall(r'<a id="([^"]+)">', text))
    for heading in re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.M), re.M):
        slug = (
            re.sub(r"[^\w\- ]", "", re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", heading).lower()).strip().replace(" ", "-")
        )
        found[slug] = found.get(slug, -1) + 1
        anchors.add(slug if not found[slug] else f"{slug}-{found[slug]}")
    return anchors


@pytest.mark.parametrize("name", NAMES)
def test_links_and_images_lead_somewhere(name):
    file = ROOT / name
    text = re.sub(r"^```.*?^```$|`[^`\n]+`", "", file.read_text(encoding="utf-8"), flags=re.DOTALL | re.M)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        there = file.parent / path if path else file
        assert there.exists(), f"{name} links to {target}"
        if anchor:
            assert anchor in _anchors(there), f"{name} links to {target}"


def test_no_anchor_is_set_twice():
    for path in FILES:
        ids = re.findall(r'<a id="([^"]+)">', path.read_text(encoding="utf-8"))
        assert len(ids) == len(set(ids)), path.name


def test_concepts_have_an_anchor_for_all_that_can_be_asked_about():
    wanted = {
        *(f"measure-{name}" for name in MEASURE_TITLES),
        *(f"part-{name}" for name in PART_STYLES),
        *(f"protocol-{name}" for name in get_args(Protocol)),
        *(f"rule-{name}" for name in RULE_TITLES),
        *(f"path-{name}" for name in get_args(PathKind)),
        *(name.replace("_", "-") if name != "meta_knowledge" else "meta-knowledge-page" for name in get_args(Page)),
        "interval", "paired-difference", "luck", "seeds", "trust-card", "badge", "effect", "dial", "borrowing", "chances",
    }  # fmt: skip
    assert sorted(wanted - _anchors(ROOT / "docs" / "concepts.md")) == []


def test_concepts_list_what_a_search_tries():
    text = (ROOT / "docs" / "concepts.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"^\| setting \| values \|\n\|---\|---\|\n((?:\|.*\|\n)+)", text, re.M)
    assert table.splitlines() == [f"| `{name}` | {values} |" for name, values in SPACE.items()]


def test_concepts_say_what_each_line_of_the_trust_card_looks_at():
    text = (ROOT / "docs" / "concepts.md").read_text(encoding="utf-8")
    lines = {"leakage", "ties", "future", "early items", "popular items", "users", "ranking", "seeds", "data"}
    assert [name for name in sorted(lines) if f"</a>{name} |" not in text] == []
    assert [name for name in trust.MUST_BEAT if name not in text.split('id="trust-beats"')[1].partition("\n")[0]] == []


def test_the_api_reference_is_up_to_date():
    written = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert docs_script("reference").reference() == written, "run: python docs/reference.py"


def test_a_check_of_the_api_reference_says_when_it_is_out_of_date(tmp_path, monkeypatch, capsys):
    module: Any = docs_script("reference")
    monkeypatch.setattr(module, "FILE", tmp_path / "api.md")
    assert module.main(["--check"]) == 1
    assert "run python docs/reference.py" in capsys.readouterr().err
    assert module.main([]) == 0
    assert module.main(["--check"]) == 0


def test_the_container_copies_files_that_exist_and_runs_as_nobody_special():
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    copied = [word for line in re.findall(r"^COPY (.+)$", text, re.M) for word in line.split()[:-1]]
    assert {"app.py", "pages", "metarec_core", ".streamlit"} <= set(copied)
    assert [name for name in copied if not (ROOT / name).exists()] == []
    passed = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.M)
    assert set(copied) <= set(passed)
    assert text.index("USER metarec") < text.index("CMD [")
    assert f"ENV {WORKSPACE_VARIABLE}=/data/" in text
    assert "/_stcore/health" in text


def test_what_deployment_says_of_the_app_is_so():
    text = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["server"]
    assert f"client_max_body_size {settings['maxUploadSize']}m;" in text
    assert f"max_size {settings['maxUploadSize']}MB" in text
    assert f"Environment={WORKSPACE_VARIABLE}=" in text
    proxies = [block.text for block in BLOCKS if block.language in ("nginx", "caddyfile")]
    assert not any("host-config" in proxy for proxy in proxies), "pages never come up without it"
    assert settings["address"] == "127.0.0.1"
    assert settings["enableCORS"]
    assert settings["enableXsrfProtection"]
    torch = re.search(r"^torch==\S+$", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.M)
    assert torch is not None
    assert set(re.findall(r"torch==[\d.]+", text)) == {torch[0]}


def test_blocks_that_are_not_run_say_why():
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in NAMES)
    assert len(re.findall(r"<!-- not run: \S", text)) == sum(bool(block.why) for block in BLOCKS)
