"""Bring files: upload, see what was recognised, correct it, choose cleaning rules, import."""

from __future__ import annotations

from typing import Any, Literal

import streamlit as st

from metarec_core import api
from metarec_core.figures import data as figures
from pages._ui import cache, forms, session
from pages._ui.errors import shown
from pages._ui.table import table as table_of
from pages._ui.text import plain

FILES: tuple[tuple[Literal["events", "items", "facts"], str, str], ...] = (
    ("events", "Behaviour", "Who did something with which item, and when. A row an event."),
    ("items", "Items (optional)", "What the items are: id, title, description, attributes such as a|b|c."),
    ("facts", "Facts (optional)", "What is known about items: item, relation, entity. A row a fact."),
)


def upload_form() -> str | None:
    """The whole import.

    Returns:
        The fingerprint of the imported tables once the button was pressed and everything went well.
    """
    uploads: dict[str, Any] = {}
    for place, (table, title, tip) in zip(st.columns(3), FILES, strict=True):
        uploads[table] = place.file_uploader(title, key=f"upload.{table}", help=tip)
    if uploads["events"] is None:
        st.caption("CSV or TSV, plain or gzip. Columns are matched by name, and can be corrected after the upload.")
        return None

    mapping: dict[str, str] = {}
    readable = True
    for table, title, _ in FILES:
        if uploads[table] is not None:
            found = _matched(table, title, uploads[table])
            readable = readable and found is not None
            mapping |= found or {}
    with st.expander("Cleaning rules", icon=":material/cleaning_services:"):
        rules = forms.settings(api.CleaningConfig(), "cleaning")
    name = st.text_input("Name", placeholder=uploads["events"].name, key="upload.name", max_chars=80)
    if not st.button("Import", type="primary", icon=":material/input:", disabled=not readable):
        return None
    with shown(), st.spinner("Reading and cleaning"):
        tables = api.read_tables(
            uploads["events"],
            uploads["items"],
            uploads["facts"],
            name=name.strip() or None,
            mapping=mapping,
            cleaning=api.CleaningConfig.from_dict(rules),
        )
        return api.store_tables(tables, session.workspace())
    return None


def _matched(table: Literal["events", "items", "facts"], title: str, upload: Any) -> dict[str, str] | None:
    """The head of one file with a selectbox for each column it may bring.

    Returns:
        What was changed by hand, for ``api.read_tables``; None when the file cannot be read.
    """
    with st.container(border=True), shown():
        st.markdown(f"**{title.removesuffix(' (optional)')}**")
        head = cache.preview(upload, table)
        changed = {}
        with st.grid(6, min_column_width=110):
            for field in figures.mapping_fields(table):
                guess = head.mapping.get(field.column)
                choice = st.selectbox(
                    f"{field.title} (required)" if field.required else field.title,
                    head.columns,
                    index=head.columns.index(guess) if guess in head.columns else None,
                    placeholder="none",
                    help=field.help,
                    key=f"match.{upload.file_id}.{field.key}",
                )
                if choice != guess:
                    changed[field.key] = choice or ""
        if words := figures.carried_words(head, table):
            st.caption(plain(words))
        table_of(head.rows, f"First rows of the {table} file", height=180)
        return changed
    return None
