import math

import pytest
import torch

from metarec_core.models import losses
from metarec_core.models.losses import Sampler, sampled_softmax_loss, softmax_loss

NO_CORRECTION = torch.zeros(5)


@pytest.fixture
def world():
    """Two positions, four items: the table's rows are item vectors, row 0 is padding."""
    torch.manual_seed(1)
    states, table, bias = torch.randn(2, 3), torch.randn(5, 3), torch.randn(5)
    table[0] = 100.0  # would ruin the loss if padding were a candidate
    return states, torch.tensor([2, 4]), table, bias


def test_the_whole_catalogue_without_padding_competes(world):
    states, targets, table, bias = world
    scores = (states @ table.T + bias)[:, 1:].softmax(dim=1)
    expected = -(scores[0, 1].log() + scores[1, 3].log()) / 2
    torch.testing.assert_close(softmax_loss(states, targets, table, bias), expected)


def test_a_sample_of_everything_is_the_whole_catalogue(world):
    everything = torch.tensor([1, 2, 3, 4])
    torch.testing.assert_close(sampled_softmax_loss(*world, everything, NO_CORRECTION), softmax_loss(*world))


def test_equal_scores_cost_the_logarithm_of_the_candidates(world):
    states, targets, table, bias = world
    loss = sampled_softmax_loss(0 * states, targets, table, 0 * bias, torch.tensor([1, 3]), NO_CORRECTION)
    assert loss.item() == pytest.approx(math.log(3))


def test_a_sampled_item_that_is_the_answer_does_not_count_against_it(world):
    states, targets, table, bias = world
    loss = sampled_softmax_loss(0 * states, targets, table, 0 * bias, torch.tensor([1, 2]), NO_CORRECTION)
    # position 0 asks for item 2, so it competes with item 1 only; position 1 with both
    assert loss.item() == pytest.approx((math.log(2) + math.log(3)) / 2)


def test_an_item_sampled_twice_as_often_counts_half(world):
    states, targets, table, bias = world
    log_q = torch.tensor([0.0, math.log(2), 0.0, 0.0, 0.0])
    loss = sampled_softmax_loss(0 * states, targets, table, 0 * bias, torch.tensor([1]), log_q)
    assert loss.item() == pytest.approx(math.log(1.5))


def test_items_are_drawn_by_their_events_to_a_power_and_never_without_events():
    sampler = Sampler.of(torch.tensor([0, 1, 32, 0]), "cpu")
    torch.testing.assert_close(sampler.chances, torch.tensor([0, 0.2, 0.8, 0], dtype=torch.float64))  # 32 ** 0.4 is 4
    drawn = sampler.draw(64, torch.Generator().manual_seed(0))
    assert drawn.shape == (64,)
    assert set(drawn.tolist()) == {1, 2}
    assert torch.equal(drawn, sampler.draw(64, torch.Generator().manual_seed(0)))


def test_bpr_asks_each_answer_to_stand_above_each_sampled_item_but_itself():
    states, table = torch.eye(2), torch.tensor([[9.0, 9.0], [1.0, 0.0], [3.0, 2.0], [0.0, 0.0], [0.0, 5.0]])
    targets, sampled = torch.tensor([2, 4]), torch.tensor([1, 2])
    # position 0 scores items by their first entry: the answer 3 against 1; the sampled answer itself does not count.
    # position 1 by their second: the answer 5 against 0 and 2.
    margins = torch.tensor([2.0, 5.0, 3.0])
    expected = -margins.sigmoid().log().mean()
    torch.testing.assert_close(losses.bpr_loss(states, targets, table, torch.zeros(5), sampled), expected)


def test_gbce_is_binary_cross_entropy_with_answers_flattened_for_the_sampling():
    states, targets, table, bias = torch.ones(1, 1), torch.tensor([1]), torch.zeros(6, 1), torch.zeros(6)
    sampled = torch.tensor([2, 3])  # of 4 other items: α = 1/2, β = 1/2 (3/4 (1 - 2) + 2) = 5/8
    # scores of 0 count as -log 5: a chance of 1 in 6
    expected = (5 / 8 * math.log(6) + 2 * math.log(6 / 5)) / 3
    assert losses.gbce_loss(states, targets, table, bias, sampled).item() == pytest.approx(expected)


def test_gbce_with_every_item_sampled_is_plain_binary_cross_entropy():
    states, targets, table, bias = torch.ones(1, 1), torch.tensor([1]), torch.zeros(4, 1), torch.zeros(4)
    everything = torch.tensor([2, 3])  # α = 1, β = 1; scores of 0 count as -log 3: a chance of 1 in 4
    expected = (math.log(4) + 2 * math.log(4 / 3)) / 3
    assert losses.gbce_loss(states, targets, table, bias, everything).item() == pytest.approx(expected)
