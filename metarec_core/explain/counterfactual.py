"""What would have to be different: events without which an item leaves the list, and items after which it comes into it.

Every answer is checked by running the whole model again. In all variants the items that the user has had stay out of the list,
those taken out of the history included: an event does not leave its own item in the way.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import comb
from typing import Final

import numpy as np
import numpy.typing as npt

from metarec_core.errors import InputError
from metarec_core.explain.breakdown import time_text
from metarec_core.explain.effects import leave_one_out
from metarec_core.explain.explanation import Addition, ContextChange, Counterfactuals, PastEvent, Removal
from metarec_core.explain.history import History, history_of
from metarec_core.models import ranking
from metarec_core.models.batch import Batch
from metarec_core.models.metarec import CONTEXT, MetaRec
from metarec_core.models.popularity import ContextPopularity
from metarec_core.models.shares import called_for
from metarec_core.models.variants import some_rows, total_scores
from metarec_core.recommend.recommender import Recommender
from metarec_core.training.baselines import Baseline

Int64Array = npt.NDArray[np.int64]

MOST_SETS: Final = 500
"""Smaller sets of events that are all tried to prove that a set is the smallest."""

MOST_CONTEXTS: Final = 300
"""Values of a context column that are tried, those of the first numbers."""

CANDIDATES: Final = 40
"""Items that are tried for an addition, those that call for the item most."""

MOST_ADDED: Final = 5

ATTRIBUTES_REMARK: Final = (
    "Changes of the item's attributes were not looked for: what text and graph know of an item is made when a run is "
    "trained."
)


def counterfactuals(recommender: Recommender, *, user_id: str, item_id: str, k: int = 10) -> Counterfactuals:
    """What would have to be different for an item to leave a user's list, or to come into it.

    Args:
        recommender: A run at work.
        user_id: Whose list.
        item_id: Which item.
        k: Length of the list.

    Raises:
        UnknownIdError: The user or the item is not in the data.
        InputError: ``k`` is not positive.

    Source: removal as in Tran et al. 2021, "Counterfactual Explanations for Neural Recommenders" (ACCENT), the search greedy
    by real effects.
    """
    if k < 1:
        raise InputError(f"A list of {k} items cannot be made: ask for 1 or more.")
    history = history_of(recommender, user_id)
    item = recommender.dataset.items.number(item_id)
    search = _Search(recommender, history, item, k)
    rank = int(search.ranks(history.whole())[0]) if item not in history.had else None
    found = Counterfactuals(user_id, item_id, k, rank, None, None, None)
    if rank is None:
        return replace(found, remarks=("The user has had this item; it is in no list.",))
    removal, addition, remarks = None, None, [ATTRIBUTES_REMARK]
    if rank <= k:
        removal, said = search.removal()
    else:
        addition, said = search.addition()
    context, said_too = search.context(rank)
    return replace(found, removal=removal, context=context, addition=addition, remarks=(*said, *said_too, *remarks))


class _Search:
    """One pair, and how to ask the model about variants of it."""

    def __init__(self, recommender: Recommender, history: History, item: int, k: int) -> None:
        self.recommender, self.history, self.item, self.k = recommender, history, item, k

    def ranks(self, batch: Batch, more: npt.NDArray[np.int32] | None = None) -> Int64Array:
        """Rank of the item in each row, int64 [B].

        Args:
            batch: Variants.
            more: int32 [B, A], items that each row's user has had beside those of the history.
        """
        scorer = self.recommender.scorer
        size = ranking.rows_per_block(scorer.n_items, len(scorer.part_names))
        found = []
        for start in range(0, len(batch), size):
            block = slice(start, start + size)
            scores = total_scores(scorer, some_rows(batch, block))
            scores[:, 0] = -np.inf
            scores[:, self.history.had] = -np.inf
            if more is not None:
                np.put_along_axis(scores, more[block].astype(np.int64), -np.inf, axis=1)
            own = scores[:, [self.item]]
            found.append(1 + (scores > own).sum(axis=1) + (scores[:, : self.item] == own).sum(axis=1))
        return np.concatenate(found)

    def removal(self) -> tuple[Removal | None, tuple[str, ...]]:
        """The smallest set of events found; whether it is proven."""
        seen = self.history.seen
        effects = leave_one_out(self.recommender, self.history, self.item)
        order = seen[np.argsort(-effects, kind="stable")]
        if len(seen) == 0:
            return None, ("There is no history to take events out of.",)
        # the events with the greatest effects, more and more of them: the first set that is enough
        firsts = np.arange(len(order))[None, :] <= np.arange(len(order))[:, None]
        enough = np.flatnonzero(self.ranks(self._without(firsts, order)) > self.k)
        if len(enough) == 0:
            return None, (
                "It stays in the list whatever is taken out in the order of the effects, up to the whole history.",
            )
        chosen = list(order[: enough[0] + 1])
        while len(chosen) > 1:  # leave out of the set what is not needed, the smallest effect first
            fewer = ~np.eye(len(chosen), dtype=bool)[::-1]
            spare = np.flatnonzero(self.ranks(self._without(fewer, np.array(chosen))) > self.k)
            if len(spare) == 0:
                break
            chosen.pop(len(chosen) - 1 - int(spare[0]))
        smaller, smallest = self._smaller(order, len(chosen))
        events = np.sort(np.array(smaller or chosen))
        rank = int(self.ranks(self._without(np.ones((1, len(events)), dtype=bool), events))[0])
        said = (
            () if smallest else ("Every event of the set is needed; whether a smaller set would do was not tried out.",)
        )
        return Removal(tuple(self._event(place) for place in events.tolist()), rank, smallest), said

    def _smaller(self, order: Int64Array, size: int) -> tuple[list[int], bool]:
        """A smaller set than one found, if there is one, and whether all of them were tried."""
        for fewer in range(1, size):
            if comb(len(order), fewer) > MOST_SETS:
                return [], False
            sets = np.array(list(combinations(order.tolist(), fewer)))
            left_out = np.zeros((len(sets), len(self.history.items)), dtype=bool)
            np.put_along_axis(left_out, sets, True, axis=1)
            enough = np.flatnonzero(self.ranks(self.history.without(left_out)) > self.k)
            if len(enough):
                return sets[enough[0]].tolist(), True
        return [], True

    def _without(self, chosen: npt.NDArray[np.bool_], places: Int64Array) -> Batch:
        left_out = np.zeros((len(chosen), len(self.history.items)), dtype=bool)
        left_out[:, places] = chosen
        return self.history.without(left_out)

    def _event(self, place: int) -> PastEvent:
        data = self.recommender.dataset
        return PastEvent(data.items.id(int(self.history.items[place])), time_text(data, int(self.history.times[place])))

    def context(self, rank: int) -> tuple[ContextChange | None, tuple[str, ...]]:
        """The one value of one context column that takes the item furthest across the list's end."""
        scorer, data = self.recommender.scorer, self.recommender.dataset
        part = scorer.parts.get(CONTEXT) if isinstance(scorer, MetaRec) else None
        if not isinstance(part, ContextPopularity):
            return None, ("The situation of the request plays no part in this model.",)
        changes = [
            (column, value)
            for column, vocabulary in enumerate(data.context_vocabularies)
            if part.starts[column] >= 0
            for value in range(1, min(len(vocabulary), MOST_CONTEXTS) + 1)
            if value != self.history.context[column]
        ]
        batch = some_rows(self.history.whole(), np.zeros(len(changes), dtype=np.int64))
        context = batch.context.copy()
        for row, (column, value) in enumerate(changes):
            context[row, column] = value
        ranks = self.ranks(replace(batch, context=context)) if changes else np.zeros(0, dtype=np.int64)
        crossed = (ranks > self.k) != (rank > self.k)
        if not crossed.any():
            return None, (f"No other situation takes it {'out of' if rank <= self.k else 'into'} the list.",)
        best = int(np.argmax(np.where(crossed, np.abs(ranks - rank), -1)))
        column, value = changes[best]
        vocabulary = data.context_vocabularies[column]
        return ContextChange(vocabulary.kind, vocabulary.id(value), int(ranks[best])), ()

    def addition(self) -> tuple[Addition | None, tuple[str, ...]]:
        """Items that, chosen next, bring the item into the list; greedy, one after the other."""
        scorer, data = self.recommender.scorer, self.recommender.dataset
        calls = np.zeros(data.n_items + 1)
        if isinstance(scorer, MetaRec):
            for name, part in scorer.parts.items():
                calls += scorer.units[name] * (1.0 + scorer.k[name]) * called_for(part, self.item, data.n_items)
        elif isinstance(scorer, Baseline):
            calls += called_for(scorer.part, self.item, data.n_items)
        calls[[0, self.item]] = -np.inf
        calls[self.history.had] = -np.inf
        candidates = np.argsort(-calls, kind="stable")[:CANDIDATES].astype(np.int32)
        candidates = candidates[np.isfinite(calls[candidates]) & (calls[candidates] > 0)]
        if len(candidates) == 0:
            return None, ("No part of this model says which items would call for it.",)
        chosen, rank = np.zeros(0, dtype=np.int32), 0
        for _ in range(MOST_ADDED):
            left = candidates[~np.isin(candidates, chosen)]
            if len(left) == 0:
                break
            added = np.column_stack([np.tile(chosen, (len(left), 1)), left]).astype(np.int32)
            ranks = self.ranks(self.history.followed_by(added), added)
            best = int(np.argmin(ranks))
            if len(chosen) and ranks[best] >= rank:
                break
            chosen, rank = added[best], int(ranks[best])
            if rank <= self.k:
                break
        ids = tuple(data.items.id(int(number)) for number in chosen)
        enough = rank <= self.k
        said = () if enough else (f"Even after the {len(chosen)} best items that were tried it is not in the list.",)
        return Addition(ids, rank, enough), said
