"""Typed settings as widgets: a field's bounds become the widget's, its description the tooltip. No setting is named here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final, Literal, get_args, get_origin

import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from metarec_core.language import later, say
from pages._ui.folded import folded

EARLIEST_DAY: Final = date(1990, 1, 1)


def folded_settings(
    label: str, config: BaseModel, key: str, *, folded_as: str, icon: str, without: Collection[str] = ()
) -> dict[str, Any]:
    """As ``settings``, under a label that opens it; what was chosen counts while it is closed, too.

    Args:
        label: In the language of who reads.
        config, key, without: As of ``settings``.
        folded_as: Key of what opens it; the same for different ``key`` stays open.
        icon: Beside the label.
    """
    chosen = f"_chosen.{key}"

    def widgets() -> None:
        st.session_state[chosen] = settings(config, key, without=without)

    folded(label, widgets, key=folded_as, icon=icon, steers=True)
    return st.session_state.get(chosen) or config.model_dump(mode="json", exclude=set(without))


def settings(config: BaseModel, key: str, columns: int = 3, without: Collection[str] = ()) -> dict[str, Any]:
    """Widgets for every field of a config, sections one after the other under their own headings.

    Args:
        config: The values to start from.
        key: Prefix of the widgets' keys; another prefix starts afresh.
        columns: Widgets side by side.
        without: Fields of the config itself that are asked for elsewhere.

    Returns:
        Plain values as they stand in the widgets, for the config's ``from_dict``.
    """
    values: dict[str, Any] = {}
    fields = {name: field for name, field in type(config).model_fields.items() if name not in without}
    plain_fields = {name: field for name, field in fields.items() if not isinstance(getattr(config, name), BaseModel)}
    if plain_fields:
        with st.grid(columns):
            for name, field in plain_fields.items():
                values[name] = _widget(name, field, getattr(config, name), f"{key}.{name}")
    for name in fields:
        section = getattr(config, name)
        if isinstance(section, BaseModel):
            st.markdown(f"**{say(_title(name))}**", help=_first_line(type(section).__doc__))
            values[name] = settings(section, f"{key}.{name}", columns)
    return values


def _widget(name: str, field: FieldInfo, value: Any, key: str) -> Any:
    title, tip = say(_title(name)), field.description and say(field.description)
    kind = field.annotation
    optional = type(None) in get_args(kind)
    if optional and len(get_args(kind)) == 2:
        kind = next(part for part in get_args(kind) if part is not type(None))
    empty = say(_said_when_empty(field)) if optional else None
    told: dict[str, Any] = {"key": key, "help": tip, "persist_state": "session"}
    if kind is bool:
        return st.toggle(title, value=value, **told)
    if kind is int:
        low, high = _bounds(field, 1)
        return st.number_input(title, value=value, min_value=low, max_value=high, step=1, placeholder=empty, **told)
    if kind is float:
        low, high = _bounds(field, 1e-6)
        step = _step(value or 1.0)
        return st.number_input(
            title, value=value, min_value=low, max_value=high, step=step, format="%g", placeholder=empty, **told
        )
    if kind is date:
        return st.date_input(title, value=value, min_value=EARLIEST_DAY, **told)
    if kind is str:
        return st.text_input(title, value=value, **told).strip()
    if get_origin(kind) is Literal:
        options = list(get_args(kind))
        return st.selectbox(title, options, index=options.index(value), **told)
    return _list(st.text_input(title, value=_text(value), placeholder=say("empty: from the data"), **told))


def _said_when_empty(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    return str(extra["empty"]) if isinstance(extra, dict) and "empty" in extra else later("off")


def _bounds(field: FieldInfo, gap: float) -> tuple[Any, Any]:
    """Lowest and highest value a widget may take; open ends are moved inwards by ``gap``."""
    low = high = None
    for rule in field.metadata:
        low = getattr(rule, "ge", low)
        high = getattr(rule, "le", high)
        if getattr(rule, "gt", None) is not None:
            low = rule.gt + gap
        if getattr(rule, "lt", None) is not None:
            high = rule.lt - gap
    return low, high


def _step(value: float) -> float:
    return 0.05 if value >= 0.1 else float(f"{value / 4:.0e}") if value else 0.01


def _text(value: Any) -> str:
    return "" if value is None else ", ".join(str(part) for part in value)


def _list(text: str) -> list[str] | None:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return parts or None


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _first_line(doc: str | None) -> str | None:
    return say(doc.strip().splitlines()[0]) if doc else None
