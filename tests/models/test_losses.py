import math

import pytest
import torch

from metarec_core.models import losses
from metarec_core.models.losses import next_item_loss, sampled_softmax_loss


@pytest.fixture
def world():
    """Two positions, four items: the table's rows are item vectors, row 0 is padding."""
    torch.manual_seed(1)
    states, table, bias = torch.randn(2, 3), torch.randn(5, 3), torch.randn(5)
    table[0] = 100.0  # would ruin the loss if padding were a candidate
    return states, torch.tensor([2, 4]), table, bias


def test_a_small_catalogue_is_scored_whole_without_padding(world):
    states, targets, table, bias = world
    scores = (states @ table.T + bias)[:, 1:].softmax(dim=1)
    expected = -(scores[0, 1].log() + scores[1, 3].log()) / 2
    torch.testing.assert_close(next_item_loss(states, targets, table, bias), expected)


def test_equal_scores_cost_the_logarithm_of_the_candidates(world):
    states, targets, table, bias = world
    loss = sampled_softmax_loss(0 * states, targets, torch.tensor([1, 3]), table, 0 * bias)
    assert loss.item() == pytest.approx(math.log(3))


def test_a_sampled_item_that_is_the_answer_does_not_count_against_it(world):
    states, targets, table, bias = world
    loss = sampled_softmax_loss(0 * states, targets, torch.tensor([1, 2]), table, 0 * bias)
    # position 0 asks for item 2, so it competes with item 1 only; position 1 with both
    assert loss.item() == pytest.approx((math.log(2) + math.log(3)) / 2)


def test_a_large_catalogue_is_sampled_by_the_generator(world, monkeypatch):
    monkeypatch.setattr(losses, "LARGEST_FULL_SOFTMAX", 3)
    monkeypatch.setattr(losses, "SHARED_NEGATIVES", 2)

    def loss(seed):
        return next_item_loss(*world, torch.Generator().manual_seed(seed)).item()

    assert loss(0) == loss(0)
    assert len({loss(seed) for seed in range(8)}) > 1
