"""A finished run at work: ids in, ranked lists with their parts out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from metarec_core.data import columns
from metarec_core.data.dataset import Dataset, Float32Array, Int32Array
from metarec_core.errors import InputError
from metarec_core.graph.build import build_graph
from metarec_core.graph.knowledge_graph import KnowledgeGraph
from metarec_core.graph.paths import PathIndex
from metarec_core.graph.space import item_shares
from metarec_core.language import say
from metarec_core.models import ranking
from metarec_core.models.batch import user_batch
from metarec_core.models.calibration import calibration_of
from metarec_core.models.new_items import Lending, nearest
from metarec_core.models.scorer import Scorer
from metarec_core.recommend.diversity import content_of, varied
from metarec_core.recommend.selection import Selection, kept_items
from metarec_core.text.words import word_shares

Float64Array = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

EVERYTHING: Final = Selection()
"""All items that the user has not had, by score."""

HISTORY_DECAY: Final = 0.8
"""Weight of an event in where its user lies, to the power of its age, for models that have none of their own."""

KNOWN_WELL: Final = 10
"""Events of a user whose lists are a fair example."""

USERS_AT_ONCE: Final = 4_096


@dataclass(frozen=True)
class Recommendations:
    """Lists of some users.

    Attributes:
        frame: user_id, item_id, rank (1 is best), score, and one ``part_<name>`` column a part; a row's parts sum to its
            score. Users in the order asked for, ranks ascending. With a calibrated model there is ``probability`` after the
            score: the chance that this item is the very next one, as fitted on validation events.
    """

    frame: pd.DataFrame

    @property
    def item_ids(self) -> list[str]:
        """Items in the order of the frame."""
        return list(self.frame[columns.ITEM_ID])


@dataclass(frozen=True)
class Recommender:
    """Recommends from one model over one data set.

    Attributes:
        dataset: Whose users and items; histories are read from it, so no user has stored parameters.
        scorer: The model.
        items: The item table: item_id, title and what else there is.
        max_history: Longest history the model looks at.
        lending: What new items borrow; None where the catalogue had none to find out with.
    """

    dataset: Dataset
    scorer: Scorer
    items: pd.DataFrame
    max_history: int
    lending: Lending | None = None

    @property
    def user_ids(self) -> Sequence[str]:
        return self.dataset.users.ids

    @property
    def example_user(self) -> str:
        """Whose lists are shown before anyone is chosen: the first user with ``KNOWN_WELL`` events, else the one with most."""
        lengths = self.dataset.events.lengths()[1:]
        return str(self.user_ids[int(np.argmax(np.minimum(lengths, KNOWN_WELL)))])

    @property
    def item_ids(self) -> Sequence[str]:
        return self.dataset.items.ids

    @property
    def part_names(self) -> tuple[str, ...]:
        return self.scorer.part_names

    @cached_property
    def word_shares(self) -> dict[str, float]:
        """How many of the items have each word of their texts, as a share; counted once."""
        return word_shares(self.items)

    @cached_property
    def knowledge_graph(self) -> KnowledgeGraph:
        """The knowledge graph of the data, built when it is first asked for."""
        return build_graph(self.dataset)

    @cached_property
    def path_index(self) -> PathIndex:
        """What searches for paths need. Where the model has no graph part that knows its values, no path has a score."""
        part = getattr(self.scorer, "parts", {}).get("graph")
        entities = getattr(part, "entities", None)
        if part is None or entities is None or not entities.size:
            return PathIndex(self.dataset, self.knowledge_graph)
        relations = part.relations if part.relations.size else None
        return PathIndex(self.dataset, self.knowledge_graph, entities, part.leads, relations)

    @cached_property
    def known_vectors(self) -> Float32Array:
        """Where the items lie by what is known of them: the graph part's vectors, ``content`` in models without; [N + 1, D]."""
        part = getattr(self.scorer, "parts", {}).get("graph")
        return self.content if part is None else part.vectors

    @cached_property
    def item_shares(self) -> sparse.csr_array:
        """Of which items each node of the knowledge graph is made, float32 [V, N + 1]; of users the latest count most."""
        data, part = self.dataset, getattr(self.scorer, "parts", {}).get("graph")
        decay = HISTORY_DECAY if part is None else part.decay
        numbers = np.arange(1, data.n_users + 1, dtype=np.int32)
        blocks = [
            user_batch(data, numbers[start : start + USERS_AT_ONCE], self.max_history).decayed(decay, data.n_items)
            for start in range(0, len(numbers), USERS_AT_ONCE)
        ]
        return item_shares(self.knowledge_graph, sparse.csr_array(sparse.vstack(blocks, format="csr")))

    def title(self, item_id: str) -> str:
        """An item's title.

        Raises:
            UnknownIdError: There is no such item.
        """
        return self._titles[self.dataset.items.number(item_id) - 1]

    @cached_property
    def _titles(self) -> list[str]:
        """In the order of the catalogue; a frame takes far longer to give one."""
        return [str(title) for title in self.items[columns.TITLE]]

    @cached_property
    def content(self) -> Float32Array:
        """What the items are like, by text and knowledge: ``content_of`` the model; float32 [N + 1, D]."""
        return content_of(self.scorer)

    @cached_property
    def new_items(self) -> BoolArray:
        """Items that the model has no events of, bool [N + 1]; padding is none."""
        new = Lending.of(0.0, self.dataset.events).new if self.lending is None else self.lending.new.copy()
        new[0] = False
        return new

    def lenders(self, item: int) -> sparse.csr_array:
        """From which items one without events borrows, and how much; float32 [1, N + 1], empty where it borrows nothing."""
        if self.lending is None or not self.lending.strength or not self.lending.new[item]:
            none: sparse.csr_array = sparse.csr_array(np.zeros((1, self.dataset.n_items + 1), dtype=np.float32))
            return none
        row: sparse.csr_array = nearest(self.content, self.lending.new, borrowers=np.array([item]))[[item]]
        return row

    @property
    def block_size(self) -> int:
        """Users scored at once."""
        return ranking.rows_per_block(self.dataset.n_items, len(self.part_names))

    def recommend(self, user_ids: Sequence[str], k: int = 10, selection: Selection = EVERYTHING) -> Recommendations:
        """The best ``k`` items of each user among those the user has not seen, or what else is selected.

        Raises:
            UnknownIdError: A user or a selected value is not in the data.
            InputError: ``k`` is not positive, or there is no selected attribute.
        """
        blocks = [part.frame for part in self._blocks(self.dataset.users.numbers(user_ids), k, selection)]
        return Recommendations(
            pd.concat(blocks, ignore_index=True) if blocks else self._frame(np.zeros(0, np.int32), k, selection)
        )

    def recommend_all(
        self, k: int = 10, selection: Selection = EVERYTHING, share: tuple[int, int] = (0, 1)
    ) -> Iterator[Recommendations]:
        """Lists of every user, some users at a time: memory does not grow with their number.

        Args:
            k: Length of a list.
            selection: What else lists must be.
            share: Which block comes first, and of how many each one comes: (1, 4) is the second of four processes.

        Raises:
            UnknownIdError, InputError: As in ``recommend``.
        """
        return self._blocks(np.arange(1, self.dataset.n_users + 1, dtype=np.int32), k, selection, share)

    @property
    def n_blocks(self) -> int:
        """Of lists of every user."""
        return -(-self.dataset.n_users // self.block_size)

    def history(self, user_id: str) -> pd.DataFrame:
        """A user's events, newest first: item_id, title, time, and rating and context where there are any.

        Raises:
            UnknownIdError: The user is not in the data.
        """
        data = self.dataset
        user = data.users.number(user_id)
        events = slice(data.events.offsets[user], data.events.offsets[user + 1])
        numbers = data.events.item_numbers[events]
        times = data.events.times[events]
        frame = pd.DataFrame(
            {
                columns.ITEM_ID: [data.items.id(number) for number in numbers],
                columns.TITLE: self.items[columns.TITLE].to_numpy()[numbers - 1],
                columns.TIME: pd.to_datetime(times, unit="s", utc=True) if data.has_clock_times else times,
            }
        )
        if data.ratings is not None:
            frame[columns.RATING] = data.ratings[events]
        for column, vocabulary in enumerate(data.context_vocabularies):
            values = np.array(["", *vocabulary.ids], dtype=object)
            frame[columns.CONTEXT_PREFIX + vocabulary.kind] = values[data.contexts[events, column]]
        return frame[::-1].reset_index(drop=True)

    def _blocks(
        self, user_numbers: Int32Array, k: int, selection: Selection, share: tuple[int, int] = (0, 1)
    ) -> Iterator[Recommendations]:
        if k < 1:
            raise InputError(say("A list of {k} items is not possible: ask for 1 or more.", k=k))
        size = self.block_size
        return (
            Recommendations(self._frame(user_numbers[start : start + size], k, selection))
            for start in range(size * share[0], len(user_numbers), size * share[1])
        )

    def _frame(self, user_numbers: Int32Array, k: int, selection: Selection) -> pd.DataFrame:
        data = self.dataset
        scores = self.scorer.score(user_batch(data, user_numbers, self.max_history))
        visible = scores.total
        starts = data.events.offsets[user_numbers]
        ends = starts if selection.seen else data.events.offsets[user_numbers.astype(np.int64) + 1]
        ranking.hide_seen(visible, data, starts, ends)
        wanted = visible
        if selection.filters:  # chances stay those among all items
            wanted = np.where(kept_items(data, selection, self.new_items), visible, np.float32(-np.inf))
        top = varied(wanted, self.content if selection.diversity else visible[:, :0], k, selection.diversity)
        rows, places = np.nonzero(top)
        item_numbers = top[rows, places]
        parts = {
            columns.PART_PREFIX + name: part[rows, item_numbers].astype(np.float64)
            for name, part in scores.parts.items()
        }
        calibration = calibration_of(self.scorer)
        chances = {}
        if calibration is not None:
            found = calibration.probabilities(visible, top)
            chances = {columns.PROBABILITY: found[rows, places].astype(np.float64)}
        return pd.DataFrame(
            {
                columns.USER_ID: np.array(data.users.ids, dtype=object)[user_numbers[rows] - 1],
                columns.ITEM_ID: np.array(data.items.ids, dtype=object)[item_numbers - 1],
                columns.RANK: places + 1,
                columns.SCORE: np.sum(list(parts.values()), axis=0),
                **chances,
                **parts,
            }
        )
