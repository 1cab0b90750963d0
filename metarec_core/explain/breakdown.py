"""A score as the sum of its parts, each with what carries it and how far it is trusted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from metarec_core.data.dataset import Dataset
from metarec_core.explain import wording
from metarec_core.explain.common_ground import shared
from metarec_core.explain.explanation import Count, EventShare, PartValue, Situation, TrustReason
from metarec_core.models.batch import Batch
from metarec_core.models.content import ContentPart
from metarec_core.models.graph import GraphPart
from metarec_core.models.meta import SHORTLIST, corrected_part
from metarec_core.models.metarec import COOCCURRENCE, TRANSITION, MetaRec
from metarec_core.models.new_items import Lends
from metarec_core.models.popularity import ContextPopularity, Popularity
from metarec_core.models.scorer import Scorer, Scores
from metarec_core.models.shares import event_shares
from metarec_core.models.trust import PairTrust, pair_trust
from metarec_core.recommend.recommender import Recommender
from metarec_core.training.baselines import Baseline

Float32Array = npt.NDArray[np.float32]

MOST_EVENTS: Final = 10
"""Events named for a part; the others are given as a sum."""

EXPLAINED: Final = 3
"""Of those, for so many it is said what they share with the item, and how many others did the same."""


@dataclass(frozen=True)
class Scored:
    """Every item for one row, as the model's parts.

    Attributes:
        parts: float32 [1, N + 1] by part.
        plain: The same under the weights that are the same for all; equal to ``parts`` for models without meta-knowledge.
        total: Their sum, by which items are ranked.
    """

    parts: Mapping[str, Float32Array]
    plain: Mapping[str, Float32Array]
    total: Float32Array


def score_row(scorer: Scorer, batch: Batch) -> Scored:
    """Score the one row of a batch."""
    if not isinstance(scorer, MetaRec):
        parts = scorer.score(batch).parts
        return Scored(parts, parts, Scores(parts).total)
    said = scorer.plain_parts(batch)
    parts = scorer.combine(batch, said).parts
    plain = {name: corrected_part(scores, scorer.k[name]) for name, scores in said.items()}
    return Scored(parts, plain, Scores(parts).total)


def part_values(scored: Scored, item: int, had: Iterable[int]) -> tuple[PartValue, ...]:
    """One item's parts, in figures only.

    Args:
        scored: Its row.
        item: Item number.
        had: Items that no list of this user shows.
    """
    hidden = list(had)
    alone = len(scored.parts) == 1
    return tuple(
        PartValue(
            name=name,
            value=float(scores[0, item]),
            rank_without=None if alone else rank_of(scored.total - scores, item, hidden),
            correction=float(scores[0, item]) - float(scored.plain[name][0, item]),
        )
        for name, scores in scored.parts.items()
    )


def with_evidence(
    parts: Iterable[PartValue], recommender: Recommender, batch: Batch, item: int
) -> tuple[PartValue, ...]:
    """The same parts with what carries them, how far each is trusted and why, in figures and in words."""
    scorer = recommender.scorer
    trust = trust_of(recommender, scorer, batch, item) if isinstance(scorer, MetaRec) else None
    lent = _lent(recommender, scorer, batch, item) if isinstance(scorer, MetaRec) else {}
    return tuple(_with_evidence(part, recommender, batch, item, place, trust, lent) for place, part in enumerate(parts))


def rank_of(total: Float32Array, item: int, had: Iterable[int]) -> int | None:
    """Place of an item in the first row's list as it would be shown, ties in order of item number; None where it is hidden."""
    visible = total[0].copy()
    visible[0] = -np.inf
    visible[list(had)] = -np.inf
    own = visible[item]
    if np.isneginf(own):
        return None
    return int((visible > own).sum() + (visible[:item] == own).sum()) + 1


def time_text(dataset: Dataset, time: int) -> str:
    """A time as explanations carry it: ISO 8601 in UTC, or the event's position."""
    return pd.Timestamp(time, unit="s", tz="UTC").isoformat() if dataset.has_clock_times else str(time)


def trust_of(recommender: Recommender, model: MetaRec, batch: Batch, item: int) -> PairTrust:
    """How far the parts of one pair are trusted, beside the average user of the data."""
    events = recommender.dataset.events
    lengths = np.minimum(events.lengths()[1:], recommender.max_history).astype(np.int32)
    last = np.where(lengths > 0, np.append(events.item_numbers, 0)[events.offsets[2:] - 1], 0)
    return pair_trust(model, batch, item, (lengths, last))


def _lent(recommender: Recommender, model: MetaRec, batch: Batch, item: int) -> dict[str, tuple[str, ...]]:
    """Which items lend each part to an item without events, those that lend it most first; no part where it borrows nothing."""
    row = recommender.lenders(item)
    if not row.nnz:
        return {}
    said, lent = model.plain_parts(batch), {}
    for name, part in model.parts.items():
        if isinstance(part, Lends):
            shares = np.abs(row.data * said[name][0, row.indices])
            order = np.argsort(-shares, kind="stable")
            lent[name] = tuple(recommender.dataset.items.id(int(row.indices[n])) for n in order if shares[n])
    return lent


