"""Whether to believe a run: what could be wrong with its figures, looked at one by one, each with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from metarec_core.evaluation.leaderboard import HEADLINE, RUN_NAME, Evaluation
from metarec_core.evaluation.lists import HEAD
from metarec_core.evaluation.significance import p_words, signed
from metarec_core.language import later, say

State = Literal["good", "bad", "unsure"]
Evidence = Literal["protocol", "leaderboard", "lists", "runs", "data"]

MUST_BEAT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "recent_popular": later("recent popularity"),
        "item_knn": later("item-kNN"),
        "transition": later("what usually follows the last item"),
    }
)
"""Simple models that a run must beat to be worth its trouble, and what they are in words."""

ENOUGH_USERS: Final = 500
FEW_USERS: Final = 100
"""With fewer test users, only differences of half as much again can be told from luck."""

SEEDS: Final = 3
"""Runs that differ in nothing but the seed, from which a spread can be seen."""

TIED: Final = 0.05
"""Share of answers without an order of their own from which on "next" is in doubt."""

EARLY: Final = 0.001
"""Share of the places in lists that may go to items that nobody had chosen by then, without a word."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: Which: "leakage", "ties", "future", "early items", "beats item_knn", "popular items", "users", "ranking", "seeds",
            "data".
        state: "good"; "bad" where figures cannot be believed, or the run is not worth it; "unsure" where it cannot be told.
        said: What was found, in one sentence.
        evidence: Where it can be seen: a part of the Evaluate page, and of what ``evaluate`` prints.
    """

    name: str
    state: State
    said: str
    evidence: Evidence


@dataclass(frozen=True)
class Trust:
    """The trust card.

    Attributes:
        checks: One after the other, the gravest kind first.
    """

    checks: tuple[Check, ...]

    @property
    def state(self) -> State:
        """The worst of all."""
        states = {check.state for check in self.checks}
        return "bad" if "bad" in states else "unsure" if "unsure" in states else "good"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"state": self.state, "checks": [asdict(check) for check in self.checks]}


def trust(evaluation: Evaluation, seed_results: Sequence[float], data_problem: str | None) -> Trust:
    """Look at everything that can be looked at.

    Args:
        evaluation: Of the run, beside all its baselines.
        seed_results: The headline measure of this run, and of those that differ from it in nothing but the seed.
        data_problem: Why the run's data cannot be found as it was; None where it can.
    """
    checks = [
        *_leakage(evaluation),
        *(_beats(evaluation, name) for name in MUST_BEAT),
        _popular_items(evaluation),
        _users(evaluation),
        Check(
            "ranking",
            "good",
            say("Answers were ranked among all {n:,} items, not among a sample of them.", n=evaluation.n_items),
            "protocol",
        ),
        _seeds(seed_results),
        Check("data", "bad", data_problem, "data")
        if data_problem
        else Check(
            "data",
            "good",
            say("The data in the workspace is what the run was trained on: the fingerprints match."),
            "data",
        ),
    ]
    return Trust(tuple(checks))


def _leakage(evaluation: Evaluation) -> list[Check]:
    found = evaluation.leakage
    if found is None:
        return [
            Check(
                "leakage",
                "unsure",
                say("Leakage was not checked: an earlier version measured the run."),
                "protocol",
            )
        ]
    checks = [
        Check("leakage", "good", say("No test answer is among the training events."), "protocol")
        if not found.learned_answers
        else Check(
            "leakage",
            "bad",
            say(
                "{share:.1%} of the test answers are among the training events.",
                share=found.learned_answers / max(found.n_queries, 1),
            ),
            "protocol",
        ),
        Check("ties", "good", say("Answers come after their histories: almost none at the same time."), "protocol")
        if found.tied_answers <= TIED * found.n_queries
        else Check(
            "ties",
            "unsure",
            say(
                "{share:.1%} of the answers have the same time as the event before them, so only the "
                "order in the file says what came next: compare with data.ties=sets.",
                share=found.tied_answers / max(found.n_queries, 1),
            ),
            "protocol",
        ),
    ]
    if found.later_events is None:
        return [
            *checks,
            Check(
                "future",
                "unsure",
                say("Times give only an order, so it cannot be checked what was known when."),
                "protocol",
            ),
        ]
    return [
        *checks,
        Check("future", "good", say("No training event is later than the first question."), "protocol")
        if not found.later_events
        else Check(
            "future",
            "unsure",
            say(
                "On average, {later:.0%} of the training events happened after the question and would "
                "not have been available in real use. The figures are higher than in real use; models "
                "can still be compared. Split by time to avoid this.",
                later=found.later_events,
            ),
            "protocol",
        ),
        _early_items(evaluation),
    ]


def _early_items(evaluation: Evaluation) -> Check:
    early = evaluation.models[RUN_NAME].get("early@10")
    if early is None:
        said = say("Whether lists show items before they exist was not measured.")
        return Check("early items", "unsure", said, "lists")
    if early.mean < EARLY:
        said = say("Lists show hardly any item before someone had chosen it.")
        return Check("early items", "good", said, "lists")
    said = say(
        "{share:.1%} of list positions go to items that nobody had chosen by then. The data does not say "
        "when items came out: if these were not out yet, the positions were wasted, and the figures are "
        "slightly too low.",
        share=early.mean,
    )
    return Check("early items", "unsure", said, "lists")


def _beats(evaluation: Evaluation, name: str) -> Check:
    gain = evaluation.differences.get(name, {}).get(HEADLINE)
    words = say(MUST_BEAT[name])
    title = f"beats {name}"
    if gain is None or gain.low is None or gain.high is None:
        return Check(title, "unsure", say("Not compared with {words} ({name}).", words=words, name=name), "leaderboard")
    p = evaluation.p_values.get(name)
    mean, low, high = map(signed, (gain.mean, gain.low, gain.high))
    figures = (
        say("NDCG@10 {mean}, {low} to {high}, {p}", mean=mean, low=low, high=high, p=p_words(p.holm))
        if p
        else say("NDCG@10 {mean}, {low} to {high}", mean=mean, low=low, high=high)
    )
    if gain.low > 0 and (p is None or p.holm < 0.05):
        return Check(
            title, "good", say("Better than {words} ({figures}).", words=words, figures=figures), "leaderboard"
        )
    said = say("Not proven better than {words} ({figures}).", words=words, figures=figures)
    return Check(title, "bad", said, "leaderboard")


def _popular_items(evaluation: Evaluation) -> Check:
    listed, answered = evaluation.models[RUN_NAME].get("head@10"), evaluation.answered_head
    if listed is None or answered is None:
        said = say("How much of the lists is popular items was not measured.")
        return Check("popular items", "unsure", said, "lists")
    said = say(
        "The {head} most popular items fill {listed:.0%} of list positions, against {answered:.0%} of actual choices.",
        listed=listed.mean,
        head=HEAD,
        answered=answered,
    )
    small = evaluation.n_items <= 2 * HEAD
    return Check("popular items", "good" if small or listed.mean <= max(0.5, 2 * answered) else "unsure", said, "lists")


def _users(evaluation: Evaluation) -> Check:
    n = evaluation.n_users
    if n >= ENOUGH_USERS:
        return Check("users", "good", say("{n:,} users were tested.", n=n), "protocol")
    said = say("Only {n:,} users were tested: small differences may be chance.", n=n)
    return Check("users", "bad" if n < FEW_USERS else "unsure", said, "protocol")


def _seeds(results: Sequence[float]) -> Check:
    if len(results) < SEEDS:
        return Check(
            "seeds",
            "unsure",
            say(
                "{n} of {seeds} seeds: train again with other seeds to see how much is chance.",
                n=len(results),
                seeds=SEEDS,
            ),
            "runs",
        )
    low, high = min(results), max(results)
    said = say("NDCG@10 ranges from {low:.4f} to {high:.4f} over {n} seeds.", low=low, high=high, n=len(results))
    return Check("seeds", "good", said, "runs")
