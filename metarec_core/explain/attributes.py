"""The smallest change of what an item is that takes it out of a list or brings it in, checked by running the model again."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from metarec_core.explain.explanation import AttributeChange, ItemValue
from metarec_core.explain.history import History
from metarec_core.explain.item_values import BoolArray, ReadItem, Variants
from metarec_core.explain.smallest import smallest_set
from metarec_core.graph.values import value_columns, value_weights
from metarec_core.language import say
from metarec_core.models.graph import GraphPart
from metarec_core.models.metarec import GRAPH, MetaRec
from metarec_core.recommend.recommender import Recommender

CANDIDATES: Final = 40
"""Values that are tried for an item outside the list, those to which the history leads most."""

MOST_ADDED: Final = 3


def attribute_change(
    recommender: Recommender, history: History, item: int, *, rank: int, k: int, read: ReadItem | None
) -> tuple[AttributeChange | None, tuple[str, ...]]:
    """Values that an item in the list would have to lack, or one outside to have.

    Args:
        recommender: A run at work.
        history: The user's.
        item: Item number; the user has not had it.
        rank: Where it stands.
        k: Length of the list.
        read: Reads its text again; None to leave that as it is.

    Returns:
        The change, None where there is none; and what was not found or not looked for, in sentences.
    """
    model = recommender.scorer
    if not isinstance(model, MetaRec):
        return None, (say("This model knows items only by their events: their content plays no part."),)
    offered = () if rank <= k else _offers(recommender, model, history, item)
    variants = Variants(recommender, history, item, read, offered)
    if not variants.values:
        return None, (say("Nothing is known about the item that could be changed."),)
    if not variants.read_by:
        said = say("No part of this model reads item content in a way that can be run again.")
        return None, (*variants.remarks, said)
    change, sentences = _without(variants, k) if rank <= k else _with_more(variants, k)
    return change, (*sentences, *variants.remarks)


def _without(variants: Variants, k: int) -> tuple[AttributeChange | None, tuple[str, ...]]:
    n = variants.n_own
    if n == 0:
        return None, (say("The item has no values to remove."),)
    singly = variants.scores(np.concatenate([np.ones((1, n), dtype=bool), ~np.eye(n, dtype=bool)]))
    order = np.argsort(singly[1:] - singly[0], kind="stable")  # the value without which least is left goes first

    def ranks(out: BoolArray) -> npt.NDArray[np.int64]:
        has = np.ones((len(out), n), dtype=bool)
        has[:, order] = ~out
        return variants.ranks(has)

    found = smallest_set(n, ranks, k)
    if found is None:
        return None, (say("It stays in the list whichever of its values are removed: other things keep it there."),)
    removed = tuple(variants.values[place] for place in sorted(order[list(found.places)].tolist()))
    said = say("Every value in the set is needed; whether a smaller set would do was not tested.")
    return AttributeChange(removed, (), found.rank, found.proven), () if found.proven else (said,)


def _with_more(variants: Variants, k: int) -> tuple[AttributeChange | None, tuple[str, ...]]:
    n, offers = len(variants.values), list(range(variants.n_own, len(variants.values)))
    if not offers:
        return None, (say("The history points to no further value that the item could have."),)
    chosen: list[int] = []
    start = np.arange(n) < variants.n_own
    rank = int(variants.ranks(start[None, :])[0])
    for _ in range(MOST_ADDED):
        left = [place for place in offers if place not in chosen]
        has = np.tile(start, (len(left), 1))
        has[:, chosen] = True
        has[np.arange(len(left)), left] = True
        ranks = variants.ranks(has) if left else np.zeros(0, dtype=np.int64)
        if not left or ranks.min() >= rank:
            break
        best = int(np.argmin(ranks))
        chosen, rank = [*chosen, left[best]], int(ranks[best])
        if rank <= k:
            break
    if not chosen:
        return None, (say("None of the values tried moves it up."),)
    enough = rank <= k
    change = AttributeChange((), tuple(variants.values[p] for p in chosen), rank, enough and len(chosen) == 1, enough)
    said = say("Even with the best values tried it is not in the list: other things keep it out.")
    return change, () if enough else (said,)


def _offers(recommender: Recommender, model: MetaRec, history: History, item: int) -> tuple[ItemValue, ...]:
    """Values to which the history leads in the graph part, the most first."""
    part = model.parts.get(GRAPH)
    if not isinstance(part, GraphPart) or not part.entities.size:
        return ()
    data = recommender.dataset
    places, numbers = value_columns(data)
    led = part.entities @ part.user_vectors(history.whole())[0] * value_weights(data)
    if part.relations.size:
        led = led * part.relations[places]
    named = [*data.attributes.items(), *data.facts.items()]
    offers: list[ItemValue] = []
    for column in np.argsort(-led, kind="stable").tolist():
        name, known = named[places[column]]
        own = known.value_numbers[known.offsets[item] : known.offsets[item + 1]]
        if led[column] <= 0 or len(offers) == CANDIDATES:
            break
        if numbers[column] not in own:
            offers.append(ItemValue(name, known.vocabulary.id(int(numbers[column]))))
    return tuple(offers)
