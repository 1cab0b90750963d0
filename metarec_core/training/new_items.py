"""How much items without events borrow: as much as a stated price in ranking quality allows.

By NDCG alone no item without events would ever be shown: nobody is known to want it, and it takes the place of one that
somebody does. But an item that is never shown is never chosen. So it is decided what showing such items may cost, and they
borrow as much as keeps to it, measured on validation with the new items of this very catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from metarec_core import metrics
from metarec_core.models import ranking
from metarec_core.models.metarec import Block, MetaRec
from metarec_core.models.new_items import Lends
from metarec_core.models.scorer import Float32Array, Scores
from metarec_core.training.questions import Questions

PER_SHARE: Final = 0.1
"""Share of new items in a catalogue for which the price holds; with fewer of them, less may be paid."""

STRENGTHS: Final = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)


@dataclass(frozen=True)
class Borrowing:
    """What was found about borrowing.

    Attributes:
        strength: What the mean of an item's lenders is multiplied by; 0 where nothing is borrowed.
        ndcg: NDCG@10 on validation, by strength.
        shown: Mean share of new items among the best 10, by strength.
        new_items: Items without events that borrow.
    """

    strength: float
    ndcg: dict[str, float]
    shown: dict[str, float]
    new_items: int


def with_borrowed(
    parts: Mapping[str, Block], log_counts: Float32Array, lenders: sparse.csr_array, strength: float
) -> tuple[dict[str, Block], Float32Array]:
    """Parts in which new items have a share of what their lenders have, and by which counts meta-knowledge knows them.

    To meta-knowledge a new item is as well known as its lenders are, or it would not let it be listed.

    Args:
        parts: By name; they know of no events of new items.
        log_counts: float32 [N + 1], log(1 + events) of each item.
        lenders: float32 [N + 1, N + 1], from ``nearest``.
        strength: What the mean of an item's lenders is multiplied by.

    Returns:
        The parts; float32 [N + 1].
    """
    if not lenders.nnz:
        return dict(parts), log_counts
    lent = lenders * np.float32(strength)
    borrowing = {name: part.lent(lent) if isinstance(part, Lends) else part for name, part in parts.items()}
    return borrowing, log_counts + lenders @ log_counts


def choose_borrowing(
    model: MetaRec, lenders: sparse.csr_array, log_counts: Float32Array, questions: Questions, price: float
) -> Borrowing:
    """The largest strength that costs no more than ``price`` of the best NDCG@10 of any, for each tenth of new items.

    Args:
        model: The whole model, without borrowing, its parts fitted on training events.
        lenders: float32 [N + 1, N + 1], from ``nearest``.
        log_counts: float32 [N + 1], log(1 + training events) of each item.
        questions: Validation questions.
        price: Share of NDCG@10.
    """
    new = np.flatnonzero(np.diff(lenders.indptr))
    whole = model.with_parts(*with_borrowed(model.parts, log_counts, lenders, 1.0))
    lent = [name for name, part in model.parts.items() if isinstance(part, Lends)]
    ranks = np.empty((len(STRENGTHS), len(questions)))
    shown = np.zeros(len(STRENGTHS))
    answers = questions.answers()
    for block, batch in questions.blocks(2 * len(model.parts)):
        plain = whole.plain_parts(batch)
        borrowed = {name: plain[name][:, new].copy() for name in lent}
        for row, strength in enumerate(STRENGTHS):
            for name in lent:
                plain[name][:, new] = np.float32(strength) * borrowed[name]
            total = Scores(whole.combine(batch, plain).parts).total
            questions.hide_seen(total, block)
            ranks[row, block] = ranking.ranks_of(total, answers[block])
            shown[row] += np.isin(ranking.top_items(total, 10), new).mean(axis=1).sum()
    ndcg: npt.NDArray[np.float64] = metrics.ndcg(ranks, 10).mean(axis=1)
    share = min(len(new) / model.n_items / PER_SHARE, 1.0)
    affordable = np.flatnonzero(ndcg >= (1.0 - price * share) * ndcg.max())
    names = [f"{strength:g}" for strength in STRENGTHS]
    return Borrowing(
        strength=STRENGTHS[affordable.max()],
        ndcg=dict(zip(names, ndcg.tolist(), strict=True)),
        shown=dict(zip(names, (shown / max(len(questions), 1)).tolist(), strict=True)),
        new_items=len(new),
    )
