"""Finding users: by id, by what is known of them, by how they behave and are served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from metarec_core import metrics
from metarec_core.data import columns
from metarec_core.data.dataset import Float32Array, Int32Array
from metarec_core.errors import InputError
from metarec_core.language import say
from metarec_core.recommend.recommender import Recommender

COLD: Final = "cold"
BUSY: Final = "busy"
WORST: Final = "worst"
BEST: Final = "best"
PART: Final = "part:"
"""Before the name of a part: the users whose lists it carries most come first."""

MOST_LISTS: Final = 5_000
"""Users whose lists are looked at for what carries them, evenly spaced where there are more."""

PLACE: Final = "place"
NDCG: Final = "ndcg"


@dataclass(frozen=True)
class Audience:
    """All users of a run, to be searched.

    Attributes:
        recommender: The run at work.
        frame: A row a user, in the order of the data: user_id, events, ndcg (mean NDCG@10 of the user's test questions), place
            (mean place of their answers), NaN where nothing was asked; ``part_<name>``, the part's share of the scores in the
            first 10, NaN where the list was not looked at.
    """

    recommender: Recommender
    frame: pd.DataFrame

    @property
    def orders(self) -> tuple[str, ...]:
        """What users can be sorted by."""
        served = (WORST, BEST) if self.frame[NDCG].notna().any() else ()
        return (COLD, BUSY, *served, *(PART + name for name in self.recommender.part_names))

    def find(
        self,
        text: str = "",
        having: Mapping[str, str] | None = None,
        order: str | None = None,
        most: int = 50,
    ) -> pd.DataFrame:
        """The users that fit, the first of an order first; rows of ``frame``.

        Args:
            text: Part of the id, in any case.
            having: A value by user attribute.
            order: One of ``orders``; None keeps that of the data. Users of whom nothing is known there are left out.
            most: At most so many.

        Raises:
            InputError: There is no such attribute or order.
            UnknownIdError: The attribute has no such value.
        """
        chosen = np.ones(len(self.frame), dtype=bool)
        if text.strip():
            ids = self.frame[columns.USER_ID].astype(str)
            chosen &= ids.str.contains(text.strip(), case=False, regex=False).to_numpy()
        for name, value in (having or {}).items():
            attribute = self.recommender.dataset.user_attributes.get(name)
            if attribute is None:
                names = ", ".join(self.recommender.dataset.user_attributes) or "none"
                raise InputError(
                    say(
                        "There is no user attribute {name!r}: choose one of {names}.",
                        name=name,
                        names=names,
                    )
                )
            owners = np.repeat(np.arange(len(self.frame) + 1), np.diff(attribute.offsets))
            has = np.zeros(len(self.frame) + 1, dtype=bool)
            has[owners[attribute.value_numbers == attribute.vocabulary.number(value)]] = True
            chosen &= has[1:]
        found = self.frame[chosen]
        if order is None:
            return found.head(most)
        if order not in self.orders:
            raise InputError(
                say(
                    "Users cannot be sorted by {order!r}: choose one of {orders}.",
                    order=order,
                    orders=", ".join(self.orders),
                )
            )
        by: dict[str, tuple[list[str], list[bool]]] = {
            COLD: (["events"], [True]),
            BUSY: (["events"], [False]),
            WORST: ([NDCG, PLACE], [True, False]),
            BEST: ([NDCG, PLACE], [False, True]),
        }
        names_, rising = by.get(order, ([columns.PART_PREFIX + order.removeprefix(PART)], [False]))
        found = found.dropna(subset=names_).sort_values(names_, ascending=rising, kind="stable")
        return found.head(most)


def audience(recommender: Recommender, asked: Int32Array | None = None, ranks: Float32Array | None = None) -> Audience:
    """Look at all users of a run once.

    Args:
        recommender: The run at work.
        asked: int32 [Q], whom each test question is about; None where the run kept no answers.
        ranks: float32 [Q], the places of their answers, infinite where one could not be listed.
    """
    data = recommender.dataset
    frame = pd.DataFrame(
        {columns.USER_ID: list(data.users.ids), "events": data.events.lengths()[1:], NDCG: np.nan, PLACE: np.nan}
    )
    if asked is not None and ranks is not None and len(asked):
        counts = np.bincount(asked, minlength=data.n_users + 1)[1:]
        places = np.where(np.isfinite(ranks), ranks, data.n_items).astype(np.float64)
        for name, values in ((NDCG, metrics.ndcg(ranks.astype(np.float64), 10)), (PLACE, places)):
            sums = np.bincount(asked, weights=values, minlength=data.n_users + 1)[1:]
            frame[name] = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
    step = max(-(-data.n_users // MOST_LISTS), 1)
    lists = recommender.recommend(list(data.users.ids)[::step]).frame
    parts = lists.filter(like=columns.PART_PREFIX).abs()
    shares = parts.div(parts.sum(axis=1).clip(lower=1e-9), axis=0)
    means = shares.groupby(lists[columns.USER_ID], sort=False).mean()
    return Audience(recommender, frame.join(means, on=columns.USER_ID))
