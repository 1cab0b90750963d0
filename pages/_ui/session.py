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
from typing import Any, Final, Literal, NoReturn

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
    "k",
    "measure",
    "slice",
    "worth",
    "across",
    "up",
    "shown",
    "events",
    "by",
    "view",
    "tab",
    "filter",
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

OF_A_RUN: Final[tuple[Choice, ...]] = ("review", "position")
"""Choices that mean nothing with another run."""
OF_DATA: Final[tuple[Choice, ...]] = (
    "user",
    "item",
    "scenario",
    "other",
    "node",
    "opened",
    "colour",
    "slice",
    "worth",
    "filter",
)
"""Choices that mean nothing with a run on other data."""

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


def keep_to(run: str, data: str, *, picked: bool = False) -> None:
    """Let go of what was chosen with another run, or on other data.

    Args:
        run: The run that is open.
        data: Its tables.
        picked: Whether it was picked on the page, so that the address still names what belongs to the one before; an address
            that came with the run, as that of a link, is believed.
    """
    for owner, now, names in (("run", run, OF_A_RUN), ("data", data, OF_DATA)):
        before = st.session_state.get(_owner(owner), now)
        st.session_state[_owner(owner)] = now
        for name in names if before != now else ():
            st.session_state[_memory(name)] = None
            st.session_state.pop(_aside(name), None)
            if picked:
                st.query_params.pop(name, None)


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
    default: str | None = None,
    then: Callable[[str | None], None] | None = None,
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
        default: Taken where the address names none of the options, and not put there.
        then: Called with what was picked, before the run that follows.

    Returns:
        The chosen id; None when nothing is chosen or the address holds an id that is not among the options.
    """
    wanted = chosen(name)
    key = f"_pick_{name}"
    if default is not None and wanted not in options:
        wanted = default
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
        args=(name, key, clears, then),
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


def switch(
    name: Choice, label: str, titles: Mapping[str, str], *, default: str | None = None, labelled: bool = False
) -> str:
    """One of a few, as buttons side by side that follow the address.

    Args:
        name: The choice it makes.
        label: What is chosen.
        titles: What is written on the button of each, to be said.
        default: What is taken where the address names none of them; the first when not given.
        labelled: Whether the label stands above.
    """
    wanted = chosen(name)
    value = wanted if wanted is not None and wanted in titles else default or next(iter(titles))
    key = f"_pick_{name}"
    st.session_state[key] = value
    st.segmented_control(
        label,
        list(titles),
        required=True,
        format_func=lambda value: say(titles[value]),
        key=key,
        label_visibility="visible" if labelled else "collapsed",
        on_change=_picked,
        args=(name, key, None),
    )
    return value


def tabbed(name: Choice, titles: Mapping[str, str]) -> dict[str, Any]:
    """Tabs that follow the address; what is in one is made when it is open.

    Args:
        name: The choice they make.
        titles: Of each, to be said.

    Returns:
        The tabs, each with ``open``.
    """
    labels = {say(title): id_ for id_, title in titles.items()}
    key = f"_pick_{name}"
    wanted = chosen(name)
    st.session_state[key] = say(titles[wanted if wanted is not None and wanted in titles else next(iter(titles))])
    found = st.tabs(list(labels), key=key, on_change=_opened, args=(name, key, labels))
    return dict(zip(titles, found, strict=True))


def open_page(page: Page, **choices: str) -> NoReturn:
    """Go to another page with these choices."""
    for name, value in choices.items():
        st.session_state[_memory(name)] = value
    st.switch_page(f"pages/{page}.py", query_params=choices)


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


def _picked(name: Choice, key: str, clears: Choice | None, then: Callable[[str | None], None] | None = None) -> None:
    value = st.session_state[key] or None
    choose(name, value)
    if clears is not None:
        choose(clears, None)
    if then is not None:
        then(value)


def _opened(name: Choice, key: str, labels: Mapping[str, str]) -> None:
    choose(name, labels.get(st.session_state[key]))


def _owner(name: str) -> str:
    return f"_owner_{name}"


def _aside(name: str) -> str:
    return f"_aside_{name}"


def _memory(name: str) -> str:
    return f"_chosen_{name}"
