"""Whether to believe a run: what could be wrong with its figures, looked at one by one, each with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from metarec_core.evaluation.leaderboard import HEADLINE, RUN_NAME, Evaluation
from metarec_core.evaluation.lists import HEAD

State = Literal["good", "bad", "unsure"]
Evidence = Literal["protocol", "leaderboard", "lists", "runs", "data"]

MUST_BEAT: Final[Mapping[str, str]] = MappingProxyType(
    {"recent_popular": "what was popular lately", "item_knn": "item-kNN", "transition": "what came after the last item"}
)
"""Simple models that a run must beat to be worth its trouble, and what they are in words."""

ENOUGH_USERS: Final = 500
FEW_USERS: Final = 100
"""With fewer test users, only differences of half as much again can be told from luck."""

SEEDS: Final = 3
"""Runs that differ in nothing but the seed, from which a spread can be seen."""

TIED: Final = 0.05
"""Share of answers without an order of their own from which on "next" is in doubt."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: Which: "leakage", "ties", "future", "beats item_knn", "popular items", "users", "ranking", "seeds", "data".
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
            f"Answers were ranked among all {evaluation.n_items:,} items, not among a sample of them.",
            "protocol",
        ),
        _seeds(seed_results),
        Check("data", "bad", data_problem, "data")
        if data_problem
        else Check(
            "data", "good", "The data in the workspace is what the run learned from: their fingerprints agree.", "data"
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
                "Leaks were not looked for: a version before this one measured the run.",
                "protocol",
            )
        ]
    checks = [
        Check("leakage", "good", "No answer is among the events that were learned from.", "protocol")
        if not found.learned_answers
        else Check(
            "leakage",
            "bad",
            f"{_share(found.learned_answers, found.n_queries)} of the answers are among the events that were learned from.",
            "protocol",
        ),
        Check("ties", "good", "Answers come after their histories: almost none at the same moment.", "protocol")
        if found.tied_answers <= TIED * found.n_queries
        else Check(
            "ties",
            "unsure",
            f"{_share(found.tied_answers, found.n_queries)} of the answers have the same time as the event before them, so "
            "that what is next is only the file's order there: compare with data.ties=sets.",
            "protocol",
        ),
    ]
    if found.later_events is None:
        return [
            *checks,
            Check("future", "unsure", "Times are only an order, so nobody can tell what was known when.", "protocol"),
        ]
    early = evaluation.models[RUN_NAME].get("early@10")
    shown = f", and {early.mean:.1%} of the places in lists go to items that nobody had had by then" if early else ""
    return [
        *checks,
        Check("future", "good", "Nothing was learned from after the first question.", "protocol")
        if not found.later_events
        else Check(
            "future",
            "unsure",
            f"{found.later_events:.0%} of what was learned from happened after the question, on average{shown}: in use, it "
            "would not have been there. Figures are higher than in use; models can be compared. Split by time to avoid it.",
            "protocol",
        ),
    ]


def _beats(evaluation: Evaluation, name: str) -> Check:
    gain = evaluation.differences.get(name, {}).get(HEADLINE)
    words = MUST_BEAT[name]
    title = f"beats {name}"
    if gain is None or gain.low is None or gain.high is None:
        return Check(title, "unsure", f"Not compared with {words} ({name}).", "leaderboard")
    p = evaluation.p_values.get(name)
    figures = f"NDCG@10 {gain.mean:+.3f}, {gain.low:+.3f} to {gain.high:+.3f}" + (f", p = {p.holm:.4f}" if p else "")
    if gain.low > 0 and (p is None or p.holm < 0.05):
        return Check(title, "good", f"Better than {words} ({figures}).", "leaderboard")
    return Check(title, "bad", f"Not shown to be better than {words} ({figures}).", "leaderboard")


def _popular_items(evaluation: Evaluation) -> Check:
    listed, answered = evaluation.models[RUN_NAME].get("head@10"), evaluation.answered_head
    if listed is None or answered is None:
        return Check(
            "popular items", "unsure", "How much of the lists is just popular items was not measured.", "lists"
        )
    said = (
        f"{listed.mean:.0%} of the places in lists go to the {HEAD} most popular items; of what was chosen, {answered:.0%} "
        "were such."
    )
    small = evaluation.n_items <= 2 * HEAD
    return Check("popular items", "good" if small or listed.mean <= max(0.5, 2 * answered) else "unsure", said, "lists")


def _users(evaluation: Evaluation) -> Check:
    n = evaluation.n_users
    if n >= ENOUGH_USERS:
        return Check("users", "good", f"{n:,} users were asked.", "protocol")
    said = f"Only {n:,} users were asked: small differences cannot be told from luck."
    return Check("users", "bad" if n < FEW_USERS else "unsure", said, "protocol")


def _seeds(results: Sequence[float]) -> Check:
    if len(results) < SEEDS:
        return Check(
            "seeds",
            "unsure",
            f"{len(results)} of {SEEDS} seeds: train it again with other seeds to see how much is chance.",
            "runs",
        )
    low, high = min(results), max(results)
    return Check("seeds", "good", f"NDCG@10 lies between {low:.4f} and {high:.4f} over {len(results)} seeds.", "runs")


def _share(part: int, whole: int) -> str:
    return f"{part / max(whole, 1):.1%}"
