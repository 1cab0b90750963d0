"""Averages hide: how well kinds of users, items and requests are served, each with its size and interval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from metarec_core.data.dataset import Attribute, Int32Array, Int64Array
from metarec_core.data.split import Split
from metarec_core.evaluation.answers import Answers
from metarec_core.evaluation.bootstrap import Interval, bootstrap
from metarec_core.evaluation.leaderboard import RUN_NAME

Float64Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FEWEST_USERS: Final = 50
"""A slice with fewer users is shown, and said to be too small to tell much."""

MOST_VALUES: Final = 8
"""Values of an attribute or a context that become slices: those with the most questions. More numbers make bands."""

BANDS: Final = 4
"""Bands of a number, each with about as many questions."""

EDGES: Final = (0, 5, 20, 100)
"""Numbers of events at which one slice ends and the next begins."""

RESAMPLED_USERS: Final = 20_000_000
"""Users drawn for a slice's interval, in all resamplings together: large slices need fewer of them."""

FEWEST_DRAWS: Final = 200
MOST_DRAWS: Final = 500
"""Bounds of the resamplings of a slice, of which there are many."""


@dataclass(frozen=True)
class Slice:
    """One kind of questions.

    Attributes:
        kind: What it is cut by: "History", "Item popularity", "Cold or warm", "Item: genre", "Context: device" ….
        name: Which of that kind.
        n_queries: How many questions.
        n_users: How many users they are about.
        ndcg: NDCG@10 by model.
        gain: The run minus the baseline that is best over all questions, paired; None without a baseline.
    """

    kind: str
    name: str
    n_queries: int
    n_users: int
    ndcg: Mapping[str, Interval]
    gain: Interval | None

    @property
    def is_small(self) -> bool:
        """Whether it has too few users to tell much."""
        return self.n_users < FEWEST_USERS

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; ``from_dict`` gives the same slice back."""
        return asdict(self) | {"is_small": self.is_small}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Slice:
        known = {name: value for name, value in values.items() if name in cls.__dataclass_fields__}
        ndcg = {model: Interval(**interval) for model, interval in values["ndcg"].items()}
        gain = values["gain"]
        return cls(**{**known, "ndcg": ndcg, "gain": Interval(**gain) if gain else None})


def slices(answers: Answers, split: Split, best_baseline: str | None, draws: int, seed: int = 0) -> tuple[Slice, ...]:
    """Cut a split's test queries in all ways that the data offers.

    Args:
        answers: Of all models to these queries; the trained one under ``RUN_NAME``.
        split: Whose test queries they are.
        best_baseline: The model that the trained one is compared with.
        draws: Resamplings behind each interval, fewer for large slices.
        seed: Seed of the resamplings.
    """
    ndcg = {model: answers.ndcg(model) for model in answers.ranks}
    columns = list(ndcg.values())
    if best_baseline is not None:
        columns.append(ndcg[RUN_NAME] - ndcg[best_baseline])
    values = np.stack(columns, axis=1)
    found = []
    for kind, name, chosen in groups(split):
        rows = np.flatnonzero(chosen)
        if 0 < len(rows) < len(values):
            users = answers.user_numbers[rows]
            n_users = len(np.unique(users))
            enough = min(draws, MOST_DRAWS, max(FEWEST_DRAWS, RESAMPLED_USERS // n_users))
            intervals = bootstrap(values[rows], enough, seed, users)
            gain = intervals[-1] if best_baseline is not None else None
            by_model = dict(zip(ndcg, intervals, strict=False))
            found.append(Slice(kind, name, len(rows), n_users, by_model, gain))
    return tuple(found)


def groups(split: Split) -> Iterator[tuple[str, str, Mask]]:
    """Every way to cut the test queries: kind, name, and which they are, bool [Q]; groups of a kind may overlap."""
    data, queries = split.dataset, split.test
    answers = data.events.item_numbers[queries.events]
    lengths = queries.history_ends - data.events.offsets[queries.user_numbers]
    yield from _by_number("History", lengths, "event")
    counts = np.bincount(split.known.item_numbers, minlength=data.n_items + 1)[answers]
    yield from _by_number("Item popularity", counts, "event")
    yield "Cold or warm", "items never seen before", counts == 0
    yield "Cold or warm", "items seen before", counts > 0
    learned_from = split.known.lengths()[queries.user_numbers]
    yield "Cold or warm", "users never seen before", learned_from == 0
    yield "Cold or warm", "users seen before", learned_from > 0
    for name, attribute in data.attributes.items():
        yield from _by_attribute(f"Item: {name}", attribute, answers)
    for column, vocabulary in enumerate(data.context_vocabularies):
        pairs = [(data.contexts[queries.events, column], np.arange(len(queries)))]
        yield from _by_value(f"Context: {vocabulary.kind}", vocabulary.ids, pairs, len(queries))
    for name, attribute in data.user_attributes.items():
        yield from _by_attribute(f"User: {name}", attribute, queries.user_numbers)


def slices_frame(found: Sequence[Slice]) -> pd.DataFrame:
    """One row a slice and model: kind, slice, queries, users, small, model, ndcg@10, low, high; the gain in the run's rows."""
    rows = []
    for cut in found:
        for model, ndcg in cut.ndcg.items():
            gain = cut.gain if model == RUN_NAME else None
            rows.append(
                {"kind": cut.kind, "slice": cut.name, "queries": cut.n_queries, "users": cut.n_users}
                | {"small": cut.is_small, "model": model, "ndcg@10": ndcg.mean, "low": ndcg.low, "high": ndcg.high}
                | {"run_minus_best_baseline": gain.mean if gain else None}
                | {"run_minus_best_baseline_low": gain.low if gain else None}
                | {"run_minus_best_baseline_high": gain.high if gain else None}
            )
    return pd.DataFrame(rows)


