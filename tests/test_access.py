"""Who may do what."""

from __future__ import annotations

from typing import Any

import pytest

from metarec_core import access
from metarec_core.access import LEAST, ROLES, TITLES, Access, Person
from metarec_core.errors import AccessError, ConfigError

SETTINGS = {
    "claim": "groups",
    "roles": {"admin": ["Ann@Example.com"], "analyst": ["data-team"], "viewer": ["vic@example.com"]},
}


def person(**claims: Any) -> Person:
    return Access.from_settings(SETTINGS).person(claims)


def test_a_member_is_known_by_address_whatever_its_letters() -> None:
    assert person(email="ann@example.com") == Person("ann@example.com", "admin")
    assert person(email=" VIC@example.com ") == Person("vic@example.com", "viewer")


def test_a_member_is_known_by_a_group() -> None:
    assert person(email="bob@example.com", groups=["staff", "Data-Team"]) == Person("bob@example.com", "analyst")
    assert person(email="bob@example.com", groups="data-team").role == "analyst"


def test_the_highest_of_several_roles_counts() -> None:
    assert person(email="ann@example.com", groups=["data-team"]).role == "admin"


def test_an_address_that_nobody_checked_is_not_believed() -> None:
    with pytest.raises(
        AccessError, match=r"^17 is logged in but has no role here: ask your MetaRec administrator for one\.$"
    ):
        person(sub="17", email="ann@example.com", email_verified=False)


def test_an_address_that_nobody_has_checked_is_nobodys_name() -> None:
    assert access.name_of({"sub": "17", "email": " Ann@Example.com"}) == "ann@example.com"
    assert access.name_of({"sub": "17", "email": "ann@example.com", "email_verified": False}) == "17"
    assert access.name_of({"email": "ann@example.com", "email_verified": "false"}) == ""


def test_who_is_listed_nowhere_is_refused_unless_others_have_a_role() -> None:
    with pytest.raises(AccessError, match=r"^eve@example\.com is logged in but has no role here"):
        person(email="eve@example.com")
    others = Access.from_settings({**SETTINGS, "others": "viewer"})
    assert others.person({"email": "eve@example.com"}) == Person("eve@example.com", "viewer")


def test_without_an_address_and_groups_nobody_is_a_member_by_accident() -> None:
    with pytest.raises(AccessError):
        Access.from_settings({"roles": {"admin": ["none"]}}).person({"sub": "17"})


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"role": {}}, "[metarec] in secrets.toml has 'role': the known settings are roles, claim, others, hours."),
        (
            {"roles": {"boss": []}},
            "[metarec.roles] in secrets.toml has 'boss': the known settings are viewer, analyst, admin.",
        ),
        ({"roles": []}, "[metarec.roles] in secrets.toml is not a table: give it viewer, analyst, admin."),
        (
            {"roles": {"admin": "ann@example.com"}},
            "admin in [metarec.roles] of secrets.toml is not a list of names: write it in brackets.",
        ),
        (
            {"others": "all"},
            "others in [metarec] of secrets.toml is 'all': choose viewer, analyst, admin or leave it out.",
        ),
        ({"hours": 0}, "hours in [metarec] of secrets.toml is 0: give a number above 0."),
    ],
)
def test_a_wrong_setting_is_told_in_one_sentence(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as told:
        Access.from_settings(settings)
    assert str(told.value) == sentence


def test_each_role_may_what_the_one_below_may() -> None:
    may = {role: {action for action in LEAST if Person("x", role).may(action)} for role in ROLES}
    assert may["viewer"] == {"judge"}
    assert may["analyst"] == {"judge", "import", "train", "cancel", "measure", "review", "export"}
    assert may["admin"] == set(LEAST) == set(TITLES)


def test_what_somebody_may_not_is_one_sentence() -> None:
    assert access.why_not(Person("vic", "viewer"), "judge") == ""
    assert (
        access.why_not(Person("vic", "viewer"), "train")
        == "You need the role analyst to start or resume training; vic has the role viewer."
    )


def test_outside_of_pages_it_is_whoever_started_the_process() -> None:
    assert access.who() == access.system()
    assert access.who().role == "admin"
    with access.acting(Person("vic", "viewer")):
        assert access.who() == Person("vic", "viewer")
    assert access.who().role == "admin"
