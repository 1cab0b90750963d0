"""What would have to be different: events, values and situations without which an item leaves the list, or comes into it.

Every answer is checked by running the whole model again. Unless items may come again, those that the user has had stay out of
the list in all variants, those taken out of the history included: an event does not leave its own item in the way.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from metarec_core.errors import InputError
from metarec_core.explain.attributes import attribute_change
from metarec_core.explain.breakdown import time_text
from metarec_core.explain.effects import leave_one_out
from metarec_core.explain.explanation import Addition, ContextChange, Counterfactuals, PastEvent, Removal
from metarec_core.explain.history import History, history_of
from metarec_core.explain.item_values import ReadItem, ranks_of_item
from metarec_core.explain.smallest import smallest_set
from metarec_core.language import say, several
from metarec_core.models import ranking
from metarec_core.models.batch import Batch
from metarec_core.models.metarec import CONTEXT, MetaRec
from metarec_core.models.popularity import ContextPopularity
from metarec_core.models.shares import called_for
from metarec_core.models.variants import some_rows, total_scores
from metarec_core.recommend.recommender import Recommender
from metarec_core.training.baselines import Baseline

Int64Array = npt.NDArray[np.int64]

MOST_CONTEXTS: Final = 300
"""Values of a context column that are tried, those of the first numbers."""

CANDIDATES: Final = 40
"""Items that are tried for an addition, those that call for the item most."""

MOST_ADDED: Final = 5


def counterfactuals(
    recommender: Recommender, *, user_id: str, item_id: str, k: int = 10, read: ReadItem | None = None
) -> Counterfactuals:
    """What would have to be different for an item to leave a user's list, or to come into it.

    Args:
        recommender: A run at work.
        user_id: Whose list.
        item_id: Which item.
        k: Length of the list.
        read: Reads the item's text again without some of its attributes; without it the text stays as it is.

    Raises:
        UnknownIdError: The user or the item is not in the data.
        InputError: ``k`` is not positive.

    Source: removal as in Tran et al. 2021, "Counterfactual Explanations for Neural Recommenders" (ACCENT), the search greedy
    by real effects.
    """
    if k < 1:
        raise InputError(say("A list of {k} items is not possible: ask for 1 or more.", k=k))
    history = history_of(recommender, user_id)
    item = recommender.dataset.items.number(item_id)
    search = _Search(recommender, history, item, k)
    rank = int(search.ranks(history.whole())[0]) if item not in history.had else None
    found = Counterfactuals(user_id, item_id, k, rank, None, None, None)
    if rank is None:
        return replace(found, remarks=(say("The user already had this item, so it is in no list."),))
    removal, addition = None, None
    if rank <= k:
        removal, said = search.removal()
    else:
        addition, said = search.addition(rank)
    context, said_too = search.context(rank)
    attributes, said_of_it = attribute_change(recommender, history, item, rank=rank, k=k, read=read)
    return replace(
        found,
        removal=removal,
        context=context,
        addition=addition,
        attributes=attributes,
        remarks=(*said, *said_too, *said_of_it),
    )


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
            if more is not None and not self.recommender.dataset.repeats:
                np.put_along_axis(scores, more[block].astype(np.int64), -np.inf, axis=1)
            found.append(ranks_of_item(scores, self.item))
        return np.concatenate(found)

    def removal(self) -> tuple[Removal | None, tuple[str, ...]]:
        """The smallest set of events found; whether it is proven."""
        seen = self.history.seen
        effects = leave_one_out(self.recommender, self.history, self.item)
        order = seen[np.argsort(-effects, kind="stable")]
        if len(seen) == 0:
            return None, (say("There is no history to remove events from."),)
        found = smallest_set(len(order), lambda out: self.ranks(self._without(out, order)), self.k)
        if found is None:
            return None, (say("It stays in the list whatever is removed in order of effect, up to the whole history."),)
        said = (
            ()
            if found.proven
            else (say("Every event in the set is needed; whether a smaller set would do was not tested."),)
        )
        events = np.sort(order[list(found.places)])
        return Removal(tuple(self._event(place) for place in events.tolist()), found.rank, found.proven), said

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
            return None, (say("The situation of the request plays no part in this model."),)
        changes = [
            (column, value)
            for column, vocabulary in enumerate(data.request_vocabularies)
            if part.starts[column] >= 0
            for value in range(1, min(len(vocabulary), MOST_CONTEXTS) + 1)
            if value != self.history.context[column]
        ]
        batch = some_rows(self.history.whole(), np.zeros(len(changes), dtype=np.int64))
        context = batch.context.copy()
        for row, (column, value) in enumerate(changes):
            context[row, column] = value
        if not changes:
            return None, (say("There is no other situation to try."),)
        ranks = self.ranks(replace(batch, context=context))
        crossed = (ranks > self.k) != (rank > self.k)
        if not crossed.any():
            said = say(
                "No other single value of the situation that was tried removes it from the list."
                if rank <= self.k
                else "No other single value of the situation that was tried brings it into the list."
            )
            return None, (said,)
        best = int(np.argmax(np.where(crossed, np.abs(ranks - rank), -1)))
        column, value = changes[best]
        vocabulary = data.request_vocabularies[column]
        now = int(self.history.context[column])
        instead_of = vocabulary.id(now) if now else ""
        return ContextChange(vocabulary.kind, vocabulary.id(value), int(ranks[best]), instead_of), ()

    def addition(self, rank: int) -> tuple[Addition | None, tuple[str, ...]]:
        """Items that, chosen next, bring the item into the list; greedy, one after the other, while each lifts it.

        Args:
            rank: Where it stands without any.
        """
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
            return None, (say("No part of this model says which items would lead to it."),)
        chosen = np.zeros(0, dtype=np.int32)
        for _ in range(MOST_ADDED):
            left = candidates[~np.isin(candidates, chosen)]
            if len(left) == 0:
                break
            added = np.column_stack([np.tile(chosen, (len(left), 1)), left]).astype(np.int32)
            ranks = self.ranks(self.history.followed_by(added), added)
            best = int(np.argmin(ranks))
            if ranks[best] >= rank:
                break
            chosen, rank = added[best], int(ranks[best])
            if rank <= self.k:
                break
        if len(chosen) == 0:
            return None, (say("None of the items tried moves it up."),)
        ids = tuple(data.items.id(int(number)) for number in chosen)
        enough = rank <= self.k
        if enough:
            return Addition(ids, rank, enough), ()
        said = several(
            len(chosen),
            "Even after the best item tried it is not in the list.",
            "Even after the {n} best items tried it is not in the list.",
        )
        return Addition(ids, rank, enough), (said,)
