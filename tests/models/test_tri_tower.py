from dataclasses import replace

import numpy as np
import pytest
import torch

from metarec_core.data.dataset import Attribute
from metarec_core.data.vocabulary import Vocabulary
from metarec_core.models import tri_tower
from metarec_core.models.batch import user_batch
from metarec_core.models.tri_tower import TriTower, TriTowerPart, item_sequences, magnitudes
from tests.small_world import dataset

EVERYONE = np.arange(1, 4, dtype=np.int32)


def test_a_magnitude_is_one_more_than_the_whole_part_of_the_logarithm():
    assert magnitudes(np.array([0, 1, 2, 3, 4, 7, 8, 2**40])).tolist() == [0, 1, 2, 2, 3, 3, 4, 31]


def test_the_item_tower_reads_the_item_then_the_values_that_it_shares():
    # tea: hot, leaf; milk: hot, cold; cake: none; jam: cold, red. leaf and red are nobody else's.
    kinds = Attribute(
        Vocabulary("kind", ("hot", "leaf", "cold", "red")), np.array([0, 0, 2, 4, 4, 6]), np.int32([1, 2, 1, 3, 3, 4])
    )
    counts = np.array([0, 2, 2, 2, 0])  # jam has no events
    sequences, n_tokens = item_sequences(replace(dataset(), attributes={"kind": kinds}), counts)
    assert sequences.tolist() == [[0, 0, 0], [1, 6, 0], [2, 6, 8], [3, 0, 0], [0, 8, 0]]
    assert n_tokens == 5 + 5


def test_no_more_values_are_read_than_allowed(monkeypatch):
    monkeypatch.setattr(tri_tower, "MOST_VALUES", 1)
    kinds = Attribute(Vocabulary("kind", ("hot", "cold")), np.array([0, 0, 2, 4, 4, 4]), np.int32([1, 2, 1, 2]))
    sequences, _ = item_sequences(replace(dataset(), attributes={"kind": kinds}), np.array([0, 2, 2, 2, 0]))
    assert sequences.tolist() == [[0, 0], [1, 6], [2, 6], [3, 0], [0, 0]]


@pytest.fixture
def part() -> TriTowerPart:
    torch.manual_seed(0)
    sequences = np.int32([[0], [1], [2], [3], [0]])
    return TriTowerPart(TriTower(sequences, 5, np.array([0, 2, 2, 2, 0]), np.array([0, 3])).eval())


def test_a_score_is_the_logit_of_the_three_towers(part):
    network, bob = part.network, replace(user_batch(dataset(), EVERYONE[1:2], 10), context=np.int32([[2]]))
    with torch.inference_mode():
        user = network.users(torch.tensor([[2, 1]]))[:, -1]  # milk, tea
        meta = network.meta(torch.tensor([2]), torch.tensor([1]), torch.tensor([[2]]))
        cake = network.items(torch.tensor([3]))
        logit = network.out(torch.relu(user + meta + cake))
    assert part.scores(bob)[0, 3] == pytest.approx(logit.item(), abs=1e-6)


def test_a_catalogue_in_blocks_gets_the_scores_of_one_piece(part, monkeypatch):
    batch = replace(user_batch(dataset(), EVERYONE, 10), context=np.zeros((3, 1), dtype=np.int32))
    whole = part.scores(batch)
    monkeypatch.setattr(tri_tower, "BLOCK_FLOATS", 1)
    np.testing.assert_allclose(part.scores(batch), whole, atol=1e-6)


def test_what_a_request_knows_beyond_its_context_changes_nothing(part):
    batch = replace(user_batch(dataset(), EVERYONE, 10), context=np.ones((3, 1), dtype=np.int32))
    more = replace(batch, context=np.ones((3, 4), dtype=np.int32))
    assert np.array_equal(part.scores(batch), part.scores(more))


def test_the_request_s_context_and_the_latest_events_matter_and_older_ones_do_not(part, monkeypatch):
    batch = replace(user_batch(dataset(), EVERYONE[:1], 10), context=np.int32([[1]]))  # tea, milk, cake
    elsewhere = replace(batch, context=np.int32([[2]]))
    assert not np.allclose(part.scores(batch), part.scores(elsewhere))
    monkeypatch.setattr(tri_tower, "LENGTH", 2)
    milk_cake = replace(user_batch(dataset({"ann": ["milk", "cake"]}), EVERYONE[:1], 10), context=np.int32([[1]]))
    np.testing.assert_allclose(part.scores(batch), part.scores(milk_cake), atol=1e-6)
