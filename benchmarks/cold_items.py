"""Are items found that nobody has chosen yet? ``python benchmarks/cold_items.py --data FOLDER [FOLDER ...]``.

A folder holds ``behaviour.csv`` and ``items.csv``. A tenth of the items, drawn by the seed, is cold: their events, all of them,
are taken out of the log before training; the item table stays whole. Then every event of a cold item is a question, with
everything its user did before it as history. Training sees other events of later times, as it does in leave-one-out.

Prints a Markdown table: the share of answers among the best 50, once of the whole catalogue and once of its cold items, for
MetaRec, for popularity in genre (``popular_in_genre``) and for chance; with several seeds, rows of all their questions too. For
what is learned also NDCG@10 on the last event of each user in the log that is left, where all items have events.

``--graph`` trains it again with less: with what the graph knows dealt out to the wrong items, without graph, and with nothing
but text, graph, or both. The text knows the item table's attributes too, in words, and keeps them where the graph is shuffled.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that the script finds the project from anywhere

from metarec_core import api, metrics
from metarec_core.config import RunConfig
from metarec_core.data import columns
from metarec_core.data.dataset import Attribute, Dataset
from metarec_core.data.split import Queries, Split, queries_about
from metarec_core.data.tables import Tables, make_tables
from metarec_core.evaluation.bootstrap import Interval, bootstrap
from metarec_core.evaluation.evaluate import measure as measure_warm
from metarec_core.models import ranking
from metarec_core.models.batch import Batch, query_batches
from metarec_core.models.memory import ItemMemory
from metarec_core.models.metarec import GRAPH, PART_NAMES, TEXT
from metarec_core.models.scorer import Scorer, Scores
from metarec_core.training.trainer import fit

Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

ONE_IN = 10
"""One in so many items is cold."""

K = 50
"""Length of the lists."""

DECAY = 0.9
"""Weight of an event for popularity in genre, to the power of its age."""

METAREC, SHUFFLED = "metarec", "graph shuffled"
UNTRAINED = ("popular_in_genre", "chance")
HEADER = (
    *("data", "seed", "questions", "model", "recall@50", "minus it", "recall@50, cold only", "minus it"),
    *("NDCG@10, warm", "minus it"),
)


def _nothing_but(*parts: str) -> tuple[str, ...]:
    return (*(f"model.{name}=false" for name in PART_NAMES if name not in parts), "model.meta=false")


WITH_LESS: Mapping[str, tuple[str, ...]] = {
    SHUFFLED: (),
    "graph off": ("model.graph=false",),
    "graph and text alone": _nothing_but(TEXT, GRAPH),
    "text alone": _nothing_but(TEXT),
    "graph alone": _nothing_but(GRAPH),
}
"""What ``--graph`` trains again, with these settings."""


@dataclass(frozen=True)
class PopularInGenre:
    """Items by their attributes alone: values that the user likes and that many events are of.

    An item scores the mean over its values of the value's weight in the decayed history times log(1 + events of the value).

    Attributes:
        taste: From items to their values, with the history's decay; [N + 1, V].
        log_counts: float32 [V].
        means: float32 sparse [V, N + 1], 1 / number of values at each value of an item.
    """

    taste: ItemMemory
    log_counts: Float32Array
    means: sparse.csr_array

    @property
    def part_names(self) -> tuple[str, ...]:
        return ("popular_in_genre",)

    @property
    def n_items(self) -> int:
        return self.taste.n_items

    def score(self, batch: Batch) -> Scores:
        return Scores({"popular_in_genre": (self.taste.scores(batch) * self.log_counts) @ self.means})

    def state(self) -> dict[str, np.ndarray]:
        return {**self.taste.state(), "log_counts": self.log_counts}


def fit_popular_in_genre(known: Dataset, names: Sequence[str]) -> PopularInGenre:
    """Count the events of each value.

    Args:
        known: Events to count, and the items' attributes.
        names: Which attributes.
    """
    blocks = []
    for name in names:
        attribute = known.attributes[name]
        ones = np.ones(len(attribute.value_numbers), dtype=np.float32)
        shape = (known.n_items + 1, len(attribute.vocabulary) + 1)
        blocks.append(sparse.csr_array((ones, attribute.value_numbers, attribute.offsets), shape=shape))
    values = sparse.csr_array(sparse.hstack(blocks))
    events = np.bincount(known.events.item_numbers, minlength=known.n_items + 1)
    n_values = np.maximum(values.sum(axis=1), 1)
    means = sparse.csr_array((sparse.diags_array(1 / n_values) @ values).T.astype(np.float32))
    return PopularInGenre(ItemMemory(values, DECAY), np.log1p(events @ values).astype(np.float32), means)


def hold_out_items(tables: Tables, seed: int) -> tuple[Tables, frozenset[str]]:
    """The tables without the events of a tenth of the items that have any, and which items these are."""
    chosen = np.unique(tables.events[columns.ITEM_ID].to_numpy(dtype=str))
    cold = np.random.default_rng(seed).choice(chosen, max(len(chosen) // ONE_IN, 1), replace=False)
    warm = tables.events[~tables.events[columns.ITEM_ID].isin(cold)].reset_index(drop=True)
    return make_tables(tables.name, warm, tables.items, tables.facts, tables.report), frozenset(cold.tolist())


def hits(
    scorer: Scorer, dataset: Dataset, queries: Queries, cold: BoolArray, max_history: int
) -> tuple[Float64Array, Float64Array]:
    """Whether each answer is among the best 50, and how likely that is by chance.

    Items that the user has had are left out, as everywhere.

    Returns:
        Both float64 [Q, 2]: in the whole catalogue, and among the cold items.
    """
    found, chance = np.empty((2, len(queries), 2))
    size = ranking.rows_per_block(dataset.n_items, len(scorer.part_names))
    for block, batch in query_batches(dataset, queries, max_history, size):
        scores = scorer.score(batch).total
        asked = queries.events[block]
        ranking.hide_seen(scores, dataset, dataset.events.offsets[queries.user_numbers[block]], asked)
        answers = dataset.events.item_numbers[asked]
        for column, left_out in enumerate((np.zeros_like(cold), ~cold)):
            scores[:, left_out] = -np.inf
            ranks = ranking.ranks_of(scores, answers)
            candidates = np.isfinite(scores).sum(axis=1)
            found[block, column] = metrics.recall(ranks, K)
            chance[block, column] = np.where(np.isfinite(ranks), K / np.maximum(candidates, K), 0)
    return found, chance


@dataclass(frozen=True)
class Found:
    """Answers of several models to the same questions.

    Attributes:
        models: Their names.
        cold: float64 [Q, M, 2], hits in the whole catalogue and among the cold items.
        users: int32 [Q], who was asked.
        warm: float64 [W, T], NDCG@10 of the first T models, those that were trained, on items with events.
        warm_users: int32 [W].
    """

    models: tuple[str, ...]
    cold: Float64Array
    users: npt.NDArray[np.int32]
    warm: Float64Array
    warm_users: npt.NDArray[np.int32]


def measure(
    tables: Tables, config: RunConfig, names: Sequence[str] = (), less: Mapping[str, Sequence[str]] | None = None
) -> Found:
    """Train without the cold items and ask for them.

    Args:
        tables: The whole data.
        config: Its seed draws the cold items too.
        names: Attributes that popularity in genre goes by; all when not given.
        less: Settings of what is trained beside MetaRec itself, by name.
    """
    known, cold_ids = hold_out_items(tables, config.seed)
    whole = api.encode(tables)
    cold = np.array([False, *(item in cold_ids for item in whole.items.ids)])
    queries = queries_about(whole.events, np.flatnonzero(cold[whole.events.item_numbers]))
    with tempfile.TemporaryDirectory() as store:
        split, text = api.learnable(known, config, Path(store))
    history = config.data.max_history
    found, warm, chance = [], [], np.zeros((len(queries), 2))
    for name, settings in {METAREC: (), **(less or {})}.items():
        own = config.with_settings(settings)
        seen = replace(split, dataset=shuffled(split.dataset, config.seed)) if name == SHUFFLED else split
        model = _trained(seen, own, text if own.model.text else None)
        of_model, chance = hits(model, whole, queries, cold, history)
        found.append(of_model)
        warm.append(measure_warm(model, split, split.test, history).values("ndcg", 10))
    simple = fit_popular_in_genre(split.dataset, names or tuple(whole.attributes))
    found += [hits(simple, whole, queries, cold, history)[0], chance]
    models = (METAREC, *(less or {}), *UNTRAINED)
    users = queries.user_numbers, split.test.user_numbers
    return Found(models, np.stack(found, axis=1), users[0], np.stack(warm, axis=1), users[1])


def shuffled(dataset: Dataset, seed: int) -> Dataset:
    """The same items, each with all that the graph knows of another one: as many values, as often, of no meaning."""
    order = np.concatenate([[0], 1 + np.random.default_rng(seed).permutation(dataset.n_items)])

    def dealt(known: Attribute) -> Attribute:
        lengths = np.diff(known.offsets)[order]
        starts = np.repeat(known.offsets[order] - (np.cumsum(lengths) - lengths), lengths)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        return replace(
            known, offsets=offsets, value_numbers=known.value_numbers[np.arange(len(starts)) + starts], rows=None
        )

    return replace(
        dataset,
        attributes={name: dealt(known) for name, known in dataset.attributes.items()},
        facts={name: dealt(known) for name, known in dataset.facts.items()},
    )


def _trained(split: Split, config: RunConfig, text: Float32Array | None) -> Scorer:
    *_, last = fit(split, config, "cpu", None, text)
    if last.model is None:
        raise RuntimeError("training ended without a model")
    return last.model


def main() -> None:
    """Train on each data set with each seed, and print how many cold items were found."""
    parser = argparse.ArgumentParser(prog="benchmarks/cold_items.py", description=__doc__)
    parser.add_argument("--data", nargs="+", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--preset", default="balanced")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--attributes", nargs="+", default=[], metavar="NAME", help="of the genre; default: all")
    parser.add_argument("--set", nargs="+", default=[], metavar="SECTION.NAME=VALUE", dest="settings")
    parser.add_argument("--graph", action="store_true", help="also with a shuffled graph, without it, and text alone")
    options = parser.parse_args()
    settings = ["evaluation.baselines=", *options.settings]

    print(f"| {' | '.join(HEADER)} |")
    print("|---" * len(HEADER) + "|")
    for folder in options.data:
        facts = folder / "facts.csv"
        tables = api.read_tables(
            folder / "behaviour.csv", folder / "items.csv", facts if facts.exists() else None, name=folder.name
        )
        found = []
        for seed in options.seeds:
            config = RunConfig.preset(options.preset, seed).with_settings(settings)
            found.append(measure(tables, config, options.attributes, WITH_LESS if options.graph else None))
            _print_rows(folder.name, str(seed), found[-1], config)
        if len(found) > 1:
            _print_rows(folder.name, "all", _together(found), config)


def _together(found: Sequence[Found]) -> Found:
    joined = {
        name: np.concatenate([getattr(one, name) for one in found]) for name in ("cold", "users", "warm", "warm_users")
    }
    return replace(found[0], **joined)


def _print_rows(data: str, seed: str, found: Found, config: RunConfig) -> None:
    """One row a model: both recalls and NDCG@10, and MetaRec minus each, with 95 % intervals over users."""

    def intervals(values: Float64Array, users: npt.NDArray[np.int32]) -> list[Interval]:
        flat = values.reshape(len(values), -1)
        return list(bootstrap(flat, config.evaluation.bootstrap_draws, config.seed, users))

    cold = intervals(np.concatenate([found.cold, found.cold[:, :1] - found.cold], axis=2), found.users)
    warm = intervals(np.stack([found.warm, found.warm[:, :1] - found.warm], axis=2), found.warm_users)
    asked = f"{len(found.cold)} of {len(np.unique(found.users))} users"
    for place, model in enumerate(found.models):
        everywhere, among_cold, *gains = cold[4 * place : 4 * place + 4]
        row = [data, seed, asked, model, _words(everywhere), _gain(gains[0], place)]
        row += [_words(among_cold), _gain(gains[1], place)]
        of_warm = warm[2 * place : 2 * place + 2]
        row += [_words(of_warm[0]), _gain(of_warm[1], place)] if of_warm else ["", ""]
        print(f"| {' | '.join(row)} |", flush=True)


def _gain(gain: Interval, place: int) -> str:
    return _words(gain, "+.4f") if place else ""


def _words(interval: Interval, form: str = ".4f") -> str:
    return f"{interval.mean:{form}} ({interval.low:{form}} to {interval.high:{form}})"


if __name__ == "__main__":
    main()
