"""Learn how likely items are to be the very next one, on validation answers that the parts have not seen.

First the temperature under which the answers are least surprising, over the whole catalogue; then a monotone map that makes
the chances of the best items of each list come true. What is reported of it is cross-fitted: each half of the users is judged
by what the other half taught.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from metarec_core.metrics import JUDGED_SLOTS, reliability
from metarec_core.models import ranking
from metarec_core.models.batch import Batch
from metarec_core.models.calibration import Calibration
from metarec_core.models.scorer import Float32Array
from metarec_core.training.questions import Questions
from metarec_core.training.seeding import numpy_generator

TEMPERATURES: Final = np.geomspace(0.01, 10, 37).astype(np.float32)
"""Tried one by one, each a fifth above the one before: around its best the likelihood is too flat for finer steps to count."""

SLOTS: Final = 50
"""Best items of each question, by which the map is fitted."""

HITS_PER_KNOT: Final = 20
"""Hits expected around each knot of the map: with fewer it would follow chance."""

MOST_SCORES: Final = 32_000_000
"""Questions times items that are looked at, but never fewer than ``FEWEST_QUESTIONS`` questions."""

FEWEST_QUESTIONS: Final = 500

FEWEST_ANSWERS: Final = 100
"""Answers below which nothing is learned, and no chances are shown."""


def learn_calibration(
    score: Callable[[Batch], Float32Array], questions: Questions, seed: int
) -> tuple[Calibration | None, dict[str, float]]:
    """Fit temperature and map on validation questions, or a sample of them.

    Args:
        score: The whole score, float32 [B, N + 1] of a batch.
        questions: Whose answers the parts have not been fitted on.
        seed: Seed of the sample.

    Returns:
        The calibration, None with too few answers; and what is known of it: how many ``questions``, the ``temperature``, and
        the expected calibration error over the ten best items of each list with no temperature (``error_plain``), with it,
        and with the map too (``error_temperature`` and ``error``, both on users that they were not fitted on).
    """
    most = max(FEWEST_QUESTIONS, MOST_SCORES // (questions.dataset.n_items + 1))
    slots = _ask(score, questions.sample(most, numpy_generator(seed, "questions to calibrate")))
    known: dict[str, float] = {"questions": len(slots.users)}
    if np.isfinite(slots.own).sum() < FEWEST_ANSWERS:
        return None, known
    place = slots.best_temperature()
    tempered, mapped = _cross_fitted(slots)
    plain = slots.chances(int(np.abs(np.log(TEMPERATURES)).argmin()))
    known["temperature"] = float(TEMPERATURES[place])
    listed = np.isfinite(slots.top)
    listed[:, JUDGED_SLOTS:] = False
    for name, chances in (("error_plain", plain), ("error_temperature", tempered), ("error", mapped)):
        known[name] = reliability(chances[listed], slots.hits[listed]).error
    return Calibration(known["temperature"], *_map(slots.chances(place), slots.hits)), known


@dataclass(frozen=True)
class _Slots:
    """What is kept of the scores of each question; scores are counted from the best one down.

    Attributes:
        users: int32 [Q].
        own: float32 [Q], score of the answer; minus infinity where the user had had it.
        top: float32 [Q, K], scores of the best items, best first; minus infinity where there are fewer.
        hits: bool [Q, K], which of them is the answer.
        log_sums: float32 [Q, G], log Σ exp(s / T) for each of ``TEMPERATURES``.
    """

    users: npt.NDArray[np.int32]
    own: Float32Array
    top: Float32Array
    hits: npt.NDArray[np.bool_]
    log_sums: Float32Array

    def rows(self, chosen: npt.NDArray[np.bool_]) -> _Slots:
        return _Slots(*(array[chosen] for array in vars(self).values()))

    def best_temperature(self) -> int:
        """Place of the temperature under which the answers that can be given have the highest likelihood."""
        given = np.isfinite(self.own)
        surprise = self.log_sums[given] - self.own[given, None] / TEMPERATURES
        return int(surprise.mean(axis=0, dtype=np.float64).argmin())

    def chances(self, place: int) -> Float32Array:
        """Softmax probabilities of the best items under a temperature, float32 [Q, K]."""
        chances: Float32Array = np.exp(self.top / TEMPERATURES[place] - self.log_sums[:, place, None])
        return chances


def _ask(score: Callable[[Batch], Float32Array], questions: Questions) -> _Slots:
    """Score every question once, and keep what both fits need."""
    answers = questions.answers()
    kept = min(SLOTS, questions.dataset.n_items)
    own = np.empty(len(questions), dtype=np.float32)
    top = np.empty((len(questions), kept), dtype=np.float32)
    hits = np.empty(top.shape, dtype=bool)
    log_sums = np.empty((len(questions), len(TEMPERATURES)), dtype=np.float32)
    for block, batch in questions.blocks(2):
        scores = score(batch)
        questions.hide_seen(scores, block)
        highest = scores.max(axis=1, keepdims=True)
        scores -= np.where(np.isfinite(highest), highest, 0)
        own[block] = scores[np.arange(len(scores)), answers[block]]
        best = ranking.top_items(scores, kept)
        top[block] = np.take_along_axis(scores, best, axis=1)
        hits[block] = best == answers[block][:, None]
        powers = np.empty_like(scores)
        for place, temperature in enumerate(TEMPERATURES):
            np.divide(scores, temperature, out=powers)
            sums = np.exp(powers, out=powers).sum(axis=1)
            log_sums[block, place] = np.log(np.maximum(sums, 1))  # the best item alone counts 1
    return _Slots(questions.queries.user_numbers, own, top, hits, log_sums)


def _map(chances: Float32Array, hits: npt.NDArray[np.bool_]) -> tuple[Float32Array, Float32Array]:
    """Knots of the monotone map from softmax probabilities to how often such items were the answer.

    The slots are sorted by probability and cut into groups of as many expected hits each, so that each group's share of hits is
    about as certain as any other's; isotonic regression makes the shares ascend. Below the first and above the last
    group probabilities are right in proportion as they are there.
    """
    order = np.argsort(chances, axis=None, kind="stable")
    order = order[chances.ravel()[order] > 0]
    p, hit = chances.ravel()[order].astype(np.float64), hits.ravel()[order]
    mass = np.cumsum(p)
    groups = np.minimum((mass - p) / HITS_PER_KNOT, max(mass[-1] // HITS_PER_KNOT - 1, 0)).astype(np.int64)
    sizes = np.bincount(groups)
    x = np.bincount(groups, p) / sizes
    y = isotonic_regression(np.bincount(groups, hit) / sizes, weights=sizes).x
    last = min(1.0, float(y[-1] / x[-1]))
    x, y = np.concatenate([[0.0], x, [1.0]]), np.concatenate([[0.0], y, [last]])
    return x.astype(np.float32), y.astype(np.float32)


def _cross_fitted(slots: _Slots) -> tuple[Float32Array, Float32Array]:
    """Chances under the temperature and under the map, float32 [Q, K], each half of the users under what the other taught."""
    tempered, mapped = np.empty_like(slots.top), np.empty_like(slots.top)
    half = np.unique(slots.users, return_inverse=True)[1] % 2
    for judged in (half == 0, half == 1):
        taught = slots.rows(~judged)
        place = taught.best_temperature()
        tempered[judged] = slots.rows(judged).chances(place)
        mapped[judged] = np.interp(tempered[judged], *_map(taught.chances(place), taught.hits))
    return tempered, mapped
