"""The record of a review: what was recommended, the evidence, what people said, who signed. Data; ``figures`` draws it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pandas as pd

from metarec_core import __version__
from metarec_core.data import columns
from metarec_core.evaluation.leaderboard import Evaluation
from metarec_core.evaluation.trust import Trust
from metarec_core.explain.explain import explain
from metarec_core.explain.explanation import Explanation
from metarec_core.recommend.recommender import Recommender
from metarec_core.review import verdicts
from metarec_core.review.sample import Sampled
from metarec_core.review.verdicts import Agreement, Review, SignOff, Verdict
from metarec_core.runs.run import Run
from metarec_core.runs.store import read_json

FORMAT: Final = 2
"""Version of the JSON; a change that breaks readers raises it."""
SCHEMA: Final = Path(__file__).with_name("review_pack.schema.json")
"""The JSON's schema (JSON Schema, draft 2020-12)."""
MOST_EVENTS: Final = 200
"""Latest events of a history that a record holds."""


@dataclass(frozen=True)
class HistoryEvent:
    """One past event as a reviewer sees it.

    Attributes:
        item_id: Its item.
        time: When: ISO 8601 in UTC, or the event's position where the data has only an order.
        rating: As given, or None.
        context: What is known of the situation, by column.
    """

    item_id: str
    time: str
    rating: float | None
    context: Mapping[str, str]


@dataclass(frozen=True)
class ListedItem:
    """One place of the user's list."""

    rank: int
    item_id: str
    score: float


@dataclass(frozen=True)
class Evidence:
    """What there is to judge one recommendation by. It follows from the run alone.

    Attributes:
        sampled: Which recommendation, and why it is looked at.
        history: The user's latest events, newest first.
        n_earlier: How many more there are before them.
        listed: The user's whole list.
        explanation: Parts, attention, effects and paths.
        titles: Titles of all items named here, by id.
    """

    sampled: Sampled
    history: tuple[HistoryEvent, ...]
    n_earlier: int
    listed: tuple[ListedItem, ...]
    explanation: Explanation
    titles: Mapping[str, str]

    @property
    def title(self) -> str:
        """Title of the recommended item."""
        return self.titles[self.sampled.item_id]


@dataclass(frozen=True)
class ReviewPack:
    """The whole record.

    Attributes:
        exported: ISO 8601 UTC.
        run: What was reviewed.
        evaluation: How good it was measured to be.
        review: What was sampled.
        evidence: One entry a position.
        history: Every verdict ever given, also those changed or taken back.
        sign_offs: Who signed, the last one last.
        trust: Whether the run can be trusted; None if that was not checked.
    """

    exported: str
    run: Run
    evaluation: Evaluation
    review: Review
    evidence: tuple[Evidence, ...]
    history: tuple[Verdict, ...]
    sign_offs: tuple[SignOff, ...]
    trust: Trust | None = None

    @cached_property
    def standing(self) -> tuple[Verdict, ...]:
        """Verdicts that count."""
        return verdicts.standing(self.history)

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        """How far reviewers agree."""
        return verdicts.agreements(self.standing)

    def said_of(self, position: int) -> tuple[Verdict, ...]:
        """Verdicts of one recommendation that count."""
        return tuple(v for v in self.standing if v.position == position)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, as ``SCHEMA`` says."""
        return {
            "format": FORMAT,
            "metarec_version": __version__,
            "exported": self.exported,
            "run": {"run_id": self.run.run_id, **self.run.manifest.model_dump(exclude={"format"})},
            "config": self.run.config.to_dict(),
            "seed": self.run.config.seed,
            "metrics": self.evaluation.to_dict(),
            "trust": None if self.trust is None else self.trust.to_dict(),
            "review": {
                "review_id": self.review.review_id,
                "created": self.review.created,
                "words": self.review.words,
                "plan": self.review.plan.to_dict(),
            },
            "titles": dict(sorted({id_: t for e in self.evidence for id_, t in e.titles.items()}.items())),
            "recommendations": [
                {
                    "position": position,
                    **asdict(evidence.sampled),
                    "history": [asdict(event) for event in evidence.history],
                    "n_earlier": evidence.n_earlier,
                    "list": [asdict(item) for item in evidence.listed],
                    "explanation": evidence.explanation.to_dict(),
                    "verdicts": [_without(v.to_dict(), "position", "undone") for v in self.said_of(position)],
                }
                for position, evidence in enumerate(self.evidence, start=1)
            ],
            "verdict_history": [v.to_dict() for v in self.history],
            "agreement": [asdict(agreement) for agreement in self.agreements],
            "sign_offs": [asdict(signed) for signed in self.sign_offs],
        }

    def to_json(self) -> str:
        """The record as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1, allow_nan=False)


