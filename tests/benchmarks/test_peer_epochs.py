"""How long a peer trains: chosen on validation, then anew on everything before the test."""

import numpy as np
import pytest

from benchmarks.peers import epochs
from benchmarks.peers.epochs import fit_epochs
from benchmarks.peers.ranking import rank_targets
from benchmarks.peers.split import Events, PeerSplit


def events(*pairs: tuple[int, int]) -> Events:
    return Events(*np.array(pairs, dtype=np.int64).T)


SPLIT = PeerSplit(
    train=events((1, 1), (2, 1)),
    validation=events((1, 2), (2, 2)),
    test=events((1, 3), (2, 3)),
    n_users=2,
    n_items=4,
    digest="tiny",
)


class Learner:
    """Puts the asked-for item on the place that the number of its epochs has in ``places``."""

    def __init__(self, learned_from: Events, places: list[int], log: list[tuple[int, float]], until: float) -> None:
        self.asked = 3 if len(learned_from) == 4 else 2
        self.places, self.log, self.until, self.epochs = places, log, until, 0

    def epoch(self) -> None:
        self.epochs += 1
        self.log.append((self.asked, self.until))

    def score(self, history: Events, users: np.ndarray) -> np.ndarray:
        others = [item for item in (4, 3, 2) if item != self.asked][: self.places[self.epochs - 1] - 1]
        row = np.zeros(5, dtype=np.float32)
        row[self.asked], row[others] = 1, 2
        return np.tile(row, (len(users), 1))


def fitted(monkeypatch, places: list[int], seconds: list[float]):
    """A training whose validation event has these places after each epoch, by a clock that shows these seconds."""
    shown, log = iter(seconds), []
    monkeypatch.setattr(epochs, "cpu_seconds", lambda: next(shown))
    return fit_epochs(SPLIT, lambda known, until: Learner(known, places, log, until), {"n_factors": 64}, 100), log


def test_the_best_number_of_epochs_is_trained_anew_with_validation_among_the_events(monkeypatch):
    monkeypatch.setattr(epochs, "PATIENCE", 2)
    peer, log = fitted(monkeypatch, [3, 1, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8])
    # Four epochs choose on item 2, validation's, until two have not helped; two more learn from it and are asked for item 3.
    assert log == [(2, 100)] * 4 + [(3, float("inf"))] * 2
    assert (peer.validation, peer.chosen_s) == (1, 8)
    assert peer.note == "epoch 2 of 4, stopped early; then trained anew"
    assert rank_targets(SPLIT, peer.score, SPLIT.known, SPLIT.test).tolist() == [1, 1]


def test_the_search_ends_with_the_budget_and_the_second_training_does_not(monkeypatch):
    peer, log = fitted(monkeypatch, [3, 2, 1], [0, 40, 41, 99, 101, 101])
    assert log == [(2, 100)] * 2 + [(3, float("inf"))] * 2
    assert peer.validation == pytest.approx(1 / np.log2(3))
    assert peer.note == "epoch 2 of 2, cut by the budget; then trained anew"


def test_without_time_for_one_epoch_there_is_one(monkeypatch):
    peer, log = fitted(monkeypatch, [1], [101, 101, 101, 101])
    assert [asked for asked, _ in log] == [2, 3]
    assert peer.note == "epoch 1 of 1, cut by the budget; then trained anew"
