"""What a training will take: seconds and memory from the sizes of the data and the config, on a machine of known speed.

Each stage is a sum of a few products of sizes, with the seconds that one of them took on the machine of
``benchmarks/README.md`` (2026-11-24), whose speed was measured beside the trainings: a probe of another day or machine would
scale all of it. Earlier runs on the same machine correct each stage by what they really took.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from metarec_core.config import RunConfig
from metarec_core.data.split import MOST_QUESTIONS, WINDOWS

REFERENCE_PROBE_S: Final = 0.0087
"""Seconds that ``probe`` took on the reference machine, in the minute after a training of 238 s of which the stages say 242."""

MOST_CORRECTION: Final = 20.0
"""By how much an earlier run may correct a stage, up or down."""

QUESTIONS_TO_CHOOSE, QUESTIONS_TO_WEIGH, ANSWERS_FOR_META = 3_000, 10_000, 20_000
"""As in ``training.trainer``."""

MIB: Final = 2**20

CUDA_MB: Final = 500.0
"""MiB of a GPU that a process takes before anything is on it."""


@dataclass(frozen=True)
class Sizes:
    """How large the data are: users, items, and events of all users."""

    n_users: int
    n_items: int
    n_events: int


@dataclass(frozen=True)
class Past:
    """An earlier run on this machine: what it was asked, and what it took."""

    sizes: Sizes
    config: RunConfig
    timings_s: Mapping[str, float]
    peak_memory_mb: float


@dataclass(frozen=True)
class Estimate:
    """What a training is expected to take.

    Attributes:
        seconds: From reading the tables to the finished run.
        memory_mb: Highest resident memory.
        disk_mb: Largest size of the run's folder.
        n_past: How many earlier runs corrected it.
        gpu_mb: Memory of the GPU, where it is trained on one.
    """

    seconds: float
    memory_mb: float
    disk_mb: float
    n_past: int = 0
    gpu_mb: float = 0.0


def estimate(sizes: Sizes, config: RunConfig, past: Sequence[Past] = ()) -> Estimate:
    """Expect a training's time and memory.

    Args:
        sizes: Of its data.
        config: Its settings; a network is taken to use all its passes unless earlier ones stopped before.
        past: Earlier runs on this machine and device; without any, a short measurement stands for the machine.
    """
    stages = reference_seconds(sizes, config)
    usual = probe() / REFERENCE_PROBE_S
    seconds = sum(value * _correction(stage, past, usual) for stage, value in stages.items())
    shares = [run.peak_memory_mb / reference_memory_mb(run.sizes, run.config) for run in past if run.peak_memory_mb]
    memory = reference_memory_mb(sizes, config) * _mean(shares)
    return Estimate(seconds, memory, 5 * parameters_mb(sizes, config) + 1, len(past), gpu_memory_mb(sizes, config))


def reference_seconds(sizes: Sizes, config: RunConfig) -> dict[str, float]:
    """Seconds of each stage on the reference machine, by the names of ``Manifest.timings_s``."""
    model, train = config.model, config.train
    chosen_by, judged_by = questions_of(sizes, config)
    questions = min(chosen_by, QUESTIONS_TO_CHOOSE) * sizes.n_items
    items = sizes.n_items
    reading = 0.0005 if model.text_encoder == "tf-idf" else 0.012
    closed_forms = 6e-6 * questions + 1e-10 * float(min(items, 20_000)) ** 3
    seconds = {"text": 1.0 + reading * items if model.text else 0.0, "memories": 0.5 + closed_forms}
    learned = max(sizes.n_events - 2 * sizes.n_users, 0)
    one_pass = learned * (4.3e-3 / train.batch_events + 3.4e-10 * model.embedding_dim * candidates_of(sizes, config))
    if model.sequence:
        seconds["sequence"] = train.epochs * (one_pass + 2e-7 * questions)
    weigh = 1e-3 * min(chosen_by, QUESTIONS_TO_WEIGH) * (4 if config.evaluation.ablation else 1)
    seconds["weights"] = 0.5 + weigh + (8e-3 * min(chosen_by, ANSWERS_FOR_META) if model.meta else 0.0)
    seconds["refit"] = 0.1 * closed_forms + (train.refit_epochs * one_pass if model.sequence else 0.0)
    seconds["evaluation"] = 0.3 + 2e-7 * judged_by * items * (1 + len(config.evaluation.baselines))
    return seconds


def questions_of(sizes: Sizes, config: RunConfig) -> tuple[float, float]:
    """How many questions choose and how many judge, at most: one a user, or a tenth of all events each."""
    one_a_user, in_a_window = float(sizes.n_users), sizes.n_events / WINDOWS
    if config.evaluation.protocol == "leave_one_out":
        return one_a_user, one_a_user
    drawn = min(in_a_window, MOST_QUESTIONS)
    if config.evaluation.protocol == "auto":  # whether it splits by time is known when the tables are read
        return max(one_a_user, in_a_window), max(one_a_user, drawn)
    return in_a_window, drawn


def reference_memory_mb(sizes: Sizes, config: RunConfig) -> float:
    """MiB that a training process holds at most: libraries, blocks of scores, square matrices, events, weights."""
    blocks = 400.0 * min(1.0, sizes.n_items * sizes.n_users / 1.5e6)
    squares = (
        24 * min(sizes.n_items, 20_000) ** 2 / MIB if config.model.cooccurrence or config.model.regression else 0.0
    )
    return 700.0 + blocks + squares + 100 * sizes.n_events / MIB + 4 * parameters_mb(sizes, config)


def gpu_memory_mb(sizes: Sizes, config: RunConfig) -> float:
    """MiB of a GPU: what CUDA keeps for itself, weights with gradients and two moments of each, item vectors with gradients,
    and a step's scores with their probabilities and gradients. Reckoned from the sizes, not measured."""
    if not config.model.sequence:
        return 0.0
    step = config.train.batch_events * candidates_of(sizes, config)
    vectors = sizes.n_items * config.model.embedding_dim
    return CUDA_MB + 4 * parameters_mb(sizes, config) + 4 * (2 * vectors + 3 * step) / MIB


