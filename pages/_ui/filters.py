"""What a list may have: attributes, numbers, seen and new items, and how unlike each other its items are.

The address has it as one link's text; widgets follow it, and a change of any of them writes it anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

import streamlit as st

from metarec_core import api
from metarec_core.errors import InputError
from metarec_core.figures import diversity as figures
from metarec_core.language import say, several
from pages._ui import cache, session
from pages._ui.chart import chart
from pages._ui.folded import folded
from pages._ui.table import table
from pages._ui.text import plain

MOST_VALUES: Final = 1_000
MOST_VARIED: Final = 0.9

Ranges = Mapping[str, tuple[float, float]]


def filters(run_id: str, recommender: api.Recommender) -> api.Selection:
    """The controls, folded away until wanted."""
    ranges = api.number_ranges(recommender.dataset)
    new = int(recommender.new_items.sum())
    asked = _asked(recommender, ranges, new)
    folded(
        say("Filters and variety"),
        partial(_controls, run_id, recommender, asked, ranges, new),
        key="filters",
        icon=":material/tune:",
        expanded=asked != api.Selection(),
        steers=True,
    )
    return asked


def _controls(run_id: str, recommender: api.Recommender, asked: api.Selection, ranges: Ranges, new: int) -> None:
    named = [name for name in recommender.dataset.attributes if name not in ranges]
    told: dict[str, Any] = {"on_change": _changed, "args": (named, ranges)}
    with st.grid("auto", min_column_width=260):
        for name, attribute in recommender.dataset.attributes.items():
            title = name.replace("_", " ").capitalize()
            if name in ranges:
                key = _key(f"range.{name}", asked.ranges.get(name, ranges[name]))
                st.slider(title, *ranges[name], key=key, **told)
            else:
                chosen = list(asked.values.get(name, ()))
                options = list(dict.fromkeys([*attribute.vocabulary.ids[:MOST_VALUES], *chosen]))
                st.multiselect(title, options, key=_key(f"value.{name}", chosen), placeholder=say("any"), **told)
    with st.container(horizontal=True):
        st.toggle(say("Hide items already seen"), key=_key("unseen", not asked.seen), **told)
        tip = (
            several(new, "{n:,} item has no events.", "{n:,} items have no events.")
            if new
            else say("Every item of this run has events.")
        )
        st.toggle(say("Only items without events"), key=_key("new", asked.only_new), disabled=not new, help=tip, **told)
    if recommender.content.any():
        st.slider(
            say("Variety"), 0.0, MOST_VARIED, step=0.1, key=_key("diversity", asked.diversity), **told,
            help=say(
                "Each position goes to an item that scores high and differs from those above it, by text and knowledge."
            ),
        )  # fmt: skip
        if asked.diversity:
            _cost(run_id, asked.diversity)
    else:
        st.caption(say("This model knows items only by their events, so it cannot tell how similar they are."))


def _cost(run_id: str, diversity: float) -> None:
    cost = cache.diversity_cost(run_id)
    words = figures.cost_words(cost, diversity)
    st.caption(plain(words))
    chart(figures.cost_curve(cost, diversity), key="cost", alt=words)
    with st.popover(say("As a table")):
        table(
            figures.cost_table(cost),
            say("What each level of variety costs"),
            file=f"metarec-{run_id}-variety.csv",
        )


def _asked(recommender: api.Recommender, ranges: Ranges, new: int) -> api.Selection:
    """What the address asks for; what these items cannot have is told, and left out."""
    link = session.chosen("filter")
    if link is None:
        return api.Selection()
    try:
        asked = api.Selection.from_link(link)
    except InputError as error:
        st.error(plain(str(error)), icon=":material/error:")
        session.choose("filter", None)
        return api.Selection()
    attributes = recommender.dataset.attributes
    known = {name: set(attributes[name].vocabulary.ids) for name in attributes if name not in ranges}
    values = {
        name: tuple(value for value in asked.values[name] if value in known[name])
        for name in asked.values
        if name in known
    }
    between = {name: _within(asked.ranges[name], ranges[name]) for name in asked.ranges if name in ranges}
    fits = replace(
        asked,
        values={name: chosen for name, chosen in values.items() if chosen},
        ranges={name: ends for name, ends in between.items() if ends != ranges[name]},
        only_new=asked.only_new and new > 0,
        diversity=min(round(asked.diversity, 1), MOST_VARIED) if recommender.content.any() else 0.0,
    )
    if fits != asked:
        st.warning(
            say("Some filters in this link do not match these items and were left out."),
            icon=":material/filter_alt_off:",
        )
        session.choose("filter", fits.to_link() or None)
    return fits


def _within(ends: tuple[float, float], whole: tuple[float, float]) -> tuple[float, float]:
    low, high = (min(max(end, whole[0]), whole[1]) for end in sorted(ends))
    return low, high


def _key(name: str, value: object) -> str:
    """The key of a widget, which shows what the address says."""
    key = f"filter.{name}"
    st.session_state[key] = value
    return key


def _changed(names: Sequence[str], ranges: Ranges) -> None:
    """A callback: all widgets as they stand, into the address."""
    now = st.session_state
    values = {name: tuple(now[f"filter.value.{name}"]) for name in names}
    between = {name: now[f"filter.range.{name}"] for name in ranges}
    wanted = api.Selection(
        {name: chosen for name, chosen in values.items() if chosen},
        {name: (float(low), float(high)) for name, (low, high) in between.items() if (low, high) != ranges[name]},
        not now["filter.unseen"],
        now["filter.new"],
        round(now.get("filter.diversity", 0.0), 1),
    )
    try:
        session.choose("filter", wanted.to_link() or None)
    except InputError as error:
        st.toast(plain(str(error)), icon=":material/error:")
