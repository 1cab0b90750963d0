"""The whole model: parts that look at a user and an item, each trusted as far as k says, summed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import numpy.typing as npt
from scipy import sparse

from metarec_core.config import RunConfig
from metarec_core.models import ranking
from metarec_core.models.batch import Batch
from metarec_core.models.calibration import Calibration
from metarec_core.models.content import ContentPart
from metarec_core.models.graph import GraphPart
from metarec_core.models.memory import ItemMemory
from metarec_core.models.meta import SHORTLIST, MetaKnowledge, corrected_part
from metarec_core.models.popularity import ContextPopularity, Popularity
from metarec_core.models.scorer import Scores
from metarec_core.models.separable import SeparableK

if TYPE_CHECKING:
    from metarec_core.models.sequence import SequencePart

Float32Array = npt.NDArray[np.float32]
Int32Array = npt.NDArray[np.int32]

SEQUENCE: Final = "sequence"
TRANSITION: Final = "transition"
COOCCURRENCE: Final = "cooccurrence"
REGRESSION: Final = "regression"
TEXT: Final = "text"
MODES: Final = "modes"
GRAPH: Final = "graph"
POPULARITY: Final = "popularity"
RECENT: Final = "recent"
CONTEXT: Final = "context"

PART_NAMES: Final = (SEQUENCE, TRANSITION, COOCCURRENCE, REGRESSION, TEXT, MODES, GRAPH, POPULARITY, RECENT, CONTEXT)
"""In the order in which they are shown; each is also the name of the setting in ``config.model`` that uses it."""


FIXED: Final = "fixed weights"
"""The variant of a model that meta-knowledge must beat: every part, each with the one weight that ranks best."""

SEPARABLE: Final = "separable k"
"""The variant with meta-knowledge of each user and of each item, which keeps the score one dot product."""

PAIRWISE: Final = "pairwise k"
"""The variant with meta-knowledge of each pair of a user and a shortlisted item."""


class Part(Protocol):
    """One source of evidence."""

    @property
    def n_items(self) -> int:
        """Size of the catalogue, padding not counted."""

    def scores(self, batch: Batch) -> Float32Array:
        """float32 [B, N + 1]."""

    def state(self) -> dict[str, np.ndarray]:
        """Everything learned, as named arrays."""


class Block(Part, Protocol):
    """A part whose score is a dot product, and so a block of the long vectors u and i."""

    def user_vectors(self, batch: Batch) -> Float32Array | sparse.csr_array:
        """float32 [B, D]."""

    def item_vectors(self) -> Float32Array | sparse.csr_array:
        """float32 [N + 1, D]."""


@dataclass(frozen=True)
class MetaRec:
    """The scorer that a run trains.

    Attributes:
        n_items: Size of the catalogue, padding not counted.
        parts: By name, in the order they are shown.
        units: For each part, the number that brings its scores to a common size: 1 / mean over users of its top score. Found
            without labels.
        k: Meta-knowledge of each part, for all users and items alike: 0 trusts it as it is, -1 not at all.
        separable: Meta-knowledge of each user, and of each item, on top of that; None where it is not shown to rank better.
        meta: Meta-knowledge of each pair of a user and a shortlisted item; None where it is not shown to rank better.
        calibration: How scores become chances of being the next item; None with too few answers to tell.
    """

    n_items: int
    parts: Mapping[str, Block]
    units: Mapping[str, float]
    k: Mapping[str, float]
    separable: SeparableK | None = None
    meta: MetaKnowledge | None = None
    calibration: Calibration | None = None

    @property
    def part_names(self) -> tuple[str, ...]:
        return tuple(self.parts)

    def score(self, batch: Batch) -> Scores:
        """s' = Σ (1 + k_b) · s_b, every item for every row.

        In two stages: the fixed or separable k makes the score one dot product (``retrieval_vectors``); the k of the pair is
        computed for the best ``SHORTLIST`` items of that which are not in the history, and all others keep what they have.
        """
        return self.combine(batch, self.plain_parts(batch))

    def combine(self, batch: Batch, plain: Mapping[str, Float32Array]) -> Scores:
        """The scores of a batch from what its parts say: ``plain_parts``, which is left as it is."""
        parts = self._retrieval_parts(batch, plain)
        if self.meta is not None:
            rows, items, corrections = self._corrections(self.meta, batch, parts)
            for place, part in enumerate(parts.values()):
                part[rows, items] += corrections[:, place]
        return Scores(parts)

    def _retrieval_parts(self, batch: Batch, plain: Mapping[str, Float32Array]) -> dict[str, Float32Array]:
        parts = {name: corrected_part(scores, self.k[name]) for name, scores in plain.items()}
        if self.separable is not None:
            users = self.separable.user_factors(batch.lengths, batch.last_items())
            items = self.separable.item_factors()
            for place, part in enumerate(parts.values()):
                part *= users[:, place, None]
                part *= items[None, :, place]
        return parts

    def retrieval_vectors(self, batch: Batch) -> tuple[sparse.csr_array, sparse.csr_array]:
        """What the first stage's score is the dot product of: all parts' vectors side by side, with k folded in.

        Returns:
            float32 sparse [B, D] of the users and [N + 1, D] of the items, ready for a matrix product or an index of near
            neighbours. The items' do not depend on the batch.
        """
        n = len(self.parts)
        alpha, beta = np.ones((len(batch), n), np.float32), np.ones((self.n_items + 1, n), np.float32)
        if self.separable is not None:
            alpha = self.separable.user_factors(batch.lengths, batch.last_items())
            beta = self.separable.item_factors()
        users, items = [], []
        for place, (name, part) in enumerate(self.parts.items()):
            weight = np.float32(self.units[name] * (1.0 + self.k[name]))
            users.append(sparse.diags_array(weight * alpha[:, place]) @ sparse.csr_array(part.user_vectors(batch)))
            items.append(sparse.diags_array(beta[:, place]) @ sparse.csr_array(part.item_vectors()))
        return sparse.hstack(users, format="csr"), sparse.hstack(items, format="csr")

    def corrections(self, batch: Batch) -> dict[str, Float32Array]:
        """How much of each part's score is due to k of this user and item, beyond the k that is the same for all; float32
        [B, N + 1]."""
        plain = self.plain_parts(batch)
        whole = self.combine(batch, plain).parts
        return {name: whole[name] - corrected_part(scores, self.k[name]) for name, scores in plain.items()}

    def retrieval_parts(self, batch: Batch) -> dict[str, Float32Array]:
        """(1 + k_b) · s_b of each part in the first stage, float32 [B, N + 1]."""
        return self._retrieval_parts(batch, self.plain_parts(batch))

    def shortlist(self, batch: Batch, parts: Mapping[str, Float32Array]) -> tuple[Int32Array, Float32Array]:
        """The best ``SHORTLIST`` items of the first stage that are not in the history, and what each part says of them.

        Args:
            parts: ``retrieval_parts`` of the batch.

        Returns:
            int32 [B, M], best first, 0 where fewer can be listed; float32 [B, M, P], 0 there.
        """
        total = Scores(parts).total
        np.put_along_axis(total, batch.history.astype(np.int64), -np.inf, axis=1)
        total[:, 0] = -np.inf
        items = ranking.top_items(total, SHORTLIST)
        values = np.stack([np.take_along_axis(part, items, axis=1) for part in parts.values()], axis=-1)
        values[items == 0] = 0.0
        return items, values

    def _corrections(
        self, meta: MetaKnowledge, batch: Batch, parts: Mapping[str, Float32Array]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], Float32Array]:
        """Rows, items and corrections [·, P] of all shortlisted pairs."""
        items, values = self.shortlist(batch, parts)
        k = meta.k(values, items, batch.lengths, batch.last_items())
        rows, places = np.nonzero(items)
        return rows, items[rows, places], (k * values)[rows, places]

    def plain_parts(self, batch: Batch) -> dict[str, Float32Array]:
        """s_b of each part before the correction, float32 [B, N + 1]."""
        return {name: np.float32(self.units[name]) * part.scores(batch) for name, part in self.parts.items()}

    def attention(self, batch: Batch) -> Float32Array | None:
        """Where the sequence part looked, float32 [B, L]; None without one."""
        if SEQUENCE not in self.parts:
            return None
        sequence: SequencePart = self.parts[SEQUENCE]  # type: ignore[assignment]
        return sequence.attention(batch)

    def with_k(self, k: Mapping[str, float]) -> MetaRec:
        return replace(self, k=dict(k))

    def with_parts(self, parts: Mapping[str, Block], log_counts: Float32Array) -> MetaRec:
        """The same trust in other parts of the same names, fitted on events of which items have ``log_counts``."""
        return replace(
            self,
            parts={name: parts[name] for name in self.parts},
            separable=self.separable and self.separable.with_counts(log_counts),
            meta=self.meta and self.meta.with_counts(log_counts),
        )

    def state(self) -> dict[str, np.ndarray]:
        """Arrays named ``<part>.<array>``, with the part's unit and k among them."""
        state = {f"{name}.{key}": value for name, part in self.parts.items() for key, value in part.state().items()}
        return state | self.trust()

    def trust(self) -> dict[str, np.ndarray]:
        """What of ``state`` is not the parts' own: units, k, meta-knowledge and calibration; ``trusting`` takes it back."""
        trust: dict[str, np.ndarray] = {}
        for name in self.parts:
            trust[f"{name}.unit"] = np.array([self.units[name]])
            trust[f"{name}.k"] = np.array([self.k[name]])
        if self.separable is not None:
            trust |= {f"separable.{key}": value for key, value in self.separable.state().items()}
        if self.meta is not None:
            trust |= {f"meta.{key}": value for key, value in self.meta.state().items()}
        if self.calibration is not None:
            trust |= {f"calibration.{key}": value for key, value in self.calibration.state().items()}
        return trust

    @classmethod
    def trusting(cls, n_items: int, parts: Mapping[str, Block], trust: Mapping[str, np.ndarray]) -> MetaRec:
        """Parts, trusted as ``trust`` says.

        Raises:
            KeyError: It does not tell of one of them.
        """
        separable, meta, calibration = (_own(name, trust) for name in ("separable", "meta", "calibration"))
        return cls(
            n_items,
            parts,
            separable=SeparableK.from_state(separable) if separable else None,
            meta=MetaKnowledge.from_state(meta) if meta else None,
            calibration=Calibration.from_state(calibration) if calibration else None,
            units={name: float(trust[f"{name}.unit"][0]) for name in parts},
            k={name: float(trust[f"{name}.k"][0]) for name in parts},
        )


