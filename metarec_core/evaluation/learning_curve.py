"""Quality against share of the data: whether more data of the same kind would help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from metarec_core import metrics
from metarec_core.config import RunConfig
from metarec_core.data.dataset import Float32Array
from metarec_core.data.split import Split
from metarec_core.evaluation.bootstrap import Interval, bootstrap
from metarec_core.evaluation.evaluate import measure

SHARES: Final = (0.1, 0.2, 0.4, 0.7, 1.0)
"""Shares of the users of whom a model may learn."""


@dataclass(frozen=True)
class Point:
    """One training.

    Attributes:
        share: Of the users who were learned from.
        n_users: How many they are.
        n_events: Their events, validation's included.
        ndcg: NDCG@10 of the test queries, the same for every share.
    """

    share: float
    n_users: int
    n_events: int
    ndcg: Interval

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; ``from_dict`` gives the same point back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Point:
        return cls(**{**values, "ndcg": Interval(**values["ndcg"])})


def learning_curve(
    split: Split, config: RunConfig, text: Float32Array | None = None, shares: Sequence[float] = SHARES
) -> Iterator[Point]:
    """Train on more and more users, without the network, and ask the same test queries each time.

    Users are drawn once, whatever the seed, and a larger share has the users of every smaller one. Histories are whole: only
    what is learned from gets less.

    Args:
        split: Of the whole data.
        config: The run's; its network and its ablations are left out, so that a point takes seconds.
        text: float32 [N + 1, D], what items are about; None without a text part.
        shares: In ascending order.

    Raises:
        DataError: Nothing is left to choose by.
    """
    from metarec_core.training import trainer

    config = config.without_network()
    for share in shares:
        part = of_users(split, share)
        for report in trainer.fit(part, config, "cpu", None, text):
            model = report.model
        if model is None:
            raise RuntimeError("training ended without a model")
        ranks = measure(model, split, split.test, config.data.max_history).ranks
        values = metrics.ndcg(ranks, 10)[:, None]
        (ndcg,) = bootstrap(values, config.evaluation.bootstrap_draws, config.seed, split.test.user_numbers)
        yield Point(share, int((part.known.lengths() > 0).sum()), part.known.n_events, ndcg)


def of_users(split: Split, share: float) -> Split:
    """A split of which only a share of the users is learned from and chosen by; the test stays whole."""
    starts = split.dataset.events.offsets[:-1]
    known = np.flatnonzero(split.known_ends > starts)
    drawn = np.random.default_rng(0).permutation(known)[: max(round(share * len(known)), 1)]
    chosen = np.zeros(len(starts), dtype=bool)
    chosen[drawn] = True
    rows = np.flatnonzero(chosen[split.validation.user_numbers])
    return replace(
        split,
        train_ends=np.where(chosen, split.train_ends, starts),
        known_ends=np.where(chosen, split.known_ends, starts),
        validation=split.validation.some(rows),
    )
