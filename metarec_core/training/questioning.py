"""Asking a model many questions: ranks of the answers, the best of each list, and their chances, in one pass over the scores.

Where ``torchrun`` started several processes, each asks its share of the questions, and the first one has all answers. It tells
the others what a model is as the arrays it consists of; a model that does not consist of arrays alone it asks by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from metarec_core import metrics
from metarec_core.config import RunConfig
from metarec_core.data.dataset import Dataset, Interactions
from metarec_core.data.split import Queries
from metarec_core.data.vocabulary import Vocabulary
from metarec_core.models import metarec, ranking
from metarec_core.models.batch import query_batches
from metarec_core.models.calibration import calibration_of
from metarec_core.models.memory import ItemMemory
from metarec_core.models.metarec import PART_NAMES, MetaRec
from metarec_core.models.popularity import Popularity
from metarec_core.models.scorer import Scorer
from metarec_core.training.baselines import Baseline

Arrays = Mapping[str, np.ndarray]

CLOSED_FORMS: Final[Mapping[str, type[ItemMemory] | type[Popularity]]] = MappingProxyType(
    {"memory": ItemMemory, "popularity": Popularity}
)
"""Parts of baselines that are nothing but their arrays."""


Ask = Callable[[Scorer, Dataset, Queries, int], "Answered"]


@dataclass(frozen=True)
class Answered:
    """What a model said to Q questions.

    Attributes:
        ranks: float64 [Q], rank of each answer in the whole catalogue without the items seen before; ties share their mean.
        top: int32 [Q, K], the best items, best first; 0 where there are fewer.
        candidates: float64 [Q], how many items could be listed.
        chances: float32 [Q, J], chances of the first J of them; J is 0 where the model gives none.
    """

    ranks: npt.NDArray[np.float64]
    top: npt.NDArray[np.int32]
    candidates: npt.NDArray[np.float64]
    chances: npt.NDArray[np.float32]


def ask(scorer: Scorer, dataset: Dataset, queries: Queries, max_history: int) -> Answered:
    """Rank the whole catalogue for each question, in this process alone.

    Items the user has seen before the question are left out, all of them, however long the history that the model looks at.
    Where ties are sets, what came earlier in the answer's own set is left out too: no model knows of it, and none may be blamed
    for naming another right answer first.
    """
    n, calibration = len(queries), calibration_of(scorer)
    ranks, candidates = np.empty(n), np.empty(n)
    top = np.zeros((n, max(metrics.CUTOFFS)), dtype=np.int32)
    chances = np.zeros((n, 0 if calibration is None else metrics.JUDGED_SLOTS), dtype=np.float32)
    size = ranking.rows_per_block(dataset.n_items, len(scorer.part_names))
    for block, batch in query_batches(dataset, queries, max_history, size):
        scores = scorer.score(batch).total
        ends = queries.events[block]
        ranking.hide_seen(scores, dataset, dataset.events.offsets[queries.user_numbers[block]], ends)
        ranks[block] = ranking.ranks_of(scores, dataset.events.item_numbers[ends])
        best = ranking.top_items(scores, top.shape[1])
        top[block, : best.shape[1]] = best
        candidates[block] = (scores > -np.inf).sum(axis=1)
        if calibration is not None:
            found = calibration.probabilities(scores, best[:, : chances.shape[1]])
            chances[block, : found.shape[1]] = found
    return Answered(ranks, top, candidates, chances)


def ask_together(config: RunConfig, scorer: Scorer, dataset: Dataset, queries: Queries, max_history: int) -> Answered:
    """The same, by all processes there are; each takes every n-th question.

    Args:
        config: Of the run, whose model is among those that are asked.
        scorer: As in ``ask``, with the rest.
    """
    from metarec_core.training import distributed

    size = distributed.world().size
    described = None if size == 1 else _describe(scorer, config)
    if described is None:
        return ask(scorer, dataset, queries, max_history)
    words, model = described
    told = {f"model.{name}": value for name, value in model.items()}
    told |= {f"data.{name}": value for name, value in _data(dataset, queries).items()}
    about = {"max_history": max_history, "n_items": dataset.n_items, "repeats": dataset.repeats}
    about |= {"n_contexts": len(dataset.context_vocabularies), "n_traits": len(dataset.trait_vocabularies)}
    about |= {"ties_are_sets": dataset.events.ties_are_sets}
    distributed.tell("ask", {"model": words, "data": about}, told)
    mine = ask(scorer, dataset, queries.some(np.arange(0, len(queries), size)), max_history)
    whole = {}
    for field in fields(Answered):
        shares = distributed.gathered(getattr(mine, field.name), len(queries))
        one = np.empty((len(queries), *shares[0].shape[1:]), dtype=shares[0].dtype)
        for rank, share in enumerate(shares):
            one[rank::size] = share
        whole[field.name] = one
    return Answered(**whole)


def answer_share(words: Mapping[str, Any], arrays: Arrays) -> None:
    """What every process but the first does when it is told to ask: its share, which the first one gathers."""
    from metarec_core.training import distributed

    here, about = distributed.world(), words["data"]
    own = {name.removeprefix("data."): value for name, value in arrays.items() if name.startswith("data.")}
    events = Interactions(
        own["offsets"], own["item_numbers"], own["times"], about["n_items"], ties_are_sets=about["ties_are_sets"]
    )
    dataset = Dataset(
        _unnamed("user", events.n_users),
        _unnamed("item", events.n_items),
        events,
        has_clock_times=True,
        contexts=own["contexts"],
        context_vocabularies=tuple(_unnamed("context", 0) for _ in range(about["n_contexts"])),
        traits=own["traits"],
        trait_vocabularies=tuple(_unnamed("trait", 0) for _ in range(about["n_traits"])),
        repeats=about["repeats"],
    )
    queries = Queries(own["user_numbers"], own["events"], own["history_ends"])
    model = {name.removeprefix("model."): value for name, value in arrays.items() if name.startswith("model.")}
    scorer = _scorer(words["model"], model, about["n_items"])
    rows = np.arange(here.rank, len(queries), here.size)
    mine = ask(scorer, dataset, queries.some(rows), about["max_history"])
    for field in fields(Answered):
        distributed.gathered(getattr(mine, field.name), len(queries))


def _describe(scorer: Scorer, config: RunConfig) -> tuple[dict[str, Any], Arrays] | None:
    """A model as words and arrays; None where it is more than that."""
    if isinstance(scorer, MetaRec):
        used = [f"model.{name}={name in scorer.parts}" for name in PART_NAMES]
        return {"kind": "metarec", "config": config.with_settings(used).to_dict()}, scorer.state()
    if isinstance(scorer, Baseline):
        for kind, part in CLOSED_FORMS.items():
            if type(scorer.part) is part:
                return {"kind": kind, "name": scorer.name}, scorer.state()
    return None


def _scorer(words: Mapping[str, Any], state: Arrays, n_items: int) -> Scorer:
    if words["kind"] != "metarec":
        return Baseline(words["name"], n_items, CLOSED_FORMS[words["kind"]].from_state(state))
    return metarec.load(RunConfig.from_dict(words["config"]), state, n_items=n_items)


def _data(dataset: Dataset, queries: Queries) -> dict[str, np.ndarray]:
    """What a question needs of the data: no names, no texts."""
    events = dataset.events
    return {
        "offsets": events.offsets,
        "item_numbers": np.asarray(events.item_numbers),
        "times": np.asarray(events.times),
        "contexts": np.asarray(dataset.contexts),
        "traits": np.asarray(dataset.traits),
        "user_numbers": queries.user_numbers,
        "events": queries.events,
        "history_ends": queries.history_ends,
    }


def _unnamed(kind: str, n: int) -> Vocabulary:
    return Vocabulary(kind, [""] * n)
