"""The data as numbers: flat arrays with offsets, what every model and measure reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from metarec_core.data.vocabulary import Vocabulary

Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]
Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Interactions:
    """Users' events, user after user, each user's oldest first.

    Attributes:
        offsets: int64 [n_users + 2]. Events of user number ``u`` are ``offsets[u]:offsets[u + 1]``; user 0 (padding) has none.
        item_numbers: int32 [n_events].
        times: int64 [n_events], seconds since 1970 UTC, or positions where the data has only an order.
        n_items: Size of the catalogue, padding not counted.
        ties_are_sets: Whether events of one user at one time are a set, so that their order says nothing.
    """

    offsets: Int64Array
    item_numbers: Int32Array
    times: Int64Array
    n_items: int
    ties_are_sets: bool = False

    @property
    def n_users(self) -> int:
        return len(self.offsets) - 2

    @property
    def n_events(self) -> int:
        return len(self.item_numbers)

    def lengths(self) -> Int64Array:
        """Events of each user, int64 [n_users + 1]; the padding user's is 0."""
        return np.diff(self.offsets)

    def user_numbers(self) -> Int32Array:
        """The user of each event, int32 [n_events]."""
        return np.repeat(np.arange(self.n_users + 1, dtype=np.int32), self.lengths())

    def history_ends(self) -> Int64Array:
        """One past the last event that came before each event, int64 [n_events].

        That is the event's own position; where ties are sets, the position of the first event of its set.
        """
        positions = np.arange(self.n_events)
        if not self.ties_are_sets:
            return positions
        users = self.user_numbers()
        begins = np.ones(self.n_events, dtype=bool)
        begins[1:] = (users[1:] != users[:-1]) | (self.times[1:] != self.times[:-1])
        return np.maximum.accumulate(np.where(begins, positions, 0))


@dataclass(frozen=True)
class Attribute:
    """One attribute of items (or users), several values each: those of ``i`` are ``value_numbers[offsets[i]:offsets[i + 1]]``.

    Attributes:
        vocabulary: The attribute's values.
        offsets: int64 [n_items + 2]; item 0 (padding) has none.
        value_numbers: int32.
        rows: int64, the source line of each value, or None where nobody knows.
    """

    vocabulary: Vocabulary
    offsets: Int64Array
    value_numbers: Int32Array
    rows: Int64Array | None = None


@dataclass(frozen=True)
class Dataset:
    """Everything a model may learn from, in numbers.

    Attributes:
        users: Vocabulary of users.
        items: Vocabulary of items: those of the item table first, then those that only events mention.
        events: All kept events, sorted by user, time and source line (stable).
        has_clock_times: True where ``events.times`` are seconds; False where they are only an order.
        ratings: float32 [n_events], NaN where an event has none; or None.
        weights: float32 [n_events], 1 where an event has none; or None (every event then counts 1).
        contexts: int32 [n_events, n_contexts], value numbers of each context column, 0 where missing.
        context_vocabularies: One vocabulary a context column, in the order of ``contexts``' columns; ``kind`` is its name.
        attributes: Item attributes by name.
        facts: What the fact table says of items, by relation; the entities are the values.
        user_attributes: What the user table says of users, by attribute; offsets run over users.
        traits: int32 [n_users + 1, T], what of that counts as context of each request of a user; 0 where unknown.
        trait_vocabularies: One vocabulary a column of ``traits``.
        vectors: What other encoders say of items (images, audio …), by mode: float32 [n_items + 1, D], rows of zeros where
            an item has none.
        event_rows: int64 [n_events], the source line of each event, or None where nobody knows.
        repeats: Whether a user may get an item again.
    """

    users: Vocabulary
    items: Vocabulary
    events: Interactions
    has_clock_times: bool
    ratings: Float32Array | None = None
    weights: Float32Array | None = None
    contexts: Int32Array = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int32))
    context_vocabularies: tuple[Vocabulary, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    facts: Mapping[str, Attribute] = field(default_factory=dict)
    user_attributes: Mapping[str, Attribute] = field(default_factory=dict)
    traits: Int32Array = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int32))
    trait_vocabularies: tuple[Vocabulary, ...] = ()
    vectors: Mapping[str, Float32Array] = field(default_factory=dict)
    event_rows: Int64Array | None = None
    repeats: bool = False

    @property
    def n_users(self) -> int:
        return len(self.users)

    @property
    def n_items(self) -> int:
        return len(self.items)

    @property
    def request_vocabularies(self) -> tuple[Vocabulary, ...]:
        """One vocabulary a column of what is known of a request: its context, and the traits of who asks."""
        return self.context_vocabularies + self.trait_vocabularies

    def requests(self, users: Int32Array, events: Int64Array | None = None) -> Int32Array:
        """What is known of some requests, int32 [B, C + T], a column a vocabulary of ``request_vocabularies``.

        Args:
            users: int32 [B], who asks.
            events: int64 [B], the events whose context is the request's; unknown when not given.
        """
        context = np.zeros((len(users), len(self.context_vocabularies)), dtype=np.int32)
        if events is not None and self.contexts.size:
            context = self.contexts[events]
        return np.concatenate([context, self.traits[users]], axis=1) if self.trait_vocabularies else context
