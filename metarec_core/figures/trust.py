"""The Evaluate page: the trust card's headline, and how its lines are marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from metarec_core.evaluation.trust import Check, Trust


class Seeded(Protocol):
    """A training of one seed (``jobs.status.JobStatus``)."""

    @property
    def state(self) -> str: ...


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


SEEDS_HELP: Final = (
    "Queues the same training with the next seeds, in processes of their own. Once they are there, the card says how far the "
    "results lie apart."
)


def seeds_button(missing: int) -> str:
    """What the button says that trains with other seeds."""
    return f"Train {('one more seed', 'two more seeds')[missing - 1] if missing < 3 else f'{missing} more seeds'}"


def seeds_words(found: Mapping[int, Seeded]) -> str:
    """How far trainings with other seeds are, in one sentence."""
    return "Other seeds: " + ", ".join(f"{seed} is {now.state}" for seed, now in sorted(found.items())) + "."


def _of(n: int, trust: Trust) -> str:
    return f"{n} of {len(trust.checks)} checks"
