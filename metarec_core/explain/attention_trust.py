"""Over a run: how often attention can be believed, and for whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from metarec_core.errors import RunError
from metarec_core.explain.effects import attention_weights, leave_one_out
from metarec_core.explain.explanation import AttentionTrust, Faithfulness
from metarec_core.explain.faithfulness import FEWEST, faithfulness
from metarec_core.explain.history import history_of
from metarec_core.recommend.recommender import Recommender
from metarec_core.runs.run import Run
from metarec_core.runs.store import read_json, write_json

SLICES: Final[tuple[tuple[str, Callable[[int], bool]], ...]] = (
    ("all", lambda length: True),
    ("up to 10 events", lambda length: length <= 10),
    ("11 to 50 events", lambda length: 10 < length <= 50),
    ("more than 50 events", lambda length: length > 50),
)
"""By length of the history."""


def attention_trust(recommender: Recommender, *, n_users: int = 100, seed: int = 0) -> AttentionTrust:
    """Test attention on the first item of the lists of some users, drawn from those whose history is long enough to tell.

    Args:
        recommender: A run at work.
        n_users: How many users at most.
        seed: Of the draw.
    """
    lengths = recommender.dataset.events.lengths()
    chosen = np.random.default_rng(seed).permutation(np.flatnonzero(lengths >= FEWEST))[:n_users]
    tested: list[tuple[int, Faithfulness]] = []
    for number in chosen.tolist():
        user_id = recommender.dataset.users.id(number)
        listed = recommender.recommend([user_id], 1).item_ids
        history = history_of(recommender, user_id)
        weights = attention_weights(recommender, history.whole())
        if weights is None or not listed:
            continue
        item = recommender.dataset.items.number(listed[0])
        found = faithfulness(recommender, history, item, weights, leave_one_out(recommender, history, item))
        if found is not None:
            tested.append((len(history.seen), found))
    rows = [_row(name, [found for length, found in tested if belongs(length)]) for name, belongs in SLICES]
    return AttentionTrust(tuple(row for row in rows if row["pairs"]), len(chosen), seed)


def measured_trust(run: Run, recommender: Recommender, *, n_users: int) -> AttentionTrust:
    """``attention_trust`` of a finished run, read back where it was measured before."""
    kept = run.folder.store / "attention" / f"{run.run_id}-{n_users}.json"
    if kept.is_file():
        try:
            return AttentionTrust.from_dict(read_json(kept))
        except (RunError, KeyError, TypeError):
            kept.unlink(missing_ok=True)  # measured again
    measured = attention_trust(recommender, n_users=n_users, seed=run.config.seed)
    kept.parent.mkdir(exist_ok=True)
    write_json(kept, measured.to_dict())
    return measured


def _row(name: str, tested: list[Faithfulness]) -> dict[str, Any]:
    n = len(tested)

    def share(badge: str) -> float | None:
        return sum(found.badge == badge for found in tested) / n if n else None

    def median(values: list[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return float(np.median(known)) if known else None

    return {
        "slice": name,
        "pairs": n,
        "agrees": share("agrees"),
        "weak": share("weak"),
        "misleading": share("misleading"),
        "correlation": median([found.correlation for found in tested]),
        "recovered": median([found.recovered for found in tested]),
        "deletion": median([_fall(found, found.deletion.attention.area) for found in tested]),
        "deletion_random": median([_fall(found, found.deletion.random.area) for found in tested]),
        "insertion": median([_fall(found, found.insertion.attention.area) for found in tested]),
        "insertion_random": median([_fall(found, found.insertion.random.area) for found in tested]),
    }


def _fall(found: Faithfulness, area: float) -> float | None:
    """An area as a share of the way from the score without the attended events (0) to the whole score (1)."""
    whole, empty = found.deletion.attention.scores[0], found.deletion.attention.scores[-1]
    return (area - empty) / (whole - empty) if abs(whole - empty) > 1e-6 else None
