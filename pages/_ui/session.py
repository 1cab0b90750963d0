"""What is chosen (data set, run, job, user, item): plain ids in the address, so that a link opens the same view.

The address is the truth. A session remembers the last choice only to put it back into the address when a page is opened from
the navigation. Widgets show titles; the address holds ids, so it is kept here by hand and not with ``bind=``, which would write
the titles into it and leave out whatever equals the default.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NoReturn

import streamlit as st

from metarec_core.language import say

Choice = Literal[
    "data",
    "run",
    "job",
    "user",
    "item",
    "desk",
    "scenario",
    "other",
    "graph",
    "node",
    "opened",
    "colour",
    "layout",
    "review",
    "position",
    "reviewer",
    "source",
    "tour",
    "lang",
]
Page = Literal[
    "home",
    "data",
    "train",
    "evaluate",
    "recommendations",
    "attention",
    "knowledge_graph",
    "meta_knowledge",
    "review",
]

WORKSPACE_VARIABLE = "METAREC_WORKSPACE"


def workspace() -> Path:
    """The one folder the app writes to."""
    return Path(os.environ.get(WORKSPACE_VARIABLE) or "workspace").resolve()


def chosen(name: Choice) -> str | None:
    """The id in the address; without one, what this session chose last, which is put back into the address."""
    value = st.query_params.get(name)
    if value is None:
        value = st.session_state.get(_memory(name))
        if value is not None:
            st.query_params[name] = value
    st.session_state[_memory(name)] = value
    return value


def chosen_or(name: Choice, default: str) -> str:
    """The id in the address; without one, the default, which from then on is named there like any other."""
    value = chosen(name)
    if value is None:
        choose(name, default)
    return value or default


def choose(name: Choice, value: str | None) -> None:
    """Change a choice, in the address and in the session's memory."""
    st.session_state[_memory(name)] = value
    if value is None:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value


def lay_aside(name: Choice, owner: str | None) -> None:
    """Take a choice out of the address, and keep it for ``take_up`` with the same owner."""
    value = chosen(name)
    if value is not None:
        st.session_state.setdefault(_aside(name), {})[owner] = value
        choose(name, None)


def take_up(name: Choice, owner: str | None) -> str | None:
    """Put the choice that was laid aside for an owner back into the address; None where there is none."""
    value: str | None = st.session_state.get(_aside(name), {}).pop(owner, None)
    if value is not None:
        choose(name, value)
    return value


def pick(
    name: Choice,
    label: str,
    options: Sequence[str],
    title: Callable[[str], str] = str,
    *,
    help: str | None = None,
    placeholder: str | None = None,
    clears: Choice | None = None,
) -> str | None:
    """A selectbox over ids that shows their titles and follows the address.

    Args:
        name: The choice it makes.
        label: Above the widget.
        options: Ids.
        title: What is shown for an id.
        help: Tooltip.
        placeholder: Shown while nothing is chosen.
        clears: Another choice that means nothing once this one changes.

    Returns:
        The chosen id; None when nothing is chosen or the address holds an id that is not among the options.
    """
    wanted = chosen(name)
    key = f"_pick_{name}"
    found = wanted in options
    st.session_state[key] = wanted if found else None
    return st.selectbox(
        label,
        options,
        index=0 if found else None,  # None would offer to clear the choice; the value itself comes from the session
        format_func=told_apart(options, title),
        key=key,
        help=help,
        placeholder=placeholder or say("Choose an option"),
        on_change=_picked,
        args=(name, key, clears),
    )


def told_apart(options: Sequence[str], title: Callable[[str], str]) -> Callable[[str], str]:
    """What a widget shows for ids: their titles, with the id behind those that several have.

    A widget knows its options by what they show. With two that look the same it would take the one for the other.
    """
    titles = {option: title(option) for option in options}
    shared = {shown for shown, n in Counter(titles.values()).items() if n > 1}

    def shown_for(option: str) -> str:
        shown = titles.get(option) or title(option)
        return say("{title} ({id})", title=shown, id=option) if shown in shared else shown

    return shown_for


def type_in(name: Choice, label: str, *, help: str | None = None, clears: Choice | None = None) -> str | None:
    """A text field for an id where there are too many to list; follows the address."""
    key = f"_type_{name}"
    st.session_state[key] = chosen(name) or ""
    return st.text_input(label, key=key, help=help, on_change=_picked, args=(name, key, clears)) or None


def number(name: Choice) -> int:
    """A whole number in the address; 0 where there is none."""
    value = chosen(name) or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 4 else 0


def switch(name: Choice, label: str, titles: Mapping[str, str]) -> str:
    """Which of several views is shown, as buttons side by side that follow the address; the first when it names none."""
    wanted = chosen(name)
    value = wanted if wanted is not None and wanted in titles else next(iter(titles))
    key = f"_pick_{name}"
    st.session_state[key] = value
    st.segmented_control(
        label,
        list(titles),
        required=True,
        format_func=lambda value: say(titles[value]),
        key=key,
        label_visibility="collapsed",
        on_change=_picked,
        args=(name, key, None),
    )
    return value


def open_page(page: Page, **choices: str) -> NoReturn:
    """Go to another page with these choices."""
    for name, value in choices.items():
        st.session_state[_memory(name)] = value
    st.switch_page(f"pages/{page}.py", query_params=choices)


def view(name: str, titles: Mapping[str, str]) -> str:
    """Which of several views of a page is shown; the first until another is chosen here or with ``show``."""
    key = _memory(name)
    wanted = st.session_state.pop(_wanted(name), None) or st.session_state.get(key) or next(iter(titles))
    st.session_state[key] = wanted
    st.segmented_control(
        say("View"),
        list(titles),
        required=True,
        format_func=lambda value: say(titles[value]),
        key=key,
        label_visibility="collapsed",
        persist_state="session",
    )
    return str(st.session_state[key])


def show(name: str, value: str) -> None:
    """Show another view of a page from its next run on."""
    st.session_state[_wanted(name)] = value


def raise_flag(name: str) -> None:
    """Leave a note for the run that follows a callback."""
    st.session_state[f"_flag_{name}"] = True


def flag(name: str) -> bool:
    """Whether the note is there; reading takes it away."""
    return bool(st.session_state.pop(f"_flag_{name}", False))


def selected_rows(key: str) -> list[int]:
    """Rows selected in a keyed table; for its callback."""
    return list(st.session_state[key].selection.rows)


def selected_points(key: str) -> list[str]:
    """The ``customdata`` of the points selected in a keyed chart; for its callback."""
    found = [point.get("customdata") for point in st.session_state[key].selection.points]
    return [str(data[0] if isinstance(data, list) else data) for data in found if data]


def _wanted(name: str) -> str:
    return f"_wanted_{name}"


def _picked(name: Choice, key: str, clears: Choice | None) -> None:
    choose(name, st.session_state[key] or None)
    if clears is not None:
        choose(clears, None)


def _aside(name: str) -> str:
    return f"_aside_{name}"


def _memory(name: str) -> str:
    return f"_chosen_{name}"
