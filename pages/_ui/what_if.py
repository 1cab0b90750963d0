"""The what-if desk and the desk of somebody new: the same controls over a history that can be changed."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import streamlit as st

from metarec_core import api
from metarec_core.figures import recommendations as lists
from metarec_core.figures import what_if as figures
from metarec_core.figures.chances import CHANCE
from metarec_core.figures.parts import part_style
from metarec_core.language import say, several
from pages._ui import cache, desk, session
from pages._ui.bars import bars
from pages._ui.errors import shown
from pages._ui.folded import folded
from pages._ui.table import table
from pages._ui.text import plain
from pages._ui.twin import Numbers, twin

FACTORS: Final = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
MOST_OPTIONS: Final = 20_000
UNKNOWN: Final = ""
EARLIEST: Final = datetime(1900, 1, 1)
"""What the field takes and gives has no zone: it is UTC."""


def what_if(run_id: str, recommender: api.Recommender, user_id: str, k: int) -> None:
    """Change what a user did, the situation and the model, and see what moves."""
    current = desk.scenario(recommender, user_id)
    left, right = st.columns([4, 7], gap="medium")
    with left:
        _controls(recommender, current)
    with right, shown():
        found = api.what_if(recommender, current, k, _read(run_id, current))
        st.subheader(say("The new list"))
        st.caption(figures.moves_words(found.frame))
        for sentence in found.ignored:
            st.caption(plain(sentence))
        table(
            figures.moves_table(found.frame, recommender.title),
            say("The new list, with arrows that compare it with the current list"),
            widths={"Rank": 50, "Move": 70, "Title": 256, "Moved most by": 130},
            only=("Rank", "Move", "Title", "Moved most by"),
            file=f"metarec-{run_id}-what-if.csv",
        )
        changes = figures.change_bars(found.frame, recommender.title)
        if changes is not None:
            st.subheader(say("What changed"))
            st.caption(say("How much more, or less, each part contributes than before."))
            bars(changes, key="changes", alt=figures.change_words(found.frame, recommender.title))
            twin(
                Numbers(
                    say("Change of each part of each item's score"),
                    lambda: figures.change_table(found.frame, recommender.title),
                    f"metarec-{run_id}-changes.csv",
                )
            )
        desk.saved(current)


def new_user(run_id: str, recommender: api.Recommender, k: int) -> None:
    """Be somebody new: pick items or say what you like, and watch the list come about."""
    current = desk.scenario(recommender, None)
    left, right = st.columns([5, 7], gap="large")
    with left:
        st.text_input(
            say("Taste in words"),
            value=current.words,
            key=f"desk.words.{current.words}",
            max_chars=300,
            placeholder=say("for example: light tents for two"),
            help=say("The text part reads it like one more event. The other parts use the items you picked."),
            on_change=_said,
            args=(current, f"desk.words.{current.words}"),
        )
        _controls(recommender, current)
    with right, shown():
        read = _read(run_id, current)
        found = api.what_if(recommender, current, k, read)
        st.subheader(say("The list"))
        known = len(current.items)
        st.caption(
            say("Nothing is known yet: this is what everyone is shown. Pick an item on the left.")
            if not (known or current.words or current.context)
            else say("Based on the words.")
            if current.words and not known
            else say("Based on what is known about the user and the situation.")
            if not known
            else several(known, "Based on {n} picked item.", "Based on {n} picked items.")
        )
        for sentence in found.ignored:
            st.caption(plain(sentence))
        bars(
            lists.score_bars(found.frame, recommender.title),
            key="new_scores",
            alt=lists.score_words(found.frame, recommender.title),
        )
        twin(
            Numbers(
                say("The list with its parts"),
                lambda: lists.score_table(found.frame, recommender.title),
                f"metarec-{run_id}-new-user.csv",
                (CHANCE,),
            )
        )
        if known:
            steps = api.unfolding(recommender, current, k, read)
            st.subheader(say("Event by event"))
            st.caption(say("Which parts make up the list as events come in, and which item is on top."))
            bars(figures.growth_bars(steps), key="growth", alt=figures.growth_words(steps))
            twin(
                Numbers(
                    say("Parts after each event"),
                    lambda: figures.parts_table(steps),
                    f"metarec-{run_id}-parts-by-event.csv",
                )
            )
            table(
                figures.growth_table(steps, recommender.title),
                say("The top of the list after each event"),
                file=f"metarec-{run_id}-event-by-event.csv",
            )
        desk.saved(current)


def _read(run_id: str, current: api.Scenario) -> Any:
    if not current.words:
        return None
    with st.spinner(say("Reading the words")):
        reader = cache.text_reader(run_id)
    return None if reader is None else reader.read


def _controls(recommender: api.Recommender, current: api.Scenario) -> None:
    own = api.scenario_of(recommender, current.user_id)
    st.subheader(say("History"))
    n = len(current.items)
    newest = list(range(n))[::-1]
    chosen = st.multiselect(
        say("Events to change") if n else say("No events yet"),
        newest,
        format_func=lambda place: f"{place + 1}. {recommender.title(current.items[place])}",
        key=f"desk.events.{hash(current.items)}",
        placeholder=say("Newest first; type to search"),
        disabled=not n,
    )
    with st.container(horizontal=True):
        st.button(
            say("Remove"), icon=":material/delete:", disabled=not chosen, on_click=desk.change,
            args=(current, lambda s: s.ordered([p for p in range(n) if p not in chosen])), key="desk.remove",
        )  # fmt: skip
        st.button(
            say("Later"), icon=":material/arrow_upward:", disabled=len(chosen) != 1, on_click=desk.change,
            args=(current, lambda s: s.moved(chosen[0], 1)), key="desk.later",
        )  # fmt: skip
        st.button(
            say("Earlier"), icon=":material/arrow_downward:", disabled=len(chosen) != 1, on_click=desk.change,
            args=(current, lambda s: s.moved(chosen[0], -1)), key="desk.earlier",
        )  # fmt: skip
        st.button(
            say("Latest"), icon=":material/vertical_align_top:", disabled=len(chosen) != 1, on_click=desk.change,
            args=(current, lambda s: s.moved(chosen[0], n)), key="desk.latest",
        )  # fmt: skip
    ids = recommender.item_ids
    key = f"desk.add.{n}"
    if len(ids) <= MOST_OPTIONS:
        st.selectbox(
            say("Add an item"), ids, index=None, format_func=session.told_apart(ids, recommender.title), key=key,
            placeholder=say("Type a title"), on_change=_added, args=(current, key),
        )  # fmt: skip
    else:
        st.text_input(say("Add an item by ID"), key=key, on_change=_added, args=(current, key))
    if n:
        table(
            lists.picked_table(recommender, current.items[::-1]),
            say("The history, newest first"),
            height=min(36 * n + 38, 300),
            only=("Title",),
            file="metarec-history.csv",
        )
    folded(
        say("Time, situation, parts and exclusions"),
        partial(_situation, recommender, current),
        key="desk.situation",
        icon=":material/tune:",
        expanded=bool(current.scales or current.excluded) or current.context != own.context,
        steers=True,
    )


def _situation(recommender: api.Recommender, current: api.Scenario) -> None:
    if recommender.dataset.has_clock_times:
        key = f"desk.now.{current.now}"
        st.datetime_input(
            say("Time of the request (UTC)"), datetime.fromtimestamp(current.now, UTC).replace(tzinfo=None), key=key,
            help=say(
                "Events after this time are removed from the history. A time after the last event changes nothing."
            ),
            min_value=EARLIEST, on_change=_asked_at, args=(current, key),
        )  # fmt: skip
    for vocabulary in recommender.dataset.request_vocabularies:
        options = [UNKNOWN, *list(vocabulary.ids)[:1_000]]
        value = current.context.get(vocabulary.kind, UNKNOWN)
        key = f"desk.context.{vocabulary.kind}.{value}"
        st.selectbox(
            vocabulary.kind.replace("_", " ").capitalize(), options,
            index=options.index(value) if value in options else 0, format_func=lambda v: v or say("unknown"), key=key,
            on_change=_in_context, args=(current, vocabulary.kind, key),
        )  # fmt: skip
    with st.grid(2):
        for part in recommender.part_names:
            factor = current.scales.get(part, 1.0)
            factors = sorted({*FACTORS, factor})
            key = f"desk.part.{part}.{factor}"
            st.select_slider(
                say(part_style(part).title), factors, value=factor, key=key,
                format_func=lambda f: say("mute") if f == 0 else f"× {f:g}",
                help=say(part_style(part).meaning), on_change=_scaled, args=(current, part, key),
            )  # fmt: skip
    for name, attribute in recommender.dataset.attributes.items():
        values = list(attribute.vocabulary.ids)[:1_000]
        left_out = [v for v in current.excluded.get(name, ()) if v in values]
        key = f"desk.exclude.{name}.{hash(tuple(left_out))}"
        st.multiselect(
            say("Exclude {name}", name=name.replace("_", " ")), values, default=left_out, key=key,
            placeholder=say("Choose options"),
            on_change=_excluded, args=(current, name, key),
        )  # fmt: skip


def _added(current: api.Scenario, key: str) -> None:
    item = st.session_state[key]
    if item:
        desk.keep(current.followed_by(item))


def _said(current: api.Scenario, key: str) -> None:
    desk.keep(current.said(st.session_state[key]))


def _asked_at(current: api.Scenario, key: str) -> None:
    moment = st.session_state[key]
    if moment is not None:
        desk.keep(current.at(int(moment.replace(tzinfo=UTC).timestamp())))


def _in_context(current: api.Scenario, column: str, key: str) -> None:
    desk.keep(current.in_context(column, st.session_state[key] or None))


def _scaled(current: api.Scenario, part: str, key: str) -> None:
    desk.keep(current.scaled(part, float(st.session_state[key])))


def _excluded(current: api.Scenario, attribute: str, key: str) -> None:
    desk.keep(current.excluding(attribute, st.session_state[key]))