def load(config: RunConfig, state: Mapping[str, np.ndarray], *, n_items: int, device: str = "cpu") -> MetaRec:
    """The model that ``state`` was taken from.

    Raises:
        KeyError, ValueError, RuntimeError: The state is not of this config or catalogue.
    """
    stored = {key.partition(".")[0] for key in state} - {"separable", "meta", "calibration"}
    wanted = {name for name in PART_NAMES if getattr(config.model, name)}
    if (
        not wanted - {TEXT, MODES, GRAPH, CONTEXT} <= stored <= wanted
    ):  # where there is no text, vector, value or context, there is no part
        raise ValueError(f"the stored parts {sorted(stored)} are not those of the config, {sorted(wanted)}")
    parts: dict[str, Block] = {}
    for name in PART_NAMES:
        if name not in stored:
            continue
        own = _own(name, state)
        if name == SEQUENCE:
            from metarec_core.models.sequence import SequencePart

            learned = {key: value for key, value in own.items() if key not in ("unit", "k")}
            parts[name] = SequencePart.from_state(learned, config.model, device)
        elif name in (TEXT, MODES):
            parts[name] = ContentPart.from_state(own)
        elif name == GRAPH:
            parts[name] = GraphPart.from_state(own)
        elif name in (POPULARITY, RECENT):
            parts[name] = Popularity.from_state(own)
        elif name == CONTEXT:
            parts[name] = ContextPopularity.from_state(own)
        else:
            parts[name] = ItemMemory.from_state(own)
    for name, part in parts.items():
        if part.n_items != n_items:
            raise ValueError(f"the stored part {name} has {part.n_items} items, not {n_items}")
    return MetaRec.trusting(n_items, parts, state)


def _own(name: str, state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {key.removeprefix(f"{name}."): value for key, value in state.items() if key.startswith(f"{name}.")}
