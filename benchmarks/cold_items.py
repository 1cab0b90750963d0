"""Are items found that nobody has chosen yet? ``python benchmarks/cold_items.py --data FOLDER [FOLDER ...]``.

A folder holds ``behaviour.csv`` and ``items.csv``. A tenth of the items, drawn by the seed, is cold: their events, all of them,
are taken out of the log before training; the item table stays whole. Then every event of a cold item is a question, with
everything its user did before it as history. Training sees other events of later times, as it does in leave-one-out.

Prints a Markdown table: the share of answers among the best 50, once of the whole catalogue and once of its cold items, for
MetaRec, for popularity in genre (``popular_in_genre``) and for chance; with several seeds, rows of all their questions too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that the script finds the project from anywhere

from metarec_core import api, metrics
from metarec_core.config import RunConfig
from metarec_core.data import columns
from metarec_core.data.dataset import Dataset
from metarec_core.data.split import Queries, queries_about
from metarec_core.data.tables import Tables, make_tables
from metarec_core.evaluation.bootstrap import Interval, bootstrap
from metarec_core.models import ranking
from metarec_core.models.batch import Batch, query_batches
from metarec_core.models.memory import ItemMemory
from metarec_core.models.scorer import Scorer, Scores

Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

ONE_IN = 10
"""One in so many items is cold."""

K = 50
"""Length of the lists."""

DECAY = 0.9
"""Weight of an event for popularity in genre, to the power of its age."""

MODELS = ("metarec", "popular_in_genre", "chance")
HEADER = ("data", "seed", "questions", "model", "recall@50", "minus it", "recall@50, cold only", "minus it")


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


def measure(tables: Tables, config: RunConfig, names: Sequence[str] = ()) -> tuple[Float64Array, npt.NDArray[np.int32]]:
    """Train without the cold items and ask for them.

    Args:
        tables: The whole data.
        config: Its seed draws the cold items too.
        names: Attributes that popularity in genre goes by; all when not given.

    Returns:
        Hits of ``MODELS`` in the whole catalogue and among the cold items, float64 [Q, 3, 2], and the users who were asked,
        int32 [Q].
    """
    known, cold_ids = hold_out_items(tables, config.seed)
    whole = api.encode(tables)
    cold = np.array([False, *(item in cold_ids for item in whole.items.ids)])
    queries = queries_about(whole.events, np.flatnonzero(cold[whole.events.item_numbers]))
    with tempfile.TemporaryDirectory() as store:
        run = None
        for progress in api.train(known, config, store=store):
            run = progress.run
        if run is None:
            raise RuntimeError("training ended without a run")
        recommender = api.open_recommender(run)
    simple = fit_popular_in_genre(recommender.dataset, names or tuple(whole.attributes))
    ours, chance = hits(recommender.scorer, whole, queries, cold, config.data.max_history)
    theirs, _ = hits(simple, whole, queries, cold, config.data.max_history)
    return np.stack([ours, theirs, chance], axis=1), queries.user_numbers


def main() -> None:
    """Train on each data set with each seed, and print how many cold items were found."""
    parser = argparse.ArgumentParser(prog="benchmarks/cold_items.py", description=__doc__)
    parser.add_argument("--data", nargs="+", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--preset", default="balanced")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--attributes", nargs="+", default=[], metavar="NAME", help="of the genre; default: all")
    parser.add_argument("--set", nargs="+", default=[], metavar="SECTION.NAME=VALUE", dest="settings")
    options = parser.parse_args()
    settings = ["evaluation.baselines=", *options.settings]

    print(f"| {' | '.join(HEADER)} |")
    print("|---" * len(HEADER) + "|")
    for folder in options.data:
        facts = folder / "facts.csv"
        tables = api.read_tables(
            folder / "behaviour.csv", folder / "items.csv", facts if facts.exists() else None, name=folder.name
        )
        found, users = [], []
        for seed in options.seeds:
            config = RunConfig.preset(options.preset, seed).with_settings(settings)
            of_seed, asked = measure(tables, config, options.attributes)
            found.append(of_seed)
            users.append(asked)
            _print_rows(folder.name, str(seed), of_seed, asked, config)
        if len(found) > 1:
            _print_rows(folder.name, "all", np.concatenate(found), np.concatenate(users), config)


def _print_rows(data: str, seed: str, found: Float64Array, users: npt.NDArray[np.int32], config: RunConfig) -> None:
    """One row a model: both recalls, and MetaRec minus it, with 95 % intervals over users."""
    gains = found[:, :1] - found
    values = np.concatenate([found, gains], axis=2).reshape(len(found), -1)
    intervals = iter(bootstrap(values, config.evaluation.bootstrap_draws, config.seed, users))
    asked = f"{len(found)} of {len(np.unique(users))} users"
    for model in MODELS:
        everywhere, among_cold, gain, cold_gain = (next(intervals) for _ in range(4))
        ours = model == MODELS[0]
        gain_words, cold_words = ("", "") if ours else (_words(gain, "+.4f"), _words(cold_gain, "+.4f"))
        row = [data, seed, asked, model, _words(everywhere), gain_words, _words(among_cold), cold_words]
        print(f"| {' | '.join(row)} |", flush=True)


def _words(interval: Interval, form: str = ".4f") -> str:
    return f"{interval.mean:{form}} ({interval.low:{form}} to {interval.high:{form}})"


if __name__ == "__main__":
    main()
