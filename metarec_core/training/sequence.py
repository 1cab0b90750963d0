"""The stages "sequence" and "refit" of a training: pass after pass, with checkpoints between and within."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from metarec_core.models.metarec import Block
from metarec_core.training.learner import Learner
from metarec_core.training.questions import Questions
from metarec_core.training.report import Checkpoint, TrainingReport

CHECKPOINT_EVERY_S: Final = 60.0
"""Longest time of learning within a pass that a kill may cost; two minutes are promised."""

Numbers = dict[str, Any]
Weights = dict[str, np.ndarray]


def learn_sequence(
    learner: Learner, questions: Questions, numbers: Numbers, checkpoint: Checkpoint | None
) -> Generator[TrainingReport, None, Weights]:
    """Pass after pass until validation stops improving; leaves the learner with the weights of the best pass.

    Args:
        numbers: Of the checkpoint that is made or gone on from; brought up to date.

    Returns:
        The best pass's weights.
    """
    train = learner.config.train
    numbers |= {"best": -math.inf, "best_epoch": 0, **numbers}
    best: Weights = {}
    if checkpoint is not None:
        best = _unpacked("best", checkpoint.arrays)
        if numbers["stage"] == "sequence":
            learner.restore(checkpoint.arrays, numbers["epoch"], numbers.get("position"))
        elif numbers["stage"] in ("weights", "refit"):
            learner.epoch = train.epochs
    while learner.epoch < train.epochs and learner.epoch - numbers["best_epoch"] < train.patience:
        report = yield from _pass("sequence", learner, packed(best), numbers, passes_after=train.refit_epochs)
        measured = questions.measure(learner.part().scores)
        if measured["ndcg@10"] > numbers["best"]:
            best = learner.weights()
            numbers |= {"best": measured["ndcg@10"], "best_epoch": learner.epoch}
        numbers["events_per_s"] = learner.events_per_s
        yield replace(report, validation=measured, checkpoint=_checkpoint("sequence", learner, packed(best), numbers))
    learner.load_weights(best)
    return best


def refit_sequence(
    learner: Learner, best: Weights, beside: Weights, numbers: Numbers, checkpoint: Checkpoint | None
) -> Generator[TrainingReport, None, Block]:
    """Go on from the best weights with validation events among the events, at the full rate, or items that were new to the
    network stay as low as nobody's choices; there is nothing left to measure it by."""
    if checkpoint is not None and checkpoint.numbers["stage"] == "refit":
        learner.restore(checkpoint.arrays, checkpoint.numbers["epoch"], checkpoint.numbers.get("position"))
    else:
        learner.load_weights(best)
    while learner.epoch < learner.passes:
        report = yield from _pass("refit", learner, beside, numbers)
        yield replace(report, checkpoint=_checkpoint("refit", learner, beside, numbers))
    return learner.part()


def _pass(
    stage: str, learner: Learner, beside: Weights, numbers: Numbers, passes_after: int = 0
) -> Generator[TrainingReport, None, TrainingReport]:
    """One pass; its progress is yielded, now and then with a checkpoint, the report of its end returned.

    Args:
        beside: What a checkpoint keeps beside the learner.
    """
    kept = time.monotonic()
    report = TrainingReport(stage, learner.epoch, learner.passes)
    for progress in learner.run_pass():
        left = learner.passes - report.epoch - progress.step / progress.steps + passes_after
        remaining_s = left * learner.n_predictions / progress.examples_per_s
        report = replace(report, **vars(progress), remaining_s=remaining_s)
        due = progress.step < progress.steps and time.monotonic() - kept >= CHECKPOINT_EVERY_S
        yield replace(report, checkpoint=_checkpoint(stage, learner, beside, numbers)) if due else report
        kept = time.monotonic() if due else kept
    return replace(report, epoch=learner.epoch)


def _checkpoint(stage: str, learner: Learner, beside: Weights, numbers: Numbers) -> Checkpoint:
    numbers |= {"stage": stage, "epoch": learner.epoch, "position": learner.position()}
    return Checkpoint({**learner.arrays(), **beside}, dict(numbers))


def packed(best: Weights) -> Weights:
    return {f"best.{name}": value for name, value in best.items()}


def _unpacked(prefix: str, arrays: Mapping[str, np.ndarray]) -> Weights:
    return {name.removeprefix(f"{prefix}."): value for name, value in arrays.items() if name.startswith(f"{prefix}.")}