def _by_number(kind: str, numbers: npt.NDArray[np.integer[Any]], noun: str) -> Iterator[tuple[str, str, Mask]]:
    yield kind, f"no {noun}s", numbers == 0
    for low, high in pairwise(EDGES):
        yield kind, f"{low + 1} to {high} {noun}s", (numbers > low) & (numbers <= high)
    yield kind, f"more than {EDGES[-1]} {noun}s", numbers > EDGES[-1]


def _by_attribute(kind: str, attribute: Attribute, owners: Int32Array) -> Iterator[tuple[str, str, Mask]]:
    """What an attribute says of the answered items or the asked users."""
    starts, lengths = attribute.offsets[owners], np.diff(attribute.offsets)[owners]
    pairs = []
    for place in range(int(lengths.max(initial=0))):
        rows = np.flatnonzero(lengths > place)
        pairs.append((attribute.value_numbers[starts[rows] + place], rows))
    yield from _by_value(kind, attribute.vocabulary.ids, pairs, len(owners))


def _by_value(
    kind: str, values: Sequence[str], pairs: Sequence[tuple[Int32Array, Int64Array]], n: int
) -> Iterator[tuple[str, str, Mask]]:
    """The commonest values, or bands of what is a number with many.

    Args:
        kind: What it is cut by.
        values: Their texts.
        pairs: Value numbers, 0 where unknown, and the queries that have them.
        n: How many queries there are.
    """
    if not pairs:
        return
    numbers, rows = (np.concatenate(column) for column in zip(*pairs, strict=True))
    numbers, rows = numbers[numbers > 0], rows[numbers > 0]
    amounts = pd.to_numeric(pd.Series(list(values), dtype=object), errors="coerce").to_numpy(dtype=np.float64)
    if np.isfinite(amounts).all() and len(np.unique(amounts[numbers - 1])) > MOST_VALUES:
        yield from _bands(kind, amounts[numbers - 1], rows, n)
        return
    counts = np.bincount(numbers, minlength=len(values) + 1)[1:]
    for place in np.argsort(-counts, kind="stable")[:MOST_VALUES]:
        yield kind, str(values[place]), _mask(rows[numbers == place + 1], n)


def _bands(kind: str, amounts: Float64Array, rows: Int64Array, n: int) -> Iterator[tuple[str, str, Mask]]:
    """Ascending, each named by the least and the most in it."""
    bounds = np.quantile(amounts, np.arange(1, BANDS) / BANDS, method="inverted_cdf")
    places = np.searchsorted(np.unique(bounds), amounts)
    for place in np.unique(places):
        inside = places == place
        low, high = amounts[inside].min(), amounts[inside].max()
        name = _number(low) if low == high else f"{_number(low)} to {_number(high)}"
        yield kind, name, _mask(rows[inside], n)


def _number(amount: float) -> str:
    """Whole where it is whole or large, else three digits."""
    return f"{amount:.0f}" if amount == round(amount) or abs(amount) >= 1_000 else f"{amount:.3g}"


def _mask(rows: Int64Array, n: int) -> Mask:
    chosen = np.zeros(n, dtype=bool)
    chosen[rows] = True
    return chosen