def evidence(recommender: Recommender, sampled: Sampled, k: int) -> Evidence:
    """Everything there is to judge one recommendation by.

    Args:
        recommender: Of the run.
        sampled: Which recommendation.
        k: Length of the user's list.

    Raises:
        UnknownIdError: The run's data does not have the user or the item.
    """
    user_id, item_id = sampled.user_id, sampled.item_id
    why = explain(recommender, user_id=user_id, item_id=item_id)
    past = recommender.history(user_id)
    latest = past.head(MOST_EVENTS)
    listed = recommender.recommend([user_id], k).frame
    places = zip(listed[columns.RANK], listed[columns.ITEM_ID], listed[columns.SCORE], strict=True)
    named = {item_id, *latest[columns.ITEM_ID], *listed[columns.ITEM_ID], *_named(why)}
    return Evidence(
        sampled=sampled,
        history=tuple(_events(latest)),
        n_earlier=len(past) - len(latest),
        listed=tuple(ListedItem(int(rank), item, float(score)) for rank, item, score in places),
        explanation=why,
        titles={id_: recommender.title(id_) for id_ in sorted(named)},
    )


def review_pack(
    run: Run,
    review_id: str,
    recommender: Recommender,
    found: Iterable[Evidence] = (),
    trust: Trust | None = None,
) -> ReviewPack:
    """The record of a review as it stands.

    Args:
        run: A finished run.
        review_id: One of its reviews.
        recommender: Of the run.
        found: Evidence of each recommendation, where it was looked up before.
        trust: The run's trust card.

    Raises:
        RunError: The run has no such review, or is damaged.
    """
    review = verdicts.open_review(run, review_id)
    found = tuple(found) or tuple(evidence(recommender, item, review.plan.k) for item in review.items)
    return ReviewPack(
        exported=datetime.now(UTC).isoformat(timespec="seconds"),
        run=run,
        evaluation=Evaluation.from_dict(read_json(run.folder.leaderboard)),
        review=review,
        evidence=found,
        history=verdicts.history(run, review_id),
        sign_offs=verdicts.sign_offs(run, review_id),
        trust=trust,
    )


def _events(past: pd.DataFrame) -> Iterable[HistoryEvent]:
    contexts = [name for name in map(str, past) if name.startswith(columns.CONTEXT_PREFIX)]
    is_clock = pd.api.types.is_datetime64_any_dtype(past[columns.TIME])
    for row in past.to_dict("records"):
        rating = row.get(columns.RATING)
        yield HistoryEvent(
            item_id=row[columns.ITEM_ID],
            time=row[columns.TIME].isoformat() if is_clock else str(row[columns.TIME]),
            rating=None if rating is None or pd.isna(rating) else float(rating),
            context={name.removeprefix(columns.CONTEXT_PREFIX): row[name] for name in contexts if row[name]},
        )


def _named(why: Explanation) -> set[str]:
    """Items that an explanation speaks of."""
    carried = {event.item_id for part in why.parts for event in part.events}
    lenders = {item_id for part in why.parts for item_id in part.borrowed_from}
    steps = [] if why.paths is None else [step for path in why.paths.all for step in path.steps]
    passed = {node.id for step in steps for node in (step.source, step.target) if node.kind == "item"}
    return (
        carried
        | lenders
        | passed
        | {event.item_id for event in why.attention}
        | {event.item_id for event in why.effects}
    )


def _without(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}
