"""Over a run: how often attention can be believed, and for whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from metarec_core.data.dataset import Dataset
from metarec_core.errors import RunError
from metarec_core.explain.effects import attention_weights, leave_one_out
from metarec_core.explain.explanation import AttentionTrust, Faithfulness
from metarec_core.explain.faithfulness import FEWEST, faithfulness
from metarec_core.explain.history import history_of
from metarec_core.recommend.recommender import Recommender
from metarec_core.runs.run import Run
from metarec_core.runs.store import read_json, write_json

LENGTHS: Final[tuple[tuple[str, Callable[[int], bool]], ...]] = (
    ("up to 10 events", lambda length: length <= 10),
    ("11 to 50 events", lambda length: 10 < length <= 50),
    ("more than 50 events", lambda length: length > 50),
)
"""Slices by length of the history."""

FEWEST_PAIRS: Final = 10
"""Pairs that users with one value of an attribute need for a slice of their own."""

MOST_VALUES: Final = 8
"""Values of an attribute that become slices: those with the most pairs."""


@dataclass(frozen=True)
class _Tested:
    """One pair, and what came of it."""

    user: int
    item: int
    length: int
    found: Faithfulness


def attention_trust(recommender: Recommender, *, n_users: int = 100, seed: int = 0) -> AttentionTrust:
    """Test attention on the first item of the lists of some users, drawn from those whose history is long enough to tell.

    Args:
        recommender: A run at work.
        n_users: How many users at most.
        seed: Of the draw.
    """
    data = recommender.dataset
    chosen = np.random.default_rng(seed).permutation(np.flatnonzero(data.events.lengths() >= FEWEST))[:n_users]
    tested: list[_Tested] = []
    for user in chosen.tolist():
        user_id = data.users.id(user)
        listed = recommender.recommend([user_id], 1).item_ids
        history = history_of(recommender, user_id)
        weights = attention_weights(recommender, history.whole())
        if weights is None or not listed:
            continue
        item = data.items.number(listed[0])
        found = faithfulness(recommender, history, item, weights, leave_one_out(recommender, history, item))
        if found is not None:
            tested.append(_Tested(user, item, len(history.seen), found))
    rows = [_row(kind, name, [pair.found for pair in pairs]) for kind, name, pairs in _slices(data, tested) if pairs]
    return AttentionTrust(tuple(rows), len(chosen), seed)


def measured_trust(run: Run, recommender: Recommender, *, n_users: int) -> AttentionTrust:
    """``attention_trust`` of a finished run, read back where it was measured before."""
    kept = run.folder.store / "attention" / f"{run.run_id}-{n_users}.json"
    if kept.is_file():
        try:
            return AttentionTrust.from_dict(read_json(kept))
        except (RunError, KeyError, TypeError, ValueError):
            kept.unlink(missing_ok=True)  # damaged, or of an earlier version: measured again
    measured = attention_trust(recommender, n_users=n_users, seed=run.config.seed)
    kept.parent.mkdir(exist_ok=True)
    write_json(kept, measured.to_dict())
    return measured


def _slices(data: Dataset, tested: Sequence[_Tested]) -> Iterator[tuple[str, str, list[_Tested]]]:
    """Ways to cut the pairs: what by, which, and those that are in it."""
    yield "All", "all", list(tested)
    for name, belongs in LENGTHS:
        yield "History", name, [pair for pair in tested if belongs(pair.length)]
    counts = np.bincount(data.events.item_numbers, minlength=data.n_items + 1)
    low, high = _thirds(counts)
    popularity = [(pair, int(counts[pair.item])) for pair in tested]
    yield "Item popularity", f"items with up to {low} events", [pair for pair, n in popularity if n <= low]
    yield (
        "Item popularity",
        f"items with {low + 1} to {high} events",
        [pair for pair, n in popularity if low < n <= high],
    )
    yield "Item popularity", f"items with more than {high} events", [pair for pair, n in popularity if n > high]
    for name, attribute in data.user_attributes.items():
        by_value: dict[int, list[_Tested]] = {}
        for pair in tested:
            own = attribute.value_numbers[attribute.offsets[pair.user] : attribute.offsets[pair.user + 1]]
            for value in np.unique(own).tolist():
                by_value.setdefault(value, []).append(pair)
        large = [(value, pairs) for value, pairs in by_value.items() if len(pairs) >= FEWEST_PAIRS]
        for value, pairs in sorted(large, key=lambda one: (-len(one[1]), one[0]))[:MOST_VALUES]:
            yield f"User: {name}", attribute.vocabulary.id(value), pairs


def _thirds(counts: np.ndarray) -> tuple[int, int]:
    """Events of an item up to which, from the rarest item on, a third of all events lies, and two thirds."""
    rising = np.sort(counts)
    share = np.cumsum(rising) / max(int(rising.sum()), 1)
    low, high = rising[np.minimum(np.searchsorted(share, [1 / 3, 2 / 3]), len(rising) - 1)].tolist()
    return low, high


def _row(kind: str, name: str, tested: list[Faithfulness]) -> dict[str, Any]:
    n = len(tested)

    def share(badge: str) -> float:
        return sum(found.badge == badge for found in tested) / n

    def quantile(values: list[float | None], at: float = 0.5) -> float | None:
        known = [value for value in values if value is not None]
        return float(np.quantile(known, at)) if known else None

    correlations = [found.correlation for found in tested]
    return {
        "kind": kind,
        "slice": name,
        "pairs": n,
        "agrees": share("agrees"),
        "weak": share("weak"),
        "misleading": share("misleading"),
        "correlation_low": quantile(correlations, 0.25),
        "correlation": quantile(correlations),
        "correlation_high": quantile(correlations, 0.75),
        "recovered": quantile([found.recovered for found in tested]),
        "deletion": quantile([_fall(found, found.deletion.attention.area) for found in tested]),
        "deletion_random": quantile([_fall(found, found.deletion.random.area) for found in tested]),
        "insertion": quantile([_fall(found, found.insertion.attention.area) for found in tested]),
        "insertion_random": quantile([_fall(found, found.insertion.random.area) for found in tested]),
    }


def _fall(found: Faithfulness, area: float) -> float | None:
    """An area as a share of the way from the score without the attended events (0) to the whole score (1)."""
    whole, empty = found.deletion.attention.scores[0], found.deletion.attention.scores[-1]
    return (area - empty) / (whole - empty) if abs(whole - empty) > 1e-6 else None
