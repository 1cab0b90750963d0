"""Leave-one-out as files that any library can read: ``train.csv``, ``validation.csv`` and ``test.csv`` with integer ids."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

Int64Array = npt.NDArray[np.int64]
MIN_EVENTS = 3
"""A user with fewer events only trains."""


@dataclass(frozen=True)
class Events:
    """Who met what, sorted by user, time and source line.

    Attributes:
        users: int64 [n], numbers from 1.
        items: int64 [n], numbers from 1.
    """

    users: Int64Array
    items: Int64Array

    def __len__(self) -> int:
        return len(self.users)


@dataclass(frozen=True)
class PeerSplit:
    """What a peer may see; ``test`` has one event a user, by ascending user number."""

    train: Events
    validation: Events
    test: Events

    @property
    def known(self) -> Events:
        """Training and validation events: the history at test."""
        users = np.concatenate([self.train.users, self.validation.users])
        items = np.concatenate([self.train.items, self.validation.items])
        order = np.argsort(users, kind="stable")
        return Events(users[order], items[order])

    @property
    def shape(self) -> tuple[int, int]:
        """One more than the largest user and item number; 0 is padding."""
        parts = (self.train, self.validation, self.test)
        return max(int(p.users.max()) for p in parts) + 1, max(int(p.items.max()) for p in parts) + 1

    def matrix(self, events: Events) -> sparse.csr_matrix:
        """Events as float32 CSR of this split's ``shape``; every event counts 1, repeats once."""
        pairs = sparse.csr_matrix((np.ones(len(events), np.float32), (events.users, events.items)), shape=self.shape)
        pairs.data[:] = 1.0
        return pairs


def write_split(behaviour: Path, folder: Path) -> None:
    """Hold out each user's last event for the test and the one before it for validation; every event is positive.

    Users and items are numbered from 1 in the order in which the file first has them; ``users.csv`` and ``items.csv`` keep
    the file's ids. Events that share a time keep the order of the file.

    Args:
        behaviour: CSV with ``user_id``, ``item_id`` and ``timestamp``.
        folder: Created where there is none.
    """
    table = pd.read_csv(behaviour, usecols=["user_id", "item_id", "timestamp"], dtype={"user_id": str, "item_id": str})
    times = table["timestamp"]
    if not pd.api.types.is_numeric_dtype(times):
        times = pd.to_datetime(times, utc=True, format="ISO8601")
    users, user_ids = pd.factorize(table["user_id"])
    items, item_ids = pd.factorize(table["item_id"])
    order = np.lexsort((times.to_numpy(), users))
    events = pd.DataFrame({"user": users[order] + 1, "item": items[order] + 1})
    from_end = events.groupby("user").cumcount(ascending=False)
    held_out = events.groupby("user")["item"].transform("size") >= MIN_EVENTS

    folder.mkdir(parents=True, exist_ok=True)
    events[~held_out | (from_end >= 2)].to_csv(folder / "train.csv", index=False)
    events[held_out & (from_end == 1)].to_csv(folder / "validation.csv", index=False)
    events[held_out & (from_end == 0)].to_csv(folder / "test.csv", index=False)
    for name, ids in {"user": user_ids, "item": item_ids}.items():
        pd.DataFrame({name: np.arange(1, len(ids) + 1), f"{name}_id": ids}).to_csv(folder / f"{name}s.csv", index=False)


def read_split(folder: Path) -> PeerSplit:
    """What ``write_split`` wrote."""

    def events(name: str) -> Events:
        table = pd.read_csv(folder / f"{name}.csv", dtype=np.int64)
        return Events(table["user"].to_numpy(), table["item"].to_numpy())

    return PeerSplit(events("train"), events("validation"), events("test"))
