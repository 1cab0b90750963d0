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
                "Columns that look like e-mail addresses, phone numbers, card numbers or names of persons are not stored, nor "
                "shown with the rows that cleaning took. More of each file is looked at when it is imported."
            ),
        )
        leave_out_text = left.toggle(
            say("Leave out free text"),
            key="privacy.text",
            help=say("Comments and descriptions, in which somebody may be named, are not stored; titles are."),
        )
        replaced = right.selectbox(
            say("Replace ids"),
            get_args(api.Replaced),
            format_func=lambda whose: say(figures.REPLACED_TITLES[whose]),
            key="privacy.ids",
            help=say(
                "Ids become keyed hashes (HMAC-SHA-256) before anything is stored. The key is made once for the workspace and "
                "lies beside the data; whoever has the key and the original file can tell who is who. It can be downloaded "
                "under Privacy once the data is imported."
            ),
        )
        keep = right.toggle(
            say("Keep the files"),
            value=True,
            disabled=replaced != "none",
            key="privacy.keep",
            help=say(
                "A copy in the workspace, so that other cleaning rules can be tried without another upload. Files are not "
                "kept where ids are replaced or a column is left out. They are deleted with the data."
            ),
        )
        kept: list[str] = []
        if found.columns and (leave_out or leave_out_text):
            kept = st.multiselect(
                say("Columns to store all the same"),
                found.columns,
                placeholder=say("none"),
                key="privacy.columns",
                help=say("Choose a column that only looks personal, or that you may store."),
            )
    rules = {"leave_out_personal": leave_out, "leave_out_text": leave_out_text, "keep_columns": tuple(kept) or None}
    return rules, replaced, keep and replaced == "none"
