"""Whose lists meta-knowledge changed most, and which items it lifts into lists or drops from them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from metarec_core.data.split import Split
from metarec_core.models import ranking
from metarec_core.models.batch import user_batch
from metarec_core.models.metarec import MetaRec

Int32Array = npt.NDArray[np.int32]

K: Final = 10
"""Length of the lists."""

MOST_USERS: Final = 1_000
"""Users whose lists are compared, drawn without looking."""

SHOWN: Final = 20
"""Users, and items, that are told of."""


@dataclass(frozen=True)
class ChangedUser:
    """A user whose list is another with meta-knowledge.

    Attributes:
        user_id: Who.
        events: How many events are known.
        new: How many of the ten items come in with meta-knowledge, as many go.
        first: The best item that comes in.
    """

    user_id: str
    events: int
    new: int
    first: str


@dataclass(frozen=True)
class ChangedItem:
    """An item that meta-knowledge lifts into lists, or drops from them.

    Attributes:
        item_id: Which.
        events: How many events it has.
        with_k, without: In how many of the compared lists it is.
    """

    item_id: str
    events: int
    with_k: int
    without: int


@dataclass(frozen=True)
class ChangedLists:
    """Lists of ten with meta-knowledge beside those of the fixed weights.

    Attributes:
        lists: How many were compared.
        unchanged: How many have the same items.
        users: Those whose lists changed most, most first.
        items: Those that gained or lost most lists, most first.
    """

    lists: int = 0
    unchanged: int = 0
    users: tuple[ChangedUser, ...] = ()
    items: tuple[ChangedItem, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; ``from_dict`` gives the same back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ChangedLists:
        users = tuple(ChangedUser(**user) for user in values["users"])
        items = tuple(ChangedItem(**item) for item in values["items"])
        return cls(values["lists"], values["unchanged"], users, items)


def changed_lists(fixed: MetaRec, whole: MetaRec, split: Split, max_history: int, seed: int) -> ChangedLists:
    """Compare what users would be shown now, with all their events known.

    Args:
        fixed: With fixed weights.
        whole: The same with meta-knowledge.
        split: Of the run, whose data the users are of.
        max_history: Longest history the models look at.
        seed: Of the draw of users.
    """
    data = split.dataset
    drawn = np.random.default_rng(seed).permutation(data.n_users)[:MOST_USERS] + 1
    users = np.sort(drawn).astype(np.int32)
    before, after = _lists(fixed, whole, split, users, max_history)
    comes = (after > 0) & ~(after[:, :, None] == before[:, None, :]).any(axis=2)
    new = comes.sum(axis=1)
    lengths, counts = data.events.lengths(), np.bincount(data.events.item_numbers, minlength=data.n_items + 1)
    most = np.argsort(-new, kind="stable")[:SHOWN]
    changed = [
        ChangedUser(
            data.users.id(int(users[row])),
            int(lengths[users[row]]),
            int(new[row]),
            data.items.id(int(after[row, comes[row].argmax()])),
        )
        for row in most[new[most] > 0].tolist()
    ]
    listed = [np.bincount(lists.ravel(), minlength=data.n_items + 1) for lists in (after, before)]
    moved = np.abs(listed[0] - listed[1])
    moved[0] = 0
    items = np.argsort(-moved, kind="stable")[:SHOWN]
    return ChangedLists(
        len(users),
        int((new == 0).sum()),
        tuple(changed),
        tuple(
            ChangedItem(data.items.id(item), int(counts[item]), int(listed[0][item]), int(listed[1][item]))
            for item in items[moved[items] > 0].tolist()
        ),
    )


def _lists(
    fixed: MetaRec, whole: MetaRec, split: Split, users: Int32Array, max_history: int
) -> tuple[Int32Array, Int32Array]:
    """The best ``K`` unseen items without and with meta-knowledge, int32 [U, K] each, 0 where there are fewer."""
    data = split.dataset
    size = ranking.rows_per_block(data.n_items, 3 * len(fixed.parts))
    lists: tuple[list[Int32Array], list[Int32Array]] = ([], [])
    for start in range(0, len(users), size):
        block = users[start : start + size]
        batch = user_batch(data, block, max_history)
        plain = fixed.plain_parts(batch)
        ends = data.events.offsets[block.astype(np.int64) + 1]
        for model, found in zip((fixed, whole), lists, strict=True):
            scores = model.combine(batch, plain).total
            ranking.hide_seen(scores, data, data.events.offsets[block], ends)
            found.append(ranking.top_items(scores, K))
    return np.concatenate(lists[0]), np.concatenate(lists[1])
