"""Validation questions, and how well scores answer them: what every choice of training is made by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from metarec_core import metrics
from metarec_core.data.dataset import Dataset
from metarec_core.data.split import Queries
from metarec_core.models import ranking
from metarec_core.models.batch import Batch, query_batches
from metarec_core.models.scorer import Float32Array


@dataclass(frozen=True)
class Questions:
    """Some validation queries.

    Attributes:
        dataset: Whose events they are about.
        queries: The questions.
        max_history: Longest history a model sees.
    """

    dataset: Dataset
    queries: Queries
    max_history: int

    def __len__(self) -> int:
        return len(self.queries)

    def sample(self, most: int, rng: np.random.Generator) -> Questions:
        """At most ``most`` of them, drawn without looking, in their order."""
        if len(self) <= most:
            return self
        chosen = np.sort(rng.choice(len(self), most, replace=False))
        return Questions(self.dataset, self.queries.some(chosen), self.max_history)

    def longer_than(self, n: int) -> Questions:
        """Those of whose histories more than ``n`` events are known."""
        starts = self.dataset.events.offsets[self.queries.user_numbers]
        longer = np.flatnonzero(self.queries.history_ends - starts > n)
        return Questions(self.dataset, self.queries.some(longer), self.max_history)

    def answers(self) -> np.ndarray:
        """The item that came, int32 [Q]."""
        return self.dataset.events.item_numbers[self.queries.events]

    def blocks(self, n_parts: int) -> list[tuple[slice, Batch]]:
        """The histories, some rows at a time, so that ``n_parts`` arrays of scores fit in memory."""
        size = ranking.rows_per_block(self.dataset.n_items, n_parts)
        return list(query_batches(self.dataset, self.queries, self.max_history, size))

    def hide_seen(self, scores: Float32Array, block: slice) -> None:
        """Set the scores of what the users of a block had seen to minus infinity, in place."""
        starts = self.dataset.events.offsets[self.queries.user_numbers[block]]
        ranking.hide_seen(scores, self.dataset, starts, self.queries.events[block])

    def measure(self, score: Callable[[Batch], Float32Array]) -> dict[str, float]:
        """NDCG and hit rate at 10 of a scoring function, over the whole catalogue without the seen."""
        ranks = np.empty(len(self))
        answers = self.answers()
        for block, batch in self.blocks(2):
            scores = score(batch)
            self.hide_seen(scores, block)
            ranks[block] = ranking.ranks_of(scores, answers[block])
        return {"ndcg@10": float(metrics.ndcg(ranks, 10).mean()), "hr@10": float(metrics.hit_rate(ranks, 10).mean())}

    def ndcg(self, score: Callable[[Batch], Float32Array]) -> float:
        """NDCG@10 alone."""
        return self.measure(score)["ndcg@10"]
