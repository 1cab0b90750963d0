"""What each part, and meta-knowledge, is worth: a run beside itself without them, on the same queries, in slices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from metarec_core.data.split import Split
from metarec_core.evaluation.bootstrap import Interval, bootstrap
from metarec_core.evaluation.slices import FEWEST_USERS
from metarec_core.models import ranking
from metarec_core.models.batch import query_batches
from metarec_core.models.metarec import FIXED, MetaRec

Float64Array = npt.NDArray[np.float64]

FEW: Final = 5
"""Up to so many events an item or a user is thin."""


@dataclass(frozen=True)
class Ablation:
    """NDCG@10 of a run's variants.

    Attributes:
        queries: How many queries each slice has.
        ndcg: By variant and slice.
        gains: By variant and slice, the variant minus the fixed weights, paired.
        users: How many users they are about; empty in runs of earlier versions.
    """

    queries: Mapping[str, int]
    ndcg: Mapping[str, Mapping[str, Interval]]
    gains: Mapping[str, Mapping[str, Interval]]
    users: Mapping[str, int] = field(default_factory=dict)

    def is_small(self, slice_name: str) -> bool:
        """Whether a slice has too few users to tell much; no slice has more of them than questions."""
        return self.users.get(slice_name, self.queries[slice_name]) < FEWEST_USERS

    @property
    def frame(self) -> pd.DataFrame:
        """One row a variant and slice: variant, slice, queries, users, small, ndcg@10, low, high, gain, gain_low, gain_high,
        gain_share."""
        rows = []
        for variant, slices in self.ndcg.items():
            for name, ndcg in slices.items():
                gain, fixed = self.gains[variant][name], self.ndcg[FIXED][name].mean
                rows.append(
                    {"variant": variant, "slice": name, "queries": self.queries[name]}
                    | {"users": self.users.get(name), "small": self.is_small(name)}
                    | {"ndcg@10": ndcg.mean, "low": ndcg.low, "high": ndcg.high}
                    | {"gain": gain.mean, "gain_low": gain.low, "gain_high": gain.high}
                    | {"gain_share": gain.mean / fixed if fixed > 0 else np.nan}
                )
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; ``from_dict`` gives the same ablation back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Ablation:
        def intervals(tree: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Interval]]:
            return {variant: {name: Interval(**i) for name, i in row.items()} for variant, row in tree.items()}

        return cls(values["queries"], intervals(values["ndcg"]), intervals(values["gains"]), values.get("users", {}))


def ablation(ndcg: Mapping[str, Float64Array], split: Split, draws: int, seed: int = 0) -> Ablation:
    """Variants beside the fixed weights, in slices.

    Args:
        ndcg: NDCG@10 of each test query of the split, float64 [Q], by variant; ``FIXED`` among them.
        split: Whose test queries were asked.
        draws: Resamplings behind each interval.
        seed: Seed of the resamplings.
    """
    columns = np.stack([*ndcg.values(), *(values - ndcg[FIXED] for values in ndcg.values())], axis=1)
    queries: dict[str, int] = {}
    users: dict[str, int] = {}
    means: dict[str, dict[str, Interval]] = {name: {} for name in ndcg}
    gains: dict[str, dict[str, Interval]] = {name: {} for name in ndcg}
    for name, chosen in slices(split).items():
        if not chosen.any():
            continue
        asked = split.test.user_numbers[chosen]
        queries[name], users[name] = len(asked), len(np.unique(asked))
        found = bootstrap(columns[chosen], draws, seed, asked)
        for variant, mean, gain in zip(ndcg, found, found[len(ndcg) :], strict=False):
            means[variant][name], gains[variant][name] = mean, gain
    return Ablation(queries, means, gains, users)


def slices(split: Split) -> dict[str, npt.NDArray[np.bool_]]:
    """Kinds of test queries by how much is known of the answer and of the user; bool [Q] each."""
    events = split.dataset.events
    counts = np.bincount(split.known.item_numbers, minlength=events.n_items + 1)
    seen = counts[events.item_numbers[split.test.events]]
    lengths = split.test.events - events.offsets[split.test.user_numbers]  # all that came before, in the file's order
    return {
        "all": np.ones(len(seen), dtype=bool),
        "new items": seen == 0,
        f"items with 1 to {FEW} events": (seen > 0) & (seen <= FEW),
        f"items with more than {FEW} events": seen > FEW,
        f"users with up to {FEW} events": lengths <= FEW,
        f"users with more than {FEW} events": lengths > FEW,
    }


def variant_ranks(variants: Mapping[str, MetaRec], split: Split, max_history: int) -> dict[str, Float64Array]:
    """Rank of the answer to each test query of a split under each variant; a part is asked once for all of them.

    Args:
        variants: By name; ``FIXED`` among them, which has all parts. The others' parts are its parts, or some of them.
        split: Its test queries are asked.
        max_history: Longest history a model looks at.
    """
    data, queries, whole = split.dataset, split.test, variants[FIXED]
    ranks = {name: np.empty(len(queries)) for name in variants}
    weighted = [name for name, variant in variants.items() if variant.separable is None and variant.meta is None]
    weights = np.array([[1 + variants[name].k.get(part, -1.0) for part in whole.part_names] for name in weighted])
    size = ranking.rows_per_block(data.n_items, len(whole.part_names) + len(weighted))
    for block, batch in query_batches(data, queries, max_history, size):
        plain = whole.plain_parts(batch)
        ends = queries.events[block]
        stacked = np.stack(list(plain.values())).reshape(len(plain), -1)
        totals = (weights.astype(np.float32) @ stacked).reshape(
            len(weighted), len(batch), -1
        )  # all fixed weights at once
        for name, variant in variants.items():
            if name in weighted:
                scores = totals[weighted.index(name)]
            else:
                scores = variant.combine(batch, {part: plain[part] for part in variant.part_names}).total
            ranking.hide_seen(scores, data, data.events.offsets[queries.user_numbers[block]], ends)
            ranks[name][block] = ranking.ranks_of(scores, data.events.item_numbers[ends])
    return ranks
