"""Whether a run that was trained again is the same: its weights, its lists, its measures, and what it was made with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from metarec_core import api
from metarec_core.runs.run import Run
from metarec_core.runs.store import read_arrays, read_json

USERS_COMPARED: Final = 200
"""Users whose lists are compared, evenly over all."""

UNKNOWN: Final = "not recorded"
"""What a run does not say of itself: it did without, or an earlier version made it."""


@dataclass(frozen=True)
class Comparison:
    """A run beside its repetition.

    Attributes:
        run_id: The first.
        again_id: The one trained again.
        same_weights: Whether every number of the model is the same.
        same_lists: Whether the ten best items of some users are, in their order.
        same_measures: Whether the leaderboards are.
        differences: What the runs were made with that differs: name, then and now.
    """

    run_id: str
    again_id: str
    same_weights: bool
    same_lists: bool
    same_measures: bool
    differences: dict[str, tuple[str, str]]

    @property
    def equal(self) -> bool:
        """Whether lists and measures are equal."""
        return self.same_lists and self.same_measures

    @property
    def words(self) -> str:
        """The result in a sentence."""
        made = "; ".join(f"{name} {then} then, {now} now" for name, (then, now) in self.differences.items())
        other = f" What differs: {made}." if made else " Code, versions and device are the same."
        if self.equal:
            return f"Run {self.run_id} is reproduced: lists and measures are equal.{other}"
        unequal = [name for name, same in (("lists", self.same_lists), ("measures", self.same_measures)) if not same]
        return f"Run {self.run_id} is not reproduced: {' and '.join(unequal)} differ.{other}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**vars(self), "equal": self.equal}


def compare(first: Run, again: Run) -> Comparison:
    """Compare two runs of the same tables and config.

    Raises:
        RunError: One of them, or the tables, are damaged or gone.
    """
    one, other = read_arrays(first.folder.weights), read_arrays(again.folder.weights)
    then, now = _made_with(first), _made_with(again)
    return Comparison(
        run_id=first.run_id,
        again_id=again.run_id,
        same_weights=one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one),
        same_lists=_lists(first) == _lists(again),
        same_measures=read_json(first.folder.leaderboard) == read_json(again.folder.leaderboard),
        differences={
            name: (then.get(name, UNKNOWN), now.get(name, UNKNOWN))
            for name in sorted({*then, *now})
            if then.get(name) != now.get(name)
        },
    )


def _made_with(run: Run) -> dict[str, str]:
    manifest = run.manifest
    own = {"metarec": manifest.metarec_version, "device": manifest.device}
    return {**manifest.versions, **own, "code": manifest.code or UNKNOWN}


def _lists(run: Run) -> list[list[str]]:
    recommender = api.open_recommender(run)
    users = recommender.dataset.users.ids
    some = users[:: max(len(users) // USERS_COMPARED, 1)]
    frame = recommender.recommend(list(some), k=10).frame
    return [[str(user), *map(str, items)] for user, items in frame.groupby("user_id")["item_id"]]
