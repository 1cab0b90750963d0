"""Who may do what: three roles, what each may, and who is acting.

A *viewer* looks and judges; an *analyst* brings data, trains and measures; an *admin* may also take away what cannot be brought
back: deleting, putting the demo back, the key of pseudonyms, the audit log. Who is acting is known to the screen alone, which
says here, once, how to ask; on the command line and in a script it is whoever started the process, who has the files anyway.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Literal, cast, get_args

from metarec_core.errors import AccessError, ConfigError
from metarec_core.language import later, say

Role = Literal["viewer", "analyst", "admin"]
Action = Literal["judge", "import", "train", "cancel", "measure", "review", "export", "delete", "reset", "key", "audit"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""From the least to the most that may be done."""

LEAST: Final[dict[Action, Role]] = {
    "judge": "viewer",
    "import": "analyst",
    "train": "analyst",
    "cancel": "analyst",
    "measure": "analyst",
    "review": "analyst",
    "export": "analyst",
    "delete": "admin",
    "reset": "admin",
    "key": "admin",
    "audit": "admin",
}
"""The least role that may do an action; to look, it takes any."""

TITLES: Final[dict[Action, str]] = {
    "judge": later("give verdicts"),
    "import": later("import data or runs"),
    "train": later("start or resume training"),
    "cancel": later("stop training"),
    "measure": later("start measurements"),
    "review": later("start reviews"),
    "export": later("export whole runs, all lists or rows of files"),
    "delete": later("delete data"),
    "reset": later("reset the demo"),
    "key": later("see the pseudonym key"),
    "audit": later("read the audit log"),
}
ROLE_TITLES: Final[dict[Role, str]] = {
    "viewer": later("viewer"),
    "analyst": later("analyst"),
    "admin": later("admin"),
}


@dataclass(frozen=True)
class Person:
    """Somebody who acts.

    Attributes:
        name: By which the audit log knows them: an e-mail address where they logged in, the system's user name elsewhere.
        role: What they may.
    """

    name: str
    role: Role

    def may(self, action: Action) -> bool:
        """Whether the role is enough."""
        return ROLES.index(self.role) >= ROLES.index(LEAST[action])


@dataclass(frozen=True)
class Access:
    """Which role somebody has who logged in.

    Attributes:
        members: By role, e-mail addresses and values of the claim, in small letters.
        claim: A claim of the identity provider that names groups or roles, such as ``groups``; "" for none.
        others: The role of whoever logs in and is no member; None: they are refused.
        hours: A login is good for so long.
    """

    members: Mapping[Role, frozenset[str]]
    claim: str = ""
    others: Role | None = None
    hours: float = 12.0

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Access:
        """From the table ``[metarec]``: ``roles`` (a list of members a role), ``claim``, ``others`` and ``hours``.

        Raises:
            ConfigError: A name is unknown, or a value is none that can be meant.
        """
        roles = settings.get("roles", {})
        for place, names, known in (
            ("[metarec]", settings, ("roles", "claim", "others", "hours")),
            ("[metarec.roles]", roles, ROLES),
        ):
            if not isinstance(names, Mapping):
                raise ConfigError(
                    say("{place} in secrets.toml is not a table: give it {known}.", place=place, known=", ".join(known))
                )
            if unknown := [name for name in names if name not in known]:
                raise ConfigError(
                    say(
                        "{place} in secrets.toml has {unknown!r}: the known settings are {known}.",
                        place=place,
                        unknown=unknown[0],
                        known=", ".join(known),
                    )
                )
        members: dict[Role, frozenset[str]] = {}
        for role in ROLES:
            listed = roles.get(role, [])
            if not isinstance(listed, list) or not all(isinstance(name, str) and name.strip() for name in listed):
                raise ConfigError(
                    say(
                        "{role} in [metarec.roles] of secrets.toml is not a list of names: write it in brackets.",
                        role=role,
                    )
                )
            members[role] = frozenset(name.strip().lower() for name in listed)
        others, hours = settings.get("others") or None, settings.get("hours", cls.hours)
        if others not in (None, *ROLES):
            raise ConfigError(
                say(
                    "others in [metarec] of secrets.toml is {others!r}: choose {roles} or leave it out.",
                    others=others,
                    roles=", ".join(ROLES),
                )
            )
        if isinstance(hours, bool) or not isinstance(hours, int | float) or hours <= 0:
            raise ConfigError(
                say("hours in [metarec] of secrets.toml is {hours!r}: give a number above 0.", hours=hours)
            )
        return cls(members, str(settings.get("claim", "")), cast(Role | None, others), float(hours))

    def is_over(self, claims: Mapping[str, Any], now_s: float) -> bool:
        """Whether a login is too old to be good, or does not say when it was; ``now_s`` in seconds since 1970."""
        issued = claims.get("iat")
        return not isinstance(issued, int | float) or now_s - issued > 3600 * self.hours

    def person(self, claims: Mapping[str, Any]) -> Person:
        """Who the identity provider says this is, with the highest role that they are listed for.

        Args:
            claims: Of the identity token.

        Raises:
            AccessError: They are listed nowhere, and others have no role.
        """
        email = believed_address(claims)
        groups = claims.get(self.claim) if self.claim else None
        names = {
            str(group).strip().lower() for group in (groups if isinstance(groups, list | tuple) else [groups]) if group
        }
        name = name_of(claims)
        for role in reversed(ROLES):
            if self.members[role] & (names | {email}):
                return Person(name, role)
        if self.others is not None:
            return Person(name, self.others)
        raise AccessError(
            say("{name} is logged in but has no role here: ask your MetaRec administrator for one.", name=name)
        )


def believed_address(claims: Mapping[str, Any]) -> str:
    """The e-mail address of an identity token, in small letters; empty where none is, or the provider has not checked it."""
    believed = claims.get("email_verified", True) in (True, "true")
    return str(claims.get("email") or "").strip().lower() if believed else ""


def name_of(claims: Mapping[str, Any]) -> str:
    """By which somebody is known: an address that is believed, else what the provider calls them."""
    return believed_address(claims) or str(claims.get("sub") or "")


_ask: Callable[[], Person] = lambda: system()  # noqa: E731
_acting: ContextVar[Person | None] = ContextVar("acting", default=None)


def system() -> Person:
    """Whoever started this process."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        name = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    return Person(name, "admin")


def asked_by(ask: Callable[[], Person]) -> None:
    """Who is acting is known to the screen alone: it says here, once, how to ask."""
    global _ask
    _ask = ask


def who() -> Person:
    """Who is acting.

    Raises:
        AccessError: Nobody has logged in where that is asked for.
    """
    return _acting.get() or _ask()


@contextmanager
def acting(person: Person) -> Iterator[None]:
    """Somebody in particular acts: for what is done later in their name, and what the server does by itself."""
    token = _acting.set(person)
    try:
        yield
    finally:
        _acting.reset(token)


def why_not(person: Person, action: Action) -> str:
    """Why somebody may not, in a sentence; empty where they may."""
    if person.may(action):
        return ""
    return say(
        "You need the role {least} to {action}; {name} has the role {role}.",
        action=say(TITLES[action]),
        least=say(ROLE_TITLES[LEAST[action]]),
        name=person.name,
        role=say(ROLE_TITLES[person.role]),
    )