def _block(scorer: Scorer, name: str) -> object:
    if isinstance(scorer, MetaRec):
        return scorer.parts[name]
    return scorer.part if isinstance(scorer, Baseline) else None


def _with_evidence(
    part: PartValue,
    recommender: Recommender,
    batch: Batch,
    item: int,
    place: int,
    trust: PairTrust | None,
    lent: Mapping[str, tuple[str, ...]],
) -> PartValue:
    """The same part with what it goes by, in figures and in words."""
    part = replace(part, borrowed_from=lent.get(part.name, ()))
    scorer = recommender.scorer
    block = _block(scorer, part.name)
    weight = 1.0
    if isinstance(scorer, MetaRec) and trust is not None:
        weight = scorer.units[part.name] * (1.0 + scorer.k[part.name]) * float(trust.factors[place])
        part = _with_trust(part, recommender, batch, item, place, trust, borrows=bool(lent))
    shares = event_shares(block, batch, item)
    if shares is not None:
        part = _with_events(part, recommender, batch, item, np.float32(weight) * shares[0], block)
    elif part.borrowed_from:
        pass  # what its lenders were counted to be is no count of its own
    elif isinstance(block, Popularity):
        part = replace(part, count=_count(recommender, block, item))
    elif isinstance(block, ContextPopularity):
        part = replace(part, situations=_situations(block, recommender.dataset, batch, item))
    return replace(part, reason=wording.reason(part, recommender.title))


def _with_trust(
    part: PartValue, recommender: Recommender, batch: Batch, item: int, place: int, trust: PairTrust, *, borrows: bool
) -> PartValue:
    known = wording.Known(
        history_length=int(batch.lengths[0]),
        last_item_events=_events_of(recommender.dataset, int(batch.last_items()[0])),
        item_events=_events_of(recommender.dataset, item),
        borrows=borrows,
    )
    reasons = [
        TrustReason(feature, wording.feature(feature, known), float(moved[place]))
        for feature, moved in trust.moved.items()
    ]
    reasons.sort(key=lambda reason: -abs(reason.effect))
    return replace(
        part,
        trust=tuple(reasons),
        trust_reason=" ".join(
            said
            for said, holds in (
                (wording.trust_reason(part.name, float(trust.factors[place]), reasons), reasons),
                (wording.not_looked_at(SHORTLIST), not trust.looked_at),
            )
            if holds
        ),
    )


def _events_of(dataset: Dataset, item: int) -> int:
    return int(np.count_nonzero(dataset.events.item_numbers == item)) if item else 0


def _with_events(
    part: PartValue, recommender: Recommender, batch: Batch, item: int, shares: Float32Array, block: object
) -> PartValue:
    data = recommender.dataset
    n = int(batch.lengths[0])
    order = np.argsort(-np.abs(shares[:n]), kind="stable")
    order = order[shares[order] != 0]
    named, others = order[:MOST_EVENTS], order[MOST_EVENTS:]
    events = []
    for number, place in enumerate(named.tolist()):
        other = int(batch.history[0, place])
        explained = number < EXPLAINED
        reads = isinstance(block, (ContentPart, GraphPart)) and explained and other != item
        events.append(
            EventShare(
                item_id=data.items.id(other),
                time=time_text(data, int(batch.times[0, place])),
                value=float(shares[place]),
                shared=shared(recommender, item, other, words=isinstance(block, ContentPart)) if reads else (),
                others=_others(data, part.name, item, other) if explained and not part.borrowed_from else None,
            )
        )
    return replace(
        part,
        events=tuple(events),
        other_events=float(shares[others].sum(dtype=np.float64)),
        n_other_events=len(others),
    )


STEP_WINDOW: Final = 10
"""Events within which one item counts as having come after another."""


def _others(data: Dataset, part: str, item: int, other: int) -> int | None:
    """How many users chose the item soon after the other one (transition), or both (co-occurrence)."""
    if part not in (TRANSITION, COOCCURRENCE):
        return None
    events = data.events
    users = events.user_numbers()
    chosen = np.flatnonzero(events.item_numbers == item)
    if part == COOCCURRENCE:
        return len(np.intersect1d(users[chosen], users[events.item_numbers == other]))
    before = chosen[:, None] - np.arange(1, STEP_WINDOW + 1)
    inside = np.maximum(before, 0)
    made = (before >= 0) & (events.item_numbers[inside] == other) & (users[inside] == users[chosen][:, None])
    return len(np.unique(users[chosen[made.any(axis=1)]]))


def _count(recommender: Recommender, block: Popularity, item: int) -> Count:
    own, counts = block.log_counts[item], block.log_counts[1:]
    if isinstance(recommender.scorer, MetaRec):
        counts = np.where(recommender.new_items[1:], 0, counts)  # what new items have of others is no place of theirs
    return Count(float(np.expm1(own)), int((counts > own).sum()) + 1, len(counts))


def _situations(block: ContextPopularity, data: Dataset, batch: Batch, item: int) -> tuple[Situation, ...]:
    return tuple(
        Situation(vocabulary.kind, vocabulary.id(int(value)), float(np.exp(block.lifts[start + value, item])))
        for vocabulary, start, value in zip(data.request_vocabularies, block.starts, batch.context[0], strict=True)
        if start >= 0 and value > 0
    )