def candidates_of(sizes: Sizes, config: RunConfig) -> int:
    """Items among which each next one is to be found in a step."""
    whole = config.train.loss == "softmax" and sizes.n_items <= config.train.full_softmax_items
    return sizes.n_items if whole else config.train.negatives


def parameters_mb(sizes: Sizes, config: RunConfig) -> float:
    """MiB of the network's weights."""
    dim = config.model.embedding_dim
    return 4 * (sizes.n_items * (dim + 1) + 20 * dim * dim) / MIB if config.model.sequence else 0.0


@lru_cache(maxsize=1)
def probe() -> float:
    """Processor seconds that a fixed bit of the usual arithmetic takes on one core here, best of ten; other work beside it
    does not count."""
    values = np.random.default_rng(0).random(1_000_000, dtype=np.float32)
    times = []
    for _ in range(10):
        began = time.thread_time()
        np.argpartition(np.exp(values), 100)
        times.append(time.thread_time() - began)
    return min(times)


def _correction(stage: str, past: Sequence[Past], usual: float) -> float:
    """By how much a stage takes longer here than on the reference machine: the geometric mean over earlier runs."""
    shares = []
    for run in past:
        expected = reference_seconds(run.sizes, run.config).get(stage, 0.0)
        if expected > 0 and run.timings_s.get(stage, 0.0) > 0:
            shares.append(run.timings_s[stage] / expected)
    return _mean(shares) if shares else usual


def _mean(shares: Sequence[float]) -> float:
    """Geometric mean within ``MOST_CORRECTION``; 1 of none."""
    if not shares:
        return 1.0
    mean = math.exp(sum(math.log(share) for share in shares) / len(shares))
    return min(max(mean, 1 / MOST_CORRECTION), MOST_CORRECTION)
