"""Who is here, and what is offered to them. What somebody may is checked where it is done; here it is only not offered.

There is a login where ``secrets.toml`` has a table ``[auth]``. Without one everybody is an admin.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError
from streamlit.runtime.scriptrunner import get_script_run_ctx

from metarec_core import access
from metarec_core.access import Action, Person
from metarec_core.errors import AccessError
from metarec_core.language import say
from pages._ui.text import plain

REQUIRED: Final = "METAREC_REQUIRE_LOGIN"
"""Set, pages refuse to be without a login, should ``secrets.toml`` get lost."""

VISITOR: Final = Person("visitor", "admin")
"""Whoever comes where there is no login."""


def settle() -> None:
    """Say, once a run, how to ask who is acting."""
    access.asked_by(_here)


def has_login() -> bool:
    """Whether people log in.

    Raises:
        AccessError: They should, and it is not set up.
    """
    return "auth" in _secrets()


def providers() -> tuple[str | None, ...]:
    """Names of the identity providers that are set up; None is the only one without a name."""
    auth: Mapping[str, Any] = _secrets()["auth"]
    named = [name for name, value in auth.items() if isinstance(value, Mapping) and "client_id" in value]
    return tuple(named) or (None,)


def is_logged_in() -> bool:
    """Whether somebody has logged in, and not too long ago."""
    claims = st.user.to_dict()
    return bool(claims.get("is_logged_in")) and not _settings().is_over(claims, time.time())


def named() -> str | None:
    """The name of who is logged in; None where there is no login."""
    return access.who().name if has_login() else None


def may(action: Action) -> bool:
    """Whether who is here may."""
    return access.who().may(action)


def offered(action: Action) -> bool:
    """Whether who is here may; where they may not, a sentence stands in place of what would be offered."""
    sentence = access.why_not(access.who(), action)
    if sentence:
        st.caption(f":material/lock: {plain(sentence)}")
    return not sentence


def _here() -> Person:
    """Who is acting in this session.

    Raises:
        AccessError: Nobody has logged in, or who has is no member.
        ConfigError: The settings are wrong.
    """
    if get_script_run_ctx(suppress_warning=True) is None:
        if has_login():
            raise AccessError("Nobody is logged in: what is done later needs a name.")
        return access.system()
    if not has_login():
        return VISITOR
    if not is_logged_in():
        raise AccessError(say("Log in to continue."))
    return _settings().person(st.user.to_dict())


def _settings() -> access.Access:
    return access.Access.from_settings(_secrets().get("metarec", {}))


def _secrets() -> dict[str, Any]:
    """What ``secrets.toml`` says; a file that is there and cannot be read closes the door."""
    try:
        found = st.secrets.to_dict()
    except StreamlitSecretNotFoundError:
        if any(Path(file).exists() for file in st.get_option("secrets.files")):
            raise AccessError(say("secrets.toml cannot be read: ask your MetaRec administrator to fix it.")) from None
        found = {}
    if os.environ.get(REQUIRED) and "auth" not in found:
        raise AccessError(
            say("Login is required but not set up: your MetaRec administrator needs to add [auth] to secrets.toml.")
        )
    return found
