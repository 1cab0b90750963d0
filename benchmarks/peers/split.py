"""MetaRec's own leave-one-out as files that any library can read: ``train.csv``, ``validation.csv`` and ``test.csv``.

Written in MetaRec's environment, read in the peers'. Rows are in MetaRec's order and users and items have its numbers, so the
n-th test row is the n-th test query of ``leave_one_out``; ``split.json`` names the split it came from by its ``digest``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

if TYPE_CHECKING:
    from metarec_core.data.split import Split

Int64Array = npt.NDArray[np.int64]
PARTS: Final = ("train", "validation", "test")
ABOUT: Final = "split.json"


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

    def of(self, users: Int64Array) -> Events:
        """Only the events of these users."""
        kept = np.isin(self.users, users)
        return Events(self.users[kept], self.items[kept])


@dataclass(frozen=True)
class PeerSplit:
    """What a peer may see.

    Attributes:
        train: Events that parameters are fitted to.
        validation: One event a user, that chooses settings.
        test: One event a user, by ascending user number, that judges.
        n_users: Users, padding not counted.
        n_items: Size of the catalogue, padding not counted.
        digest: Which of MetaRec's splits this is; equal for equal questions with equal histories.
    """

    train: Events
    validation: Events
    test: Events
    n_users: int
    n_items: int
    digest: str

    @property
    def known(self) -> Events:
        """Training and validation events: the history at test."""
        users = np.concatenate([self.train.users, self.validation.users])
        items = np.concatenate([self.train.items, self.validation.items])
        order = np.argsort(users, kind="stable")
        return Events(users[order], items[order])

    def matrix(self, events: Events) -> sparse.csr_matrix:
        """Events as float32 CSR [n_users + 1, n_items + 1]; every event counts 1, repeats once."""
        ones, shape = np.ones(len(events), np.float32), (self.n_users + 1, self.n_items + 1)
        pairs = sparse.csr_matrix((ones, (events.users, events.items)), shape=shape)
        pairs.data[:] = 1.0
        return pairs


def digest(split: Split) -> str:
    """A name for a split that changes with its events, its catalogue, its questions and their histories."""
    events, total = split.dataset.events, hashlib.sha256()
    histories = (split.train_ends, split.validation.history_ends, split.test.history_ends)
    for array in (events.offsets, events.item_numbers, split.validation.events, split.test.events, *histories):
        total.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
    total.update(str(events.n_items).encode())
    return total.hexdigest()[:16]


def write_split(split: Split, folder: Path) -> None:
    """Write a leave-one-out split.

    Args:
        split: Of ``leave_one_out``; in the order of the file, since peers know no ties.
        folder: Created where there is none.
    """
    events = split.dataset.events
    table = pd.DataFrame({"user": events.user_numbers(), "item": events.item_numbers})
    trained = np.flatnonzero(np.arange(events.n_events) < np.repeat(split.train_ends, events.lengths()))
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in zip(PARTS, (trained, split.validation.events, split.test.events), strict=True):
        table.iloc[rows].to_csv(folder / f"{name}.csv", index=False)
    about = {"digest": digest(split), "n_users": split.dataset.n_users, "n_items": split.dataset.n_items}
    (folder / ABOUT).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def read_split(folder: Path) -> PeerSplit:
    """What ``write_split`` wrote."""

    def events(name: str) -> Events:
        table = pd.read_csv(folder / f"{name}.csv", dtype=np.int64)
        return Events(table["user"].to_numpy(), table["item"].to_numpy())

    train, validation, test = map(events, PARTS)
    return PeerSplit(train, validation, test, **json.loads((folder / ABOUT).read_text(encoding="utf-8")))
