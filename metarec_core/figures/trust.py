"""The Evaluate page: the trust card's headline, and how its lines are marked."""

from __future__ import annotations

from typing import Final

from metarec_core.evaluation.trust import Check, Trust

ICONS: Final = {"good": ":material/check_circle:", "bad": ":material/cancel:", "unsure": ":material/help:"}
COLOURS: Final = {"good": "green", "bad": "red", "unsure": "orange"}
ANCHORS: Final = {
    "protocol": "what-was-asked",
    "data": "what-was-asked",
    "leaderboard": "leaderboard",
    "lists": "beside-right",
    "runs": "all-runs",
}
"""Where on the page the evidence of a line is."""


def headline(trust: Trust) -> str:
    """The card in one short sentence."""
    bad = sum(check.state == "bad" for check in trust.checks)
    unsure = sum(check.state == "unsure" for check in trust.checks)
    if bad:
        return f"{_of(bad, trust)} speak against it" if bad > 1 else f"{_of(bad, trust)} speaks against it"
    if unsure:
        return f"Nothing speaks against it; {unsure} of {len(trust.checks)} checks cannot tell"
    return f"All {len(trust.checks)} checks are good"


def in_order(trust: Trust) -> list[Check]:
    """What speaks against the run first, then what cannot be told, then what is good."""
    return sorted(trust.checks, key=lambda check: ("bad", "unsure", "good").index(check.state))


def _of(n: int, trust: Trust) -> str:
    return f"{n} of {len(trust.checks)} checks"
