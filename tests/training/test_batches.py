import numpy as np

from metarec_core.training.batches import batches, cut_sequences, rectangles
from tests.small_world import dataset

ITEMS = [f"i{number}" for number in range(1, 10)]


def pieces(events, max_length):
    sequences = cut_sequences(dataset(events, ITEMS).events, max_length)
    numbers = sequences.interactions.item_numbers
    return [numbers[s : s + n].tolist() for s, n in zip(sequences.starts, sequences.lengths, strict=True)]


def test_a_long_history_is_cut_from_its_end_and_every_step_is_predicted_once():
    assert pieces({"ann": ITEMS[:6]}, max_length=2) == [[4, 5, 6], [2, 3, 4], [1, 2]]


def test_a_history_of_one_event_predicts_nothing():
    assert pieces({"ann": ["i1"], "bob": ["i2", "i3"], "cat": []}, max_length=5) == [[2, 3]]


def test_every_piece_is_in_one_batch_of_limited_size():
    events = {f"u{user}": ITEMS[: 2 + user % 8] for user in range(40)}
    sequences = cut_sequences(dataset(events, ITEMS).events, 20)
    groups = batches(sequences, 24, np.random.default_rng(0))
    assert sorted(np.concatenate(groups)) == list(range(40))
    for group in groups:
        assert len(group) * (sequences.lengths[group].max() - 1) <= 24
    assert len(groups) > 4


def test_a_piece_larger_than_a_batch_is_a_batch_of_its_own():
    sequences = cut_sequences(dataset({"ann": ITEMS}, ITEMS).events, 20)
    assert [group.tolist() for group in batches(sequences, 2, np.random.default_rng(0))] == [[0]]


def test_neighbours_in_a_batch_have_like_lengths():
    events = {f"u{user}": ITEMS[: 2 + user % 8] for user in range(80)}
    sequences = cut_sequences(dataset(events, ITEMS).events, 20)
    real = sequences.n_predictions
    padded = sum(len(g) * (sequences.lengths[g].max() - 1) for g in batches(sequences, 32, np.random.default_rng(0)))
    assert padded < 1.1 * real


def test_a_target_is_what_came_after_its_input():
    sequences = cut_sequences(dataset({"ann": ["i1", "i2", "i3"], "bob": ["i4", "i5"]}, ITEMS).events, 10)
    [(inputs, targets, times)] = rectangles(sequences, [np.array([0, 1])])
    assert inputs.tolist() == [[1, 2], [4, 0]]
    assert targets.tolist() == [[2, 3], [5, 0]]
    assert times[0].tolist() == sequences.interactions.times[:2].tolist()
