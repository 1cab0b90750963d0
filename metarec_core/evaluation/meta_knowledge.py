"""When a run trusts which part: k by how much is known, quality with few events, and whose lists it changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from metarec_core import metrics
from metarec_core.data.split import Split
from metarec_core.evaluation.bootstrap import Interval, bootstrap
from metarec_core.evaluation.changed_lists import ChangedLists, changed_lists
from metarec_core.evaluation.lesson import Lesson, k_on, lesson
from metarec_core.models import ranking
from metarec_core.models.metarec import MetaRec
from metarec_core.training.shortlists import Shortlists, gather_shortlists

Float64Array = npt.NDArray[np.float64]

KNOWN: Final = (1, 2, 3, 5, 10, 20)
"""Events of each history that are shown to the model, the latest ones."""

LISTED: Final = 20
"""Best items of each question whose k counts for the curve by length: those that can come into a list."""

BAND: Final = (10, 90)
"""Percentiles between which four of five pairs are."""

LENGTH: Final = "history length"
POPULARITY: Final = "item popularity"


@dataclass(frozen=True)
class KPoint:
    """k of one part where so much is known.

    Attributes:
        by: ``LENGTH`` or ``POPULARITY``.
        first, last: Events known, from one number to the other.
        part: Which part.
        mean: Of k over pairs of a user and an item: 0 trusts it as the fixed weights do, -1 not at all, 1 twice as much.
        low, high: Its 10th and 90th percentile.
        pairs: How many pairs.
    """

    by: str
    first: int
    last: int
    part: str
    mean: float
    low: float
    high: float
    pairs: int


@dataclass(frozen=True)
class FewShot:
    """NDCG@10 with only so many events known of each user; a user who has fewer keeps those.

    Attributes:
        known: How many.
        with_k, without, popular: With meta-knowledge (None where there is none), with the best fixed weights alone, and by
            counting everybody's choices.
        gain: With minus without, paired; None where there is no meta-knowledge.
    """

    known: int
    with_k: Interval | None
    without: Interval
    popular: Interval
    gain: Interval | None


@dataclass(frozen=True)
class Look:
    """Everything that the page shows of meta-knowledge; while it is being measured, as far as it has come.

    Attributes:
        served: Whether the run recommends with it; else it was learned for looking only.
        learned: Whether there is any: False where there was too little to learn from.
        taught: Test answers it was learned from; 0 where it is the run's own.
        questions: Test questions that judge it, none of which it has learned from.
        k, few_shot, lists: What was found.
    """

    served: bool
    learned: bool
    taught: int
    questions: int
    k: tuple[KPoint, ...] = ()
    few_shot: tuple[FewShot, ...] = ()
    lists: ChangedLists = field(default_factory=ChangedLists)

    @property
    def share_done(self) -> float:
        return (1 + len(self.few_shot)) / (2 + len(KNOWN))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; ``from_dict`` gives the same look back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Look:
        def interval(found: dict[str, Any] | None) -> Interval | None:
            return None if found is None else Interval(**found)

        shots = [
            FewShot(
                shot["known"],
                interval(shot["with_k"]),
                Interval(**shot["without"]),
                Interval(**shot["popular"]),
                interval(shot["gain"]),
            )
            for shot in values["few_shot"]
        ]
        points = tuple(KPoint(**point) for point in values["k"])
        lists = ChangedLists.from_dict(values["lists"])
        return cls(**{**values, "k": points, "few_shot": tuple(shots), "lists": lists})


def look(model: MetaRec, split: Split, max_history: int, draws: int, seed: int) -> Iterator[Look]:
    """Measure what meta-knowledge does, on test questions that it has not learned from.

    Args:
        model: Of a run, its parts fitted on ``split.known``.
        split: The run's.
        max_history: Longest history the model looks at.
        draws: Resamplings behind each interval.
        seed: Of all draws.

    Yields:
        The look as it grows; the last one is complete.
    """
    found = lesson(model, split, max_history, seed)
    so_far = Look(found.served, found.knowledge is not None, found.taught, len(found.judged))
    yield so_far
    popular = _popular(found, split)
    for known in KNOWN:
        lists = gather_shortlists(found.fixed, found.judged, latest=known)
        shot = _few_shot(known, found, lists, popular, draws, seed)
        points = [] if found.knowledge is None else _by_length(known, found, lists)
        so_far = replace(so_far, few_shot=(*so_far.few_shot, shot), k=(*so_far.k, *points))
        yield so_far
    if found.knowledge is not None:
        lists = gather_shortlists(found.fixed, found.judged)
        changed = changed_lists(found.fixed, found.whole, split, max_history, seed)
        yield replace(so_far, k=(*so_far.k, *_by_popularity(found, lists, split)), lists=changed)


def _popular(found: Lesson, split: Split) -> Float64Array:
    """Ranks of the answers by everybody's choices, float64 [Q]."""
    counts = np.bincount(split.known.item_numbers, minlength=split.dataset.n_items + 1).astype(np.float32)
    answers, ranks = found.judged.answers(), np.empty(len(found.judged))
    for block, batch in found.judged.blocks(1):
        scores = np.tile(counts, (len(batch), 1))
        found.judged.hide_seen(scores, block)
        ranks[block] = ranking.ranks_of(scores, answers[block])
    return ranks


def _few_shot(known: int, found: Lesson, lists: Shortlists, popular: Float64Array, draws: int, seed: int) -> FewShot:
    columns = [metrics.ndcg(lists.ranks, 10), metrics.ndcg(popular, 10)]
    if found.knowledge is not None:
        whole = metrics.ndcg(lists.reranked(k_on(found.knowledge, lists)), 10)
        columns += [whole, whole - columns[0]]
    measured = bootstrap(np.stack(columns, axis=1), draws, seed, lists.users)
    without, counted, *rest = measured
    with_k, gain = rest if rest else (None, None)
    return FewShot(known, with_k, without, counted, gain)


def _by_length(known: int, found: Lesson, lists: Shortlists) -> list[KPoint]:
    """k of the best items, over users of whom at least so many events are known."""
    lists = lists.some(np.flatnonzero(lists.lengths == known))
    if found.knowledge is None or not len(lists.users):
        return []
    k = k_on(found.knowledge, lists)[:, :LISTED][lists.items[:, :LISTED] > 0]
    return _points(LENGTH, known, known, found.fixed.part_names, k)


def _by_popularity(found: Lesson, lists: Shortlists, split: Split) -> Iterator[KPoint]:
    """k of all shortlisted items, by how many events each has, in groups that double: 0, 1, 2 to 3, 4 to 7 …"""
    if found.knowledge is None:
        return
    listed = lists.items > 0
    k = k_on(found.knowledge, lists)[listed]
    counts = np.bincount(split.known.item_numbers, minlength=split.dataset.n_items + 1)[lists.items[listed]]
    group = np.ceil(np.log2(counts + 1)).astype(np.int64)
    for number in np.unique(group).tolist():
        first, last = (0, 0) if number == 0 else (2 ** (number - 1), 2**number - 1)
        yield from _points(POPULARITY, first, last, found.fixed.part_names, k[group == number])


def _points(by: str, first: int, last: int, parts: tuple[str, ...], k: npt.NDArray[np.float32]) -> list[KPoint]:
    """Args: k float32 [pairs, P]."""
    low, high = np.percentile(k, BAND, axis=0)
    means = k.mean(axis=0, dtype=np.float64)
    return [
        KPoint(by, first, last, part, float(means[place]), float(low[place]), float(high[place]), len(k))
        for place, part in enumerate(parts)
    ]
