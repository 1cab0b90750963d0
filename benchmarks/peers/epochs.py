"""Peers that learn by passes over the events: how many on validation, then anew with validation among the events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from benchmarks.peers.clock import cpu_seconds
from benchmarks.peers.ranking import Fitted, Float32Array, validation_ndcg
from benchmarks.peers.split import Events, Int64Array, PeerSplit

PATIENCE: Final = 20
"""Epochs without a better validation figure after which the search ends before the budget does."""


class Learner(Protocol):
    """A network on some events, from nothing on."""

    def epoch(self) -> None:
        """Pass over the events once more; a pass that the budget cuts is one too."""

    def score(self, history: Events, users: Int64Array) -> Float32Array:
        """As ``ranking.Score``."""


Begin = Callable[[Events, float], Learner]
"""Events, and the CPU seconds of this process after which a pass is cut, to a new learner; the same seed each time."""


def fit_epochs(split: PeerSplit, begin: Begin, settings: Mapping[str, object], seconds: float) -> Fitted:
    """Find the best number of epochs, then train that many on all that is known before the test.

    Args:
        split: Its validation events choose, and are then learned from.
        begin: Makes a learner.
        settings: What it makes them with, for the report.
        seconds: CPU seconds of this process after which no further epoch is tried; the second training is not cut.
    """
    learner = begin(split.train, seconds)
    best, best_epoch, epoch = -1.0, 0, 0
    while epoch - best_epoch < PATIENCE and (cpu_seconds() < seconds or not epoch):
        learner.epoch()
        epoch += 1
        value = validation_ndcg(split, learner.score)
        print(f"epoch {epoch}: validation ndcg@10 {value:.4f}, {cpu_seconds():.0f} CPU s", flush=True)
        if value > best:
            best, best_epoch = value, epoch
    chosen_s = cpu_seconds()
    final = begin(split.known, float("inf"))
    for _ in range(best_epoch):
        final.epoch()
    end = "stopped early" if epoch - best_epoch >= PATIENCE else "cut by the budget"
    return Fitted(final.score, settings, best, f"epoch {best_epoch} of {epoch}, {end}; then trained anew", chosen_s)
