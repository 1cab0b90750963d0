"""Two models before the same user, and how far reasons hold from seed to seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from metarec_core.data import columns
from metarec_core.data.dataset import Float32Array, Int32Array
from metarec_core.errors import InputError
from metarec_core.language import say
from metarec_core.models import ranking
from metarec_core.models.batch import user_batch
from metarec_core.recommend.recommender import Recommender


@dataclass(frozen=True)
class Comparison:
    """The lists of one user in two models.

    Attributes:
        frame: A row for each item in either list, by its place in the first, then in the second: item_id; rank and rank_other,
            places among all that the user may get; in (``both``, ``first`` or ``second`` list); why, the part of either model
            that sets the item apart most; for each part of the first model ``part_<name>``, of the second ``other_<name>``:
            how far the part lifts the item above the mean of its model's list, in standard deviations of that model's scores.
        common: Items in both lists.
        k: Length of a list.
    """

    frame: pd.DataFrame
    common: int
    k: int


@dataclass(frozen=True)
class Stability:
    """How far several runs agree on lists and on the reasons for them.

    Attributes:
        frame: A row a pair of runs: first and second (their places), overlap (items of a list in common, as a share of ``k``)
            and correlation (of the parts' shares of the scores over all items in both lists of a user), means over users.
        overlap, correlation: Means over pairs; correlation is NaN where there was nothing to correlate.
        n_users: Users asked.
        k: Length of a list.
    """

    frame: pd.DataFrame
    overlap: float
    correlation: float
    n_users: int
    k: int


def compare(first: Recommender, second: Recommender, user_id: str, k: int = 10) -> Comparison:
    """One user's lists in two models of the same data.

    Args:
        first: A run or a baseline at work.
        second: Another.
        user_id: Whose lists.
        k: Length of a list.

    Raises:
        UnknownIdError: The user is not in the data.
        InputError: The models are of different items, or ``k`` is not positive.
    """
    _check([first, second], k)
    user = np.array([first.dataset.users.number(user_id)], dtype=np.int32)
    if user_id not in second.dataset.users:
        raise InputError(
            say("The other run does not know user {user_id!r}: compare runs on the same data.", user_id=user_id)
        )
    there = np.array([second.dataset.users.number(user_id)], dtype=np.int32)
    (parts, total), (parts_other, total_other) = _scores(first, user), _scores(second, there)
    lists = [ranking.top_items(scores, k)[0] for scores in (total, total_other)]
    lists = [items[items > 0] for items in lists]
    items = np.concatenate([lists[0], lists[1][~np.isin(lists[1], lists[0])]])
    lifts = _lifts(parts, total, lists[0], items)
    lifts_other = _lifts(parts_other, total_other, lists[1], items)
    in_first, in_second = np.isin(items, lists[0]), np.isin(items, lists[1])
    apart = {f"1 {name}": lift for name, lift in lifts.items()} | {f"2 {n}": -lift for n, lift in lifts_other.items()}
    frame = pd.DataFrame(
        {
            columns.ITEM_ID: [first.dataset.items.ids[number - 1] for number in items.tolist()],
            columns.RANK: _places(total[0], items),
            "rank_other": _places(total_other[0], items),
            "in": np.select([in_first & in_second, in_first], ["both", "first"], "second"),
            "why": _apart(apart, np.where(in_first & ~in_second, 1, np.where(in_second & ~in_first, -1, 0))),
            **{columns.PART_PREFIX + name: lift for name, lift in lifts.items()},
            **{f"other_{name}": lift for name, lift in lifts_other.items()},
        }
    )
    return Comparison(frame, int((in_first & in_second).sum()), k)


def stability(recommenders: Sequence[Recommender], user_ids: Sequence[str], k: int = 10) -> Stability:
    """How far runs of different seeds agree.

    Args:
        recommenders: Two or more runs of the same data and the same parts.
        user_ids: Whose lists are compared.
        k: Length of a list.

    Raises:
        InputError: There are fewer than two runs or no users, they are of different items or parts, or ``k`` is not positive.
        UnknownIdError: A user is not in the data.
    """
    if len(recommenders) < 2 or not user_ids:
        raise InputError(say("Stability needs at least two runs and one user: name more."))
    _check(recommenders, k)
    names = [recommender.part_names for recommender in recommenders]
    if len(set(names)) > 1:
        raise InputError(
            say("These runs have different parts, so their reasons cannot be compared: use runs with the same config.")
        )
    n_items = recommenders[0].dataset.n_items
    size = ranking.rows_per_block(n_items, len(names[0]) * len(recommenders))
    overlaps = {pair: [] for pair in combinations(range(len(recommenders)), 2)}  # type: dict[tuple[int, int], list[float]]
    shares = {pair: ([], []) for pair in overlaps}  # type: dict[tuple[int, int], tuple[list[Float32Array], list[Float32Array]]]
    for start in range(0, len(user_ids), size):
        block = user_ids[start : start + size]
        tops, parts = [], []
        for recommender in recommenders:
            said, total = _scores(recommender, recommender.dataset.users.numbers(block))
            tops.append(ranking.top_items(total, k))
            parts.append(np.stack(list(said.values()), axis=-1))
        for one, two in overlaps:
            both = (tops[one][:, :, None] == tops[two][:, None, :]).any(axis=2) & (tops[one] > 0)
            listed = np.minimum((tops[one] > 0).sum(axis=1), (tops[two] > 0).sum(axis=1))
            overlaps[one, two] += (both.sum(axis=1) / np.maximum(listed, 1)).tolist()
            rows, places = np.nonzero(both)
            common = tops[one][rows, places]
            for run, kept in zip((one, two), shares[one, two], strict=True):
                own = parts[run][rows, common]
                kept.append(own / np.maximum(np.abs(own).sum(axis=1, keepdims=True), np.float32(1e-9)))
    rows_found = [
        {"first": one, "second": two, "overlap": float(np.mean(found)), "correlation": _correlation(*shares[one, two])}
        for (one, two), found in overlaps.items()
    ]
    frame = pd.DataFrame(rows_found)
    correlation = frame["correlation"].mean()
    return Stability(frame, float(frame["overlap"].mean()), float(correlation), len(user_ids), k)


def _check(recommenders: Sequence[Recommender], k: int) -> None:
    if k < 1:
        raise InputError(say("A list of {k} items is not possible: ask for 1 or more.", k=k))
    ids = recommenders[0].dataset.items.ids
    if any(list(other.dataset.items.ids) != list(ids) for other in recommenders[1:]):
        raise InputError(say("These runs have different items: compare runs on the same data."))


def _scores(recommender: Recommender, users: Int32Array) -> tuple[dict[str, Float32Array], Float32Array]:
    """float32 [B, N + 1]: each part, and the total with what may not be listed at minus infinity."""
    data = recommender.dataset
    scores = recommender.scorer.score(user_batch(data, users, recommender.max_history))
    total = scores.total
    ranking.hide_seen(total, data, data.events.offsets[users], data.events.offsets[users.astype(np.int64) + 1])
    return dict(scores.parts), total


def _lifts(
    parts: dict[str, Float32Array], total: Float32Array, listed: Int32Array, items: Int32Array
) -> dict[str, np.ndarray]:
    """How far parts lift items above the list's mean, in standard deviations of the scores, so that two models compare."""
    finite = total[0][np.isfinite(total[0])]
    spread = max(float(finite.std()) if len(finite) else 0.0, 1e-9)
    return {
        name: (part[0, items] - (part[0, listed].mean() if len(listed) else 0)).astype(np.float64) / spread
        for name, part in parts.items()
    }


def _places(scores: Float32Array, items: Int32Array) -> list[int]:
    order = np.argsort(-scores, kind="stable")
    place = np.empty(len(scores), dtype=np.int64)
    place[order] = np.arange(1, len(scores) + 1)
    found: list[int] = place[items].tolist()
    return found


def _apart(lifts: dict[str, np.ndarray], side: np.ndarray) -> list[str]:
    """For items in one list only, the part that speaks most for it there or against it in the other list."""
    names, table = list(lifts), np.stack(list(lifts.values()), axis=-1)
    best = (table * side[:, None]).argmax(axis=1)
    return [names[place] if own else "" for place, own in zip(best.tolist(), side.tolist(), strict=True)]


def _correlation(one: list[Float32Array], two: list[Float32Array]) -> float:
    first, second = np.concatenate(one).ravel(), np.concatenate(two).ravel()
    if len(first) < 2 or first.std() == 0 or second.std() == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])
