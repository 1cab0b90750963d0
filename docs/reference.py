"""Write the API reference from the docstrings of what ``metarec_core.api`` offers.

``python docs/reference.py`` writes ``docs/api.md``; with ``--check`` it only says whether that file is up to date.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from metarec_core import api

FILE = Path(__file__).with_name("api.md")
WIDEST = 110
SECTIONS = ("Args", "Attributes", "Returns", "Yields", "Raises")
HEAD = """# API reference

<!-- Written by `python docs/reference.py` from the docstrings; change those, not this file. -->

Everything here is imported from one place: `from metarec_core import api`. Importing it loads no torch. A
[tutorial](tutorial.md) uses the most important verbs, [concepts](concepts.md) says what the figures mean.

What goes wrong on purpose is a `MetaRecError` of `metarec_core.errors`, whose text is one sentence for people: `InputError`
(with `DataError`, `ConfigError`, `UnknownIdError` and `RunError`) for what the caller can mend, `JobError` for a training that
was stopped or failed.
"""


def reference() -> str:
    """The whole file."""
    offered = {name: getattr(api, name) for name in api.__all__}
    verbs = {name: value for name, value in offered.items() if inspect.isfunction(value)}
    classes = {name: value for name, value in offered.items() if inspect.isclass(value)}
    others = {name: value for name, value in offered.items() if name not in verbs and name not in classes}
    groups = (("Verbs", verbs, _function), ("Classes", classes, _class), ("Other names", others, _other))
    lines = [HEAD]
    for title, members, _ in groups:
        lines += [f"**{title}:** " + ", ".join(f"[{name}](#{_anchor(title, name)})" for name in sorted(members)) + "\n"]
    for title, members, written in groups:
        lines += [f"## {title}\n"]
        for name in sorted(members):
            lines += [f'<a id="{_anchor(title, name)}"></a>\n', f"### `{name}`\n", *written(name, members[name])]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _anchor(title: str, name: str) -> str:
    """Anchors made from headings alone would be the same for names that differ in capitals only."""
    return f"{title.split()[0].lower()}-{name.lower()}"


def _function(name: str, function: Any) -> Iterator[str]:
    yield _code(_signature(name, function))
    yield _prose(function)


def _class(name: str, cls: Any) -> Iterator[str]:
    if issubclass(cls, BaseModel):
        yield _prose(cls)
        yield from _settings(cls)
    else:
        yield _code(_signature(f"class {name}", cls))
        yield _prose(cls)
    for member, value in _members(cls):
        if isinstance(value, property | cached_property):
            inner = value.fget if isinstance(value, property) else value.func
            given = getattr(inner, "__annotations__", {}).get("return", "Any")
            yield f"#### `{name}.{member}` → `{given}`\n"
            yield _prose(inner)
        else:
            inner = value.__func__ if isinstance(value, classmethod | staticmethod) else value
            yield f"#### `{name}.{member}`\n"
            yield _code(_signature(f"{name}.{member}", inner, bound=not isinstance(value, staticmethod)))
            yield _prose(inner)


def _other(name: str, value: Any) -> Iterator[str]:
    choices = get_args(value)
    yield _code(f"{name} = " + (" | ".join(map(repr, choices)) if choices else repr(value)))


def _members(cls: type[Any]) -> Iterator[tuple[str, Any]]:
    """Public methods and properties, those of this project's bases among them, in the order of the source."""
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("metarec_core"):
            found |= {name: value for name, value in vars(base).items() if not name.startswith("_")}
    for name, value in found.items():
        if inspect.isfunction(value) or isinstance(value, property | cached_property | classmethod | staticmethod):
            yield name, value


def _settings(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """A list of a config's settings with what holds when nothing is said, sections opened."""
    for name, field in model.model_fields.items():
        default = field.default
        if isinstance(default, BaseModel):
            yield from _settings(type(default), f"{path}{name}.")
        else:
            yield f"- `{path}{name} = {default!r}`: {_inline(field.description or '')}"
    yield ""


def _signature(name: str, called: Any, bound: bool = False) -> str:
    """A signature on one line, or a parameter a line where that is too long."""
    signature = inspect.signature(called)
    parameters = list(signature.parameters.values())[1 if bound else 0 :]
    words, keyword_only = [], False
    for parameter in parameters:
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            words.append("*")
            keyword_only = True
        words.append(_parameter(parameter))
    given = signature.return_annotation
    tail = "" if inspect.isclass(called) or given is signature.empty else f" -> {_annotation(given)}"
    line = f"{name}({', '.join(words)}){tail}"
    return line if len(line) <= WIDEST else f"{name}(\n" + "".join(f"    {word},\n" for word in words) + f"){tail}"


def _parameter(parameter: inspect.Parameter) -> str:
    typed = "" if parameter.annotation is parameter.empty else f": {_annotation(parameter.annotation)}"
    if parameter.default is parameter.empty:
        return f"{parameter.name}{typed}"
    default = parameter.default
    shown = f"{type(default).__name__}()" if isinstance(default, BaseModel) else repr(default)
    return f"{parameter.name}{typed} = {'…' if '<' in shown or len(shown) > 60 else shown}"


def _annotation(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", repr(annotation))


def _prose(documented: Any) -> str:
    """A Google docstring as Markdown."""
    lines: list[str] = []
    section, literal = "", False
    for line in (inspect.getdoc(documented) or "").splitlines():
        heading = line.removesuffix(":")
        if line.endswith(":") and heading in SECTIONS:
            section, literal = heading, False
            lines += ["", f"*{heading}*", ""]
        elif line == "::":
            literal = True
            lines += ["```text"]
        elif literal and line and not line.startswith(" "):
            literal = False
            lines += ["```", "", _inline(line)]
        elif literal:
            lines += [line.removeprefix("    ")]
        elif section and line.startswith("    ") and section not in ("Returns", "Yields"):
            lines += [_entry(line)]
        elif line and not line.startswith(" "):
            lines += ["", _inline(line)] if section else [_inline(line)]
            section = ""
        else:
            lines += [_inline(line.strip())]
    if literal:
        lines += ["```"]
    return "\n".join(lines).strip() + "\n"


def _entry(line: str) -> str:
    """One line of a list of arguments, attributes or errors."""
    if line.startswith(" " * 5):
        return f"  {_inline(line.strip())}"
    name, colon, text = line.strip().partition(": ")
    if not colon or "`" in name:
        return f"- {_inline(line.strip())}"
    return f"- `{name}`: {_inline(text)}"


def _inline(text: str) -> str:
    return re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text).replace("``", "`")


def _code(text: str) -> str:
    return f"```py\n{text}\n```\n"


def main(arguments: list[str]) -> int:
    """Write the file, or say whether it is up to date."""
    text = reference()
    if "--check" not in arguments:
        FILE.write_text(text, encoding="utf-8")
    elif not FILE.is_file() or FILE.read_text(encoding="utf-8") != text:
        print("docs/api.md is not what the docstrings say: run python docs/reference.py.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
