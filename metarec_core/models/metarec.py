"""The whole model: parts that look at a user and an item, each trusted as far as k says, summed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import numpy.typing as npt

from metarec_core.config import RunConfig
from metarec_core.models import ranking
from metarec_core.models.batch import Batch
from metarec_core.models.calibration import Calibration
from metarec_core.models.content import ContentPart
from metarec_core.models.graph import GraphPart
from metarec_core.models.memory import ItemMemory
from metarec_core.models.meta import SHORTLIST, MetaKnowledge, corrected_part
from metarec_core.models.popularity import Popularity
from metarec_core.models.scorer import Scores

if TYPE_CHECKING:
    from metarec_core.models.sequence import SequencePart

Float32Array = npt.NDArray[np.float32]
Int32Array = npt.NDArray[np.int32]

SEQUENCE: Final = "sequence"
TRANSITION: Final = "transition"
COOCCURRENCE: Final = "cooccurrence"
REGRESSION: Final = "regression"
TEXT: Final = "text"
GRAPH: Final = "graph"
POPULARITY: Final = "popularity"

PART_NAMES: Final = (SEQUENCE, TRANSITION, COOCCURRENCE, REGRESSION, TEXT, GRAPH, POPULARITY)
"""In the order in which they are shown; each is also the name of the setting in ``config.model`` that uses it."""


FIXED: Final = "fixed weights"
"""The variant of a model that meta-knowledge must beat: every part, each with the one weight that ranks best."""

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


@dataclass(frozen=True)
class MetaRec:
    """The scorer that a run trains.

    Attributes:
        n_items: Size of the catalogue, padding not counted.
        parts: By name, in the order they are shown.
        units: For each part, the number that brings its scores to a common size: 1 / mean over users of its top score. Found
            without labels.
        k: Meta-knowledge of each part, for all users and items alike: 0 trusts it as it is, -1 not at all.
        meta: Meta-knowledge of each user and item on top of that; None where the fixed k ranks as well.
        calibration: How scores become chances of being the next item; None with too few answers to tell.
    """

    n_items: int
    parts: Mapping[str, Part]
    units: Mapping[str, float]
    k: Mapping[str, float]
    meta: MetaKnowledge | None = None
    calibration: Calibration | None = None

    @property
    def part_names(self) -> tuple[str, ...]:
        return tuple(self.parts)

    def score(self, batch: Batch) -> Scores:
        """s' = Σ (1 + k_b) · s_b, every item for every row.

        The k of the pair is computed for the best ``SHORTLIST`` items under the fixed k that are not in the history; all
        others keep the fixed one.
        """
        return self.combine(batch, self.plain_parts(batch))

    def combine(self, batch: Batch, plain: Mapping[str, Float32Array]) -> Scores:
        """The scores of a batch from what its parts say: ``plain_parts``, which is left as it is."""
        parts = {name: corrected_part(scores, self.k[name]) for name, scores in plain.items()}
        if self.meta is not None:
            rows, items, corrections = self._corrections(self.meta, batch, parts)
            for place, part in enumerate(parts.values()):
                part[rows, items] += corrections[:, place]
        return Scores(parts)

    def corrections(self, batch: Batch) -> dict[str, Float32Array]:
        """How much of each part's score is due to the k of the pair, float32 [B, N + 1]."""
        parts = self.fixed_parts(batch)
        found = {name: np.zeros_like(part) for name, part in parts.items()}
        if self.meta is not None:
            rows, items, corrections = self._corrections(self.meta, batch, parts)
            for place, correction in enumerate(found.values()):
                correction[rows, items] = corrections[:, place]
        return found

    def fixed_parts(self, batch: Batch) -> dict[str, Float32Array]:
        """(1 + k_b) · s_b of each part with the k that is the same for all, float32 [B, N + 1]."""
        return {name: corrected_part(scores, self.k[name]) for name, scores in self.plain_parts(batch).items()}

    def shortlist(self, batch: Batch, parts: Mapping[str, Float32Array]) -> tuple[Int32Array, Float32Array]:
        """The best ``SHORTLIST`` items under the fixed k that are not in the history, and what each part says of them.

        Args:
            parts: ``fixed_parts`` of the batch.

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

    def with_parts(self, parts: Mapping[str, Part], log_counts: Float32Array) -> MetaRec:
        """The same trust in other parts of the same names, fitted on events of which items have ``log_counts``."""
        meta = self.meta and self.meta.with_counts(log_counts)
        return replace(self, parts={name: parts[name] for name in self.parts}, meta=meta)

    def state(self) -> dict[str, np.ndarray]:
        """Arrays named ``<part>.<array>``, with the part's unit and k among them."""
        state: dict[str, np.ndarray] = {}
        for name, part in self.parts.items():
            state |= {f"{name}.{key}": value for key, value in part.state().items()}
            state[f"{name}.unit"] = np.array([self.units[name]])
            state[f"{name}.k"] = np.array([self.k[name]])
        if self.meta is not None:
            state |= {f"meta.{key}": value for key, value in self.meta.state().items()}
        if self.calibration is not None:
            state |= {f"calibration.{key}": value for key, value in self.calibration.state().items()}
        return state


def load(config: RunConfig, state: Mapping[str, np.ndarray], *, n_items: int, device: str = "cpu") -> MetaRec:
    """The model that ``state`` was taken from.

    Raises:
        KeyError, ValueError, RuntimeError: The state is not of this config or catalogue.
    """
    stored = {key.partition(".")[0] for key in state} - {"meta", "calibration"}
    wanted = {name for name in PART_NAMES if getattr(config.model, name)}
    if not wanted - {TEXT, GRAPH} <= stored <= wanted:  # items without any text or values have no such part
        raise ValueError(f"the stored parts {sorted(stored)} are not those of the config, {sorted(wanted)}")
    parts: dict[str, Part] = {}
    for name in PART_NAMES:
        if name not in stored:
            continue
        own = _own(name, state)
        if name == SEQUENCE:
            from metarec_core.models.sequence import SequencePart

            learned = {key: value for key, value in own.items() if key not in ("unit", "k")}
            parts[name] = SequencePart.from_state(learned, config.model, device)
        elif name == TEXT:
            parts[name] = ContentPart.from_state(own)
        elif name == GRAPH:
            parts[name] = GraphPart.from_state(own)
        elif name == POPULARITY:
            parts[name] = Popularity.from_state(own)
        else:
            parts[name] = ItemMemory.from_state(own)
    for name, part in parts.items():
        if part.n_items != n_items:
            raise ValueError(f"the stored part {name} has {part.n_items} items, not {n_items}")
    meta, calibration = _own("meta", state), _own("calibration", state)
    return MetaRec(
        n_items,
        parts,
        meta=MetaKnowledge.from_state(meta) if meta else None,
        calibration=Calibration.from_state(calibration) if calibration else None,
        units={name: float(state[f"{name}.unit"][0]) for name in parts},
        k={name: float(state[f"{name}.k"][0]) for name in parts},
    )


def _own(name: str, state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {key.removeprefix(f"{name}."): value for key, value in state.items() if key.startswith(f"{name}.")}
