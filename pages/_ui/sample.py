"""The built-in sample: an empty workspace gets one data set to explore, and a button trains on it."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import streamlit as st

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.errors import MetaRecError
from metarec_core.jobs import runner
from pages._ui import session

FIRST = "shop"

DESCRIPTIONS = {
    "shop": "Things for outdoors, sport, kitchen and home: what people buy, and what goes with what.",
    "social": "Posts from food to technology: what people read and follow.",
    "courses": "An online school, whose courses have levels that build on each other.",
    "funds": "Investment funds: what private investors look at and add.",
}
"""One sentence a sample, for those who choose."""


def import_first() -> None:
    """Give an empty workspace the first sample's data, once a process; without it the pages still stand."""
    _import_first(session.workspace())


def import_sample(domain: str) -> str:
    """Read, clean and store one sample, and choose it.

    Returns:
        The tables' fingerprint.

    Raises:
        InputError: There is no such sample.
    """
    with st.spinner(f"Importing the {domain} sample"):
        fingerprint = api.store_tables(api.sample_tables(domain), session.workspace())
    session.choose("data", fingerprint)
    return fingerprint


def train_on_sample(domain: str = FIRST) -> NoReturn:
    """Import a sample, start a fast training on it, and go where it can be watched.

    Raises:
        MetaRecError: The sample is missing or the job cannot be started.
    """
    fingerprint = import_sample(domain)
    job = runner.submit(session.workspace(), fingerprint, RunConfig.preset("fast"), "auto")
    session.open_page("train", data=fingerprint, job=job)


@st.cache_resource(show_spinner="Getting the sample data ready")
def _import_first(store: Path) -> None:
    if api.list_tables(store):
        return
    try:
        api.store_tables(api.sample_tables(FIRST), store)
    except MetaRecError:
        return  # Home offers the sample again and then says what is wrong
