"""Privacy at the door: what tells who somebody is, seen before anything is stored, and what is to become of it."""

from __future__ import annotations

from typing import Any, Final, get_args

import streamlit as st

from metarec_core import api
from metarec_core.figures import data as figures
from metarec_core.language import say
from pages._ui import cache
from pages._ui.text import plain

FIELDS: Final = ("leave_out_personal", "keep_columns", "leave_out_text")
"""Cleaning rules that are asked for here."""


def privacy_form(
    previews: list[tuple[cache.TableName, api.Preview]],
) -> tuple[dict[str, Any], api.Replaced, bool]:
    """Ask what is held back.

    Args:
        previews: Heads of the files, in which personal columns were looked for.

    Returns:
        The cleaning rules of ``FIELDS``; whose ids become pseudonyms; whether the files are kept.
    """
    with st.container(border=True):
        st.markdown(say("**Privacy**"))
        found = figures.personal_columns(previews)
        for words in found.warnings:
            st.warning(plain(words), icon=":material/shield_person:")
        left, right = st.columns(2, vertical_alignment="bottom")
        leave_out = left.toggle(
            say("Leave out personal columns"),
            value=True,
            key="privacy.personal",
            help=say(
                "Columns that look like e-mail addresses, phone numbers, card numbers or personal names "
                "are not stored, and not shown with the rows that cleaning removed. The import checks "
                "more of each file than this preview does."
            ),
        )
        leave_out_text = left.toggle(
            say("Leave out free text"),
            key="privacy.text",
            help=say("Comments and descriptions, which may name people, are not stored; titles are."),
        )
        replaced = right.selectbox(
            say("Replace IDs"),
            get_args(api.Replaced),
            format_func=lambda whose: say(figures.REPLACED_TITLES[whose]),
            key="privacy.ids",
            help=say(
                "IDs become keyed hashes (HMAC-SHA-256) before anything is stored. The key is created "
                "once per workspace and stored next to the data; anyone with the key and the original "
                "file can re-identify people. You can download it under Privacy after the import."
            ),
        )
        keep = right.toggle(
            say("Keep the files"),
            value=True,
            disabled=replaced != "none",
            key="privacy.keep",
            help=say(
                "Keeps a copy in the workspace, so that you can try other cleaning rules without "
                "uploading again. Files are not kept if IDs are replaced or a column is left out. They "
                "are deleted with the data."
            ),
        )
        kept: list[str] = []
        if found.columns and (leave_out or leave_out_text):
            kept = st.multiselect(
                say("Columns to store anyway"),
                found.columns,
                placeholder=say("none"),
                key="privacy.columns",
                help=say("Choose columns that only look personal, or that you are allowed to store."),
            )
    rules = {"leave_out_personal": leave_out, "leave_out_text": leave_out_text, "keep_columns": tuple(kept) or None}
    return rules, replaced, keep and replaced == "none"
