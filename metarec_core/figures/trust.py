"""The Evaluate page: the trust card's headline, and how its lines are marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from metarec_core.evaluation.trust import Check, Trust
from metarec_core.figures.text import listed
from metarec_core.figures.train import STATE_STYLES
from metarec_core.language import later, say, several


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
        return several(
            bad,
            "{n} of {all} checks failed",
            "{n} of {all} checks failed",
            all=len(trust.checks),
        )
    if unsure:
        return say("No check failed; {n} of {all} are inconclusive", n=unsure, all=len(trust.checks))
    return say("All {all} checks passed", all=len(trust.checks))


def in_order(trust: Trust) -> list[Check]:
    """What speaks against the run first, then what cannot be told, then what is good."""
    return sorted(trust.checks, key=lambda check: ("bad", "unsure", "good").index(check.state))


SEEDS_HELP: Final = later(
    "Queues the same training with the next seeds, in separate processes. When they are done, the card "
    "shows how far the results differ."
)


def seeds_button(missing: int) -> str:
    """What the button says that trains with other seeds."""
    if missing == 2:
        return say("Train two more seeds")
    return several(missing, "Train one more seed", "Train {n} more seeds")


def seeds_words(found: Mapping[int, Seeded]) -> str:
    """How far trainings with other seeds are, in one sentence."""
    said = (
        say("{seed} is {state}", seed=seed, state=say(STATE_STYLES[now.state][0]).lower())
        for seed, now in sorted(found.items())
    )
    return say("Other seeds: {seeds}.", seeds=listed(said))
