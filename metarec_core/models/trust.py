"""How far meta-knowledge trusts each part for one user and one item, and which of the things it looks at moved it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from metarec_core.models.batch import Batch
from metarec_core.models.meta import MetaKnowledge, meta_features, standardised
from metarec_core.models.metarec import MetaRec
from metarec_core.models.separable import SeparableK, item_features, user_features

Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class PairTrust:
    """What the parts of one pair are multiplied by, on top of the weights that are the same for all.

    Attributes:
        factors: float32 [P], 1 + k(u, i); 1 where meta-knowledge has no say.
        moved: For each thing it looks at, float32 [P]: how much lower the factors would be, were that as it is on average.
            From running the networks again, one thing replaced at a time; so these need not add up to k.
        looked_at: False where there is meta-knowledge of pairs that does not look at this one: then its k is 0.
    """

    factors: Float32Array
    moved: Mapping[str, Float32Array]
    looked_at: bool = True


def pair_trust(
    model: MetaRec, batch: Batch, item: int, everybody: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]
) -> PairTrust:
    """Trust in one pair.

    Args:
        model: Whose meta-knowledge.
        batch: One row.
        item: Item number.
        everybody: int32 [U], [U]: history lengths and last items of all users, whose mean is the average user.
    """
    trust = PairTrust(np.ones(len(model.parts), dtype=np.float32), {})
    if model.separable is not None:
        trust = _separable(model.separable, batch, item, everybody)
    if model.meta is None:
        return trust
    items, values = model.shortlist(batch, model.retrieval_parts(batch))
    found = np.flatnonzero(items[0] == item)
    if len(found) == 0:
        return replace(trust, looked_at=False)
    pair = _pairwise(model.meta, model.part_names, batch, items, values, int(found[0]))
    factors = trust.factors * pair.factors
    unmoved = np.zeros_like(factors)
    usual = {
        name: (trust.factors - trust.moved.get(name, unmoved)) * (pair.factors - change)
        for name, change in pair.moved.items()
    }
    return PairTrust(factors, {name: factors - other for name, other in usual.items()})


def _pairwise(
    meta: MetaKnowledge,
    names: tuple[str, ...],
    batch: Batch,
    items: npt.NDArray[np.int32],
    values: Float32Array,
    place: int,
) -> PairTrust:
    features = meta_features(values, items, batch.lengths, batch.last_items(), meta.log_counts)
    pair = standardised(features, meta.mean, meta.scale)[0, place]
    groups = feature_groups(names)
    rows = np.tile(pair, (1 + len(groups), 1))
    for row, columns in enumerate(groups.values(), start=1):
        rows[row, columns] = 0.0  # standardised: the mean in training
    k = np.float32(meta.trust) * meta.network(rows)
    return PairTrust(1 + k[0], {name: k[0] - k[row] for row, name in enumerate(groups, start=1)})


def feature_groups(names: tuple[str, ...]) -> dict[str, list[int]]:
    """Which columns of ``meta_features`` are about one thing.

    Args:
        names: The P parts.

    Returns:
        ``says_<part>``, ``sure_<part>``, ``place``, ``item_events``, ``history_length`` and ``last_item``.
    """
    n = len(names)
    groups = {f"says_{name}": [b, n + b] for b, name in enumerate(names)}
    groups |= {"place": [2 * n], "item_events": [2 * n + 1, 2 * n + 2, 2 * n + 3]}
    groups |= {"history_length": [2 * n + 4, 2 * n + 5, 2 * n + 6], "last_item": [2 * n + 7]}
    return groups | {f"sure_{name}": [2 * n + 8 + b, 3 * n + 8 + b] for b, name in enumerate(names)}


def _separable(
    k: SeparableK, batch: Batch, item: int, everybody: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]
) -> PairTrust:
    user = user_features(batch.lengths, batch.last_items(), k.log_counts)[0]
    usual = user_features(*everybody, k.log_counts).mean(axis=0)
    other_length, other_last = np.append(usual[:3], user[3]), np.append(user[:3], usual[3])
    item_rows = np.stack([item_features(k.log_counts[item]), item_features(k.log_counts[1:]).mean(axis=0)])
    rho = np.float32(k.trust)
    users = 1 + rho * k.users(np.stack([user, other_length, other_last]))
    items = 1 + rho * k.items(item_rows)
    factors = users[0] * items[0]
    return PairTrust(
        factors,
        {
            "history_length": factors - users[1] * items[0],
            "last_item": factors - users[2] * items[0],
            "item_events": factors - users[0] * items[1],
        },
    )
