"""The what-if desk: what a list would be in a situation thought up, beside what it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from metarec_core.data import columns
from metarec_core.data.dataset import Dataset, Float32Array, Int32Array, Int64Array
from metarec_core.errors import InputError
from metarec_core.language import say
from metarec_core.models import ranking
from metarec_core.models.batch import Batch
from metarec_core.models.content import ContentPart
from metarec_core.models.metarec import TEXT, MetaRec
from metarec_core.models.scorer import Scores
from metarec_core.recommend.recommender import Recommender
from metarec_core.recommend.scenario import MOST_EVENTS, Scenario
from metarec_core.recommend.selection import items_with

BoolArray = npt.NDArray[np.bool_]
ReadText = Callable[[str], Float32Array]
"""Gives a text's place among the items' text vectors, float32 [D]."""

CHANGE_PREFIX: Final = "change_"
LONGEST_UNFOLDING: Final = 30


@dataclass(frozen=True)
class WhatIf:
    """Two lists, one beside the other.

    Attributes:
        frame: A row for each item in either list, those of the new list first by their rank, then those gone: item_id; rank and
            rank_before, places among all that may be listed, <NA> where the item may not be; move, one of ``same``, ``up``,
            ``down``, ``new`` (was not in the list) and ``gone``; score and score_before; for each part ``part_<name>`` and
            ``change_<name>``, by how much more it counts than before. Without a user there is nothing before: those are
            <NA>, and changes are the parts themselves.
        ignored: What of the scenario this model cannot follow, in sentences.
    """

    frame: pd.DataFrame
    ignored: tuple[str, ...] = ()

    @property
    def item_ids(self) -> list[str]:
        """The new list."""
        return list(self.frame[columns.ITEM_ID][self.frame["move"] != "gone"])


def scenario_of(recommender: Recommender, user_id: str | None) -> Scenario:
    """A user as they are, as a starting point; without one, a user about whom nothing is known.

    Raises:
        UnknownIdError: The user is not in the data.
    """
    data = recommender.dataset
    if user_id is None:
        return Scenario(now=int(data.events.times.max(initial=0)))
    user = data.users.number(user_id)
    end = int(data.events.offsets[user + 1])
    most = min(2 * recommender.max_history, MOST_EVENTS)  # older ones come into view as others are taken out
    kept = slice(max(int(data.events.offsets[user]), end - most), end)
    items = tuple(data.items.ids[number - 1] for number in data.events.item_numbers[kept].tolist())
    times = tuple(data.events.times[kept].tolist())
    now = times[-1] if times else int(data.events.times.max(initial=0))
    (numbers,) = data.requests(np.array([user], dtype=np.int32)).tolist()
    known = {
        vocabulary.kind: vocabulary.id(number)
        for vocabulary, number in zip(data.request_vocabularies, numbers, strict=True)
        if number
    }
    return Scenario(user_id, items, times, now, known)


def what_if(recommender: Recommender, scenario: Scenario, k: int = 10, read: ReadText | None = None) -> WhatIf:
    """The list of a scenario beside the user's own.

    Items that the user has really had stay out of the list, also those whose events the scenario leaves out.

    Args:
        recommender: A run at work.
        scenario: What to suppose.
        k: Length of both lists.
        read: Reads ``scenario.words``; None where the run reads no text.

    Raises:
        UnknownIdError: The scenario names a user, an item or a value that the data does not have.
        InputError: ``k`` is not positive, or the scenario names a column, an attribute or a part that there is not.
    """
    if k < 1:
        raise InputError(say("A list of {k} items is not possible: ask for 1 or more.", k=k))
    rows = [scenario] if scenario.user_id is None else [scenario, scenario_of(recommender, scenario.user_id)]
    parts, ignored = _scores(recommender, rows, read)
    hidden = hidden_items(recommender, scenario)
    total = sum(parts.values(), np.zeros((len(rows), recommender.dataset.n_items + 1), np.float32))
    new = np.where(hidden, -np.inf, total[0]).astype(np.float32)
    lists = [_listed(new, k)]
    old = None
    if len(rows) > 1:
        old = np.where(hidden_items(recommender, rows[1]), -np.inf, total[1]).astype(np.float32)
        gone = _listed(old, k)
        lists.append(gone[~np.isin(gone, lists[0])])
    frame = _frame(recommender, np.concatenate(lists), len(lists[0]), k, parts, new, old)
    return WhatIf(frame, ignored)


def unfolding(recommender: Recommender, scenario: Scenario, k: int = 10, read: ReadText | None = None) -> pd.DataFrame:
    """How a list came to be, event by event: the lists after none, one, two … of the latest events.

    Args:
        recommender: A run at work.
        scenario: Whose history is walked through; words, context, scales and exclusions hold all along.
        k: Length of each list.
        read: As in ``what_if``.

    Returns:
        step (events known), item_id, rank, score and ``part_<name>``; the last ``LONGEST_UNFOLDING`` steps of a long history.

    Raises:
        UnknownIdError, InputError: As in ``what_if``.
    """
    if k < 1:
        raise InputError(say("A list of {k} items is not possible: ask for 1 or more.", k=k))
    n = len(scenario.items)
    steps = list(range(max(n - LONGEST_UNFOLDING, 0), n + 1))
    parts, _ = _scores(recommender, [scenario.ordered(range(step)) for step in steps], read)
    total = sum(parts.values(), np.zeros((len(steps), recommender.dataset.n_items + 1), np.float32))
    frames = []
    for row, step in enumerate(steps):
        hidden = hidden_items(recommender, scenario.ordered(range(step)))
        items = _listed(np.where(hidden, -np.inf, total[row]).astype(np.float32), k)
        frames.append(
            pd.DataFrame(
                {
                    "step": step,
                    columns.ITEM_ID: _ids(recommender.dataset, items),
                    columns.RANK: np.arange(1, len(items) + 1),
                    columns.SCORE: total[row, items].astype(np.float64),
                    **{columns.PART_PREFIX + n: v[row, items].astype(np.float64) for n, v in parts.items()},
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def hidden_items(recommender: Recommender, scenario: Scenario) -> BoolArray:
    """Items that a scenario's list may not have, bool [N + 1]: padding, what was had, and what is excluded.

    Raises:
        UnknownIdError, InputError: As in ``what_if``.
    """
    data = recommender.dataset
    hidden = np.zeros(data.n_items + 1, dtype=bool)
    hidden[0] = True
    if not data.repeats:
        hidden[data.items.numbers(scenario.items)] = True
        if scenario.user_id is not None:
            user = data.users.number(scenario.user_id)
            hidden[data.events.item_numbers[data.events.offsets[user] : data.events.offsets[user + 1]]] = True
    for attribute, values in scenario.excluded.items():
        hidden |= items_with(data, attribute, values)
    return hidden


def scenario_batch(recommender: Recommender, scenarios: list[Scenario]) -> Batch:
    """What a model is asked for some scenarios, a row each.

    Raises:
        UnknownIdError, InputError: As in ``what_if``.
    """
    data, most = recommender.dataset, recommender.max_history
    lengths = np.array([min(len(scenario.items), most) for scenario in scenarios], dtype=np.int32)
    shape = len(scenarios), max(int(lengths.max(initial=0)), 1)
    history, times = np.zeros(shape, np.int32), np.zeros(shape, np.int64)
    context = np.zeros((len(scenarios), len(data.request_vocabularies)), np.int32)
    for row, (scenario, length) in enumerate(zip(scenarios, lengths, strict=True)):
        first = len(scenario.items) - length
        history[row, :length] = data.items.numbers(scenario.items[first:])
        times[row, :length] = scenario.times[first:]
        context[row] = _context(data, scenario.context)
    return Batch(history, lengths, times, context, np.array([scenario.now for scenario in scenarios], dtype=np.int64))


def _context(data: Dataset, values: Mapping[str, str]) -> Int32Array:
    names = [vocabulary.kind for vocabulary in data.request_vocabularies]
    context = np.zeros(len(names), dtype=np.int32)
    for name, value in values.items():
        if name not in names:
            raise InputError(
                say(
                    "There is no request context {name!r}: choose one of {names}.",
                    name=name,
                    names=", ".join(names) or say("none"),
                )
            )
        context[names.index(name)] = data.request_vocabularies[names.index(name)].number(value)
    return context


def _scores(
    recommender: Recommender, scenarios: list[Scenario], read: ReadText | None
) -> tuple[dict[str, Float32Array], tuple[str, ...]]:
    """What each part says under each scenario, float32 [S, N + 1] by part, and what cannot be followed."""
    for scenario in scenarios:
        for name in scenario.scales:
            if name not in recommender.part_names:
                names = ", ".join(recommender.part_names)
                raise InputError(say("This model has no part {name!r}: choose one of {names}.", name=name, names=names))
    batch, scorer = scenario_batch(recommender, scenarios), recommender.scorer
    ignored: tuple[str, ...] = ()
    words = [scenario.words for scenario in scenarios]
    text = scorer.parts.get(TEXT) if isinstance(scorer, MetaRec) else None
    if any(words) and (read is None or not isinstance(text, ContentPart)):
        ignored = (say("This model reads no text: the words change nothing."),)
        words = []
    scores: Scores
    if any(words) and isinstance(scorer, MetaRec) and isinstance(text, ContentPart) and read is not None:
        plain = dict(scorer.plain_parts(batch))
        taste = np.stack([read(said) if said else np.zeros(text.vectors.shape[1], np.float32) for said in words])
        if not taste.any():
            ignored = (say("No item has anything in common with these words: they change nothing."),)
        plain[TEXT] = np.float32(scorer.units[TEXT]) * _alike(text, batch, taste)
        scores = scorer.combine(batch, plain)
    else:
        scores = scorer.score(batch)
    factors = {
        name: np.array([[s.scales.get(name, 1.0)] for s in scenarios], dtype=np.float32) for name in scores.parts
    }
    return {name: factors[name] * part for name, part in scores.parts.items()}, ignored


def _alike(part: ContentPart, batch: Batch, words: Float32Array) -> Float32Array:
    """The text part's scores with words as one more event, the latest, of each history; float32 [B, N + 1]."""
    said = words.any(axis=1, keepdims=True)
    taste = batch.decayed(part.decay, part.n_items) @ part.vectors
    taste = np.where(said, np.float32(part.decay) * taste + words, taste)
    taste /= np.maximum(np.linalg.norm(taste, axis=1, keepdims=True), np.float32(1e-9))
    found: Float32Array = taste.astype(np.float32) @ part.vectors.T
    return found


