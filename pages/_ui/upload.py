"""Bring files: upload, see what was recognised, correct it, choose cleaning rules, import."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from metarec_core import api
from metarec_core.errors import MetaRecError
from metarec_core.figures import data as figures
from metarec_core.language import later, say
from pages._ui import cache, forms, privacy_form, session
from pages._ui.errors import shown
from pages._ui.table import table as table_of
from pages._ui.text import plain

FILES: tuple[tuple[cache.TableName, str, str], ...] = (
    ("events", later("Behaviour"), later("Who did what with which item, and when. One event per row.")),
    ("items", later("Items"), later("What the items are: ID, title, description, and attributes such as a|b|c.")),
    ("facts", later("Facts"), later("What is known about items: item, relation, entity. One fact per row.")),
    ("users", later("Users"), later("Who the users are: ID and attributes. One user per row.")),
)
FORMATS = later(
    "CSV, TSV, JSON Lines, Parquet or Excel, plain or compressed with gzip or zip. Encoding, separator "
    "and columns are detected and can be corrected after the upload. Public data sets (MovieLens, "
    "RecBole, Amazon reviews) work as they are."
)


def upload_form() -> str | None:
    """The whole import.

    Returns:
        The fingerprint of the imported tables once the button was pressed and everything went well.
    """
    uploads: dict[cache.TableName, Any] = {}
    with st.grid(3):
        for table, title, tip in FILES:
            label = say(title) if table == "events" else say("{title} (optional)", title=say(title))
            uploads[table] = st.file_uploader(label, key=f"upload.{table}", help=say(tip))
        vectors = st.file_uploader(
            say("Item vectors (optional)"),
            accept_multiple_files=True,
            key="upload.vectors",
            help=say(
                "Numbers computed elsewhere from images, audio …: an ID column and numbers (Parquet, "
                "CSV), .npz with arrays ids and vectors, or .npy with a text file of IDs under the same "
                "name. The file name becomes the name of the vectors."
            ),
        )
        public = st.file_uploader(
            say("Or a public data set"),
            accept_multiple_files=True,
            key="upload.layout",
            help=say(
                "The zip file as downloaded, or the files in it: MovieLens, RecBole atomic files, Amazon "
                "reviews, user_data.csv with item_data.csv."
            ),
        )
    if public:
        return _public(public)
    if uploads["events"] is None:
        st.caption(say(FORMATS))
        return None

    mapping: dict[str, str] = {}
    reading: dict[cache.TableName, api.Reading] = {}
    flagged: list[tuple[cache.TableName, api.Preview]] = []
    readable = True
    for table, title, _ in FILES:
        if uploads[table] is not None:
            found = _matched(table, title, uploads[table])
            readable = readable and found is not None
            if found is not None:
                mapping |= found[0]
                reading[table] = found[1]
                flagged.append((table, found[2]))
    if not readable:
        return None
    choices = _choices(uploads["events"].name, flagged)
    if not st.button(say("Import"), type="primary", icon=":material/input:"):
        return None
    files = {table: upload for table, upload in uploads.items() if upload is not None}
    return _import(
        api.Brought(files=files, vectors=_by_mode(vectors), name=choices.name, mapping=mapping, reading=reading),
        choices,
    )


@dataclass(frozen=True)
class _Choices:
    """What was chosen beside the files.

    Attributes:
        rules: Cleaning rules as they stand in the widgets.
        replaced: Whose ids become pseudonyms.
        keep: Whether the files are kept.
        name: What to call the tables.
    """

    rules: dict[str, Any]
    replaced: api.Replaced
    keep: bool
    name: str | None


def _import(brought: api.Brought, choices: _Choices) -> str | None:
    with shown(), st.spinner(say("Reading and cleaning")):
        rules = api.CleaningConfig.from_dict(choices.rules)
        return api.bring(
            brought, session.workspace(), rules, replace_ids_of=choices.replaced, keep=choices.keep
        ).fingerprint
    return None


def _public(files: list[Any]) -> str | None:
    """A public data set, whose files need no matching."""
    layout = None
    with shown():
        layout = api.layout_of(files)
        if layout is None:
            api.read_layout(files)  # says which files these are and which layouts are known
        else:
            st.success(
                say("This is {name}: its files are used as they are.", name=layout.title),
                icon=":material/check_circle:",
            )
    choices = _choices(layout.title if layout else "", [])
    if not st.button(say("Import"), type="primary", icon=":material/input:", disabled=layout is None):
        return None
    return _import(api.Brought(layout=tuple(files), name=choices.name), choices)


def _choices(name: str, previews: list[tuple[cache.TableName, api.Preview]]) -> _Choices:
    """Cleaning rules, what is held back, and a name."""
    rules = forms.folded_settings(
        say("Cleaning rules"),
        api.CleaningConfig(),
        "cleaning",
        folded_as="cleaning.rules",
        icon=":material/cleaning_services:",
        without=privacy_form.FIELDS,
    )
    held_back, replaced, keep = privacy_form.privacy_form(previews)
    given = st.text_input(say("Name"), placeholder=name, key="upload.name", max_chars=80).strip()
    return _Choices(rules | held_back, replaced, keep, given or None)


def _by_mode(files: list[Any]) -> dict[str, Any]:
    """Vectors by the name of their file, a numpy file together with the ids of the same name."""
    stems = {Path(file.name).stem: file for file in files if not file.name.endswith((".npy", ".npz"))}
    modes: dict[str, Any] = {}
    for file in files:
        stem = Path(file.name).stem
        if file.name.endswith(".npy") and stem in stems:
            modes[stem] = (file, stems.pop(stem))
        elif file.name.endswith((".npy", ".npz")):
            modes[stem] = file
    return modes | {stem: file for stem, file in stems.items() if stem not in modes}


def _matched(table: cache.TableName, title: str, upload: Any) -> tuple[dict[str, str], api.Reading, api.Preview] | None:
    """The head of one file with a selectbox for each column it may bring.

    Returns:
        What differs from what ``api.read_tables`` would take unasked, how the file is to be read, and its head; None when it
        cannot be read.
    """
    with st.container(border=True):
        head_line, encoding, separator = st.columns([4, 1, 1], vertical_alignment="bottom")
        reading = api.Reading(
            encoding=encoding.selectbox(
                say("Encoding"),
                list(figures.ENCODINGS),
                format_func=lambda name: say(figures.ENCODINGS[name]),
                key=f"enc.{upload.file_id}",
            )
            or None,
            separator=separator.selectbox(
                say("Separator"),
                list(figures.SEPARATORS),
                format_func=lambda name: say(figures.SEPARATORS[name]),
                key=f"sep.{upload.file_id}",
            )
            or None,
        )
        try:
            head = cache.preview(upload, table, reading)
        except MetaRecError as error:
            head_line.markdown(f"**{say(title)}**")
            st.error(plain(str(error)), icon=":material/error:")
            return None
        head_line.markdown(f"**{say(title)}** · {plain(figures.found_words(head))}")
        remembered = api.remembered_mapping(session.workspace(), table, head.columns)
        guesses = figures.column_guesses(head, remembered)
        changed, untimed = {}, False
        with st.grid(6, min_column_width=130):
            for field in figures.mapping_fields(table):
                guess = guesses.get(field.column)
                with st.container(gap="xxsmall"):
                    choice = st.selectbox(
                        say("{title} (required)", title=say(field.title)) if field.required else say(field.title),
                        head.columns,
                        index=head.columns.index(guess.source) if guess and guess.source in head.columns else None,
                        placeholder=say("none"),
                        help=field.help and say(field.help),
                        key=f"match.{upload.file_id}.{reading}.{field.key}",
                    )
                    if guess and choice == guess.source:
                        st.caption(say("{share:.0%} sure", share=guess.confidence), help=plain(guess.reason))
                if choice != head.mapping.get(field.column):
                    changed[field.key] = choice or ""
                untimed = untimed or (field.column == figures.TIME and choice is None)
        if untimed:
            st.caption(say("Without a time column, the order of the rows is the order of events."))
        if words := figures.carried_words(head, table):
            st.caption(plain(words))
        table_of(head.rows, say("First rows of the {table} file", table=table), height=180, foreign=True)
        return changed, reading, head
