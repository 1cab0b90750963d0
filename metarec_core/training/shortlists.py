"""What a model would rank again: its best items for each validation question, exactly as it lists them when it serves.

That exactness matters. A list in which the answer is put by hand, or which misses items that serving would show, gives the
answer away by how it got there, and meta-knowledge learns that instead of when to trust whom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metarec_core.models import ranking
from metarec_core.models.metarec import MetaRec
from metarec_core.models.scorer import Float32Array, Scores
from metarec_core.training.questions import Questions


@dataclass(frozen=True)
class Shortlists:
    """The best items of each question under the fixed weights.

    Attributes:
        values: float32 [Q, M, P], what the weighted parts say, best item first; 0 where a list is shorter.
        items: int32 [Q, M].
        place: int64 [Q], where the answer stands in the list, -1 where it does not.
        ranks: float64 [Q], the answers' ranks in the whole catalogue under the fixed weights.
        lengths: int32 [Q], length of each question's history.
        last_items: int32 [Q], its last item, 0 without one.
        users: int32 [Q], whose question it is.
    """

    values: Float32Array
    items: npt.NDArray[np.int32]
    place: npt.NDArray[np.int64]
    ranks: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.int32]
    last_items: npt.NDArray[np.int32]
    users: npt.NDArray[np.int32]

    @property
    def learnable(self) -> Shortlists:
        """Those whose answer is listed: others teach nothing about order."""
        return self.some(np.flatnonzero(self.place >= 0))

    def some(self, rows: npt.NDArray[np.int64]) -> Shortlists:
        """The lists of some questions."""
        return Shortlists(*(array[rows] for array in vars(self).values()))

    def and_also(self, others: Sequence[Shortlists]) -> Shortlists:
        """These, then the others."""
        fields = zip(*(vars(lists).values() for lists in (self, *others)), strict=True)
        return Shortlists(*(np.concatenate(arrays) for arrays in fields))

    def reranked(self, k: Float32Array) -> npt.NDArray[np.float64]:
        """The answers' ranks with k on top of the fixed weights; those outside of their lists stay where they are."""
        totals = (self.values * (1 + k)).sum(axis=2)
        totals[self.items == 0] = -np.inf
        own = np.take_along_axis(totals, np.maximum(self.place, 0)[:, None], axis=1)
        ranks = (totals > own).sum(axis=1) + ((totals == own).sum(axis=1) + 1) / 2
        return np.where(self.place >= 0, ranks, self.ranks)


def gather_shortlists(model: MetaRec, questions: Questions, latest: int | None = None) -> Shortlists:
    """Ask a model with fixed weights every question.

    Args:
        model: Without pairwise meta-knowledge.
        questions: Whose answers its parts have not been fitted on.
        latest: Show the model only so many events of each history, the last ones, as if users were new; all when not given.
    """
    answers = questions.answers()
    items, values, ranks, lengths, last_items = [], [], [], [], []
    for block, batch in questions.blocks(len(model.parts) + 2):
        shown = batch if latest is None else batch.latest(latest)
        parts = model.retrieval_parts(shown)
        listed, said = model.shortlist(batch, parts)
        total = Scores(parts).total
        questions.hide_seen(total, block)
        items.append(listed)
        values.append(said)
        ranks.append(ranking.ranks_of(total, answers[block]))
        lengths.append(shown.lengths)
        last_items.append(shown.last_items())
    listed = np.concatenate(items)
    found = listed == answers[:, None]
    return Shortlists(
        values=np.concatenate(values),
        items=listed,
        place=np.where(found.any(axis=1), found.argmax(axis=1), -1),
        ranks=np.concatenate(ranks),
        lengths=np.concatenate(lengths),
        last_items=np.concatenate(last_items),
        users=questions.queries.user_numbers,
    )