def _listed(scores: Float32Array, k: int) -> Int32Array:
    top = ranking.top_items(scores[None, :], k)[0]
    found: Int32Array = top[top > 0]
    return found


def _places(scores: Float32Array, items: Int32Array) -> Int64Array:
    """Places among all that may be listed, equals by item number as in lists; int64, 0 where an item may not be."""
    order = np.argsort(-scores, kind="stable")
    place = np.empty(len(scores), dtype=np.int64)
    place[order] = np.arange(1, len(scores) + 1)
    return np.where(np.isfinite(scores[items]), place[items], 0)


def _ids(data: Dataset, items: Int32Array) -> list[str]:
    return [data.items.ids[number - 1] for number in items.tolist()]


def _frame(
    recommender: Recommender,
    items: Int32Array,
    n_new: int,
    k: int,
    parts: Mapping[str, Float32Array],
    new: Float32Array,
    old: Float32Array | None,
) -> pd.DataFrame:
    n = len(items)
    rank = _places(new, items)
    before = np.zeros(n, dtype=np.int64) if old is None else _places(old, items)
    now, was = (np.where(places > 0, places, np.inf) for places in (rank, before))
    kept = np.select([was > k, was > now, was < now], ["new", "up", "down"], "same")
    values = {name: part[:, items].astype(np.float64) for name, part in parts.items()}
    score = np.sum([value[0] for value in values.values()], axis=0) if n else np.zeros(0)
    if old is None:
        earlier = np.full(n, np.nan)
    else:
        earlier = np.sum([value[1] for value in values.values()], axis=0) if n else np.zeros(0)
    return pd.DataFrame(
        {
            columns.ITEM_ID: _ids(recommender.dataset, items),
            columns.RANK: pd.arrays.IntegerArray(rank, rank == 0),
            "rank_before": pd.arrays.IntegerArray(before, before == 0),
            "move": np.where(np.arange(n) < n_new, kept, "gone"),
            columns.SCORE: score,
            "score_before": earlier,
            **{columns.PART_PREFIX + name: value[0] for name, value in values.items()},
            **{CHANGE_PREFIX + name: value[0] - (0 if old is None else value[1]) for name, value in values.items()},
        }
    )
