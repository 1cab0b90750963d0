import numpy as np
import pytest
import torch

from metarec_core.config import ModelConfig
from metarec_core.models.batch import user_batch
from metarec_core.models.sequence import SequenceEncoder, SequencePart
from tests.contracts.scorer_contract import EVERYONE, shop


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    return SequenceEncoder(5, ModelConfig(embedding_dim=8)).eval()


def histories(*rows):
    return torch.tensor(rows)


def test_a_state_knows_nothing_of_later_events(encoder):
    one, other = encoder(histories([1, 2, 3, 4])), encoder(histories([1, 2, 5, 1]))
    torch.testing.assert_close(one[0, :2], other[0, :2])
    assert not torch.allclose(one[0, 2], other[0, 2])


def test_padding_changes_nothing(encoder):
    torch.testing.assert_close(encoder(histories([1, 2, 0, 0]))[0, :2], encoder(histories([1, 2]))[0])


def test_the_last_state_is_the_one_that_training_saw(encoder):
    every = encoder(histories([1, 2, 3], [4, 5, 0]))
    last, _ = encoder.last(histories([1, 2, 3], [4, 5, 0]), torch.tensor([3, 2]))
    torch.testing.assert_close(last, torch.stack([every[0, 2], every[1, 1]]))


def test_the_order_of_events_matters(encoder):
    assert not torch.allclose(encoder(histories([1, 2, 3]))[0, -1], encoder(histories([2, 1, 3]))[0, -1])


def test_attention_is_shared_out_over_real_events(encoder):
    weights = SequencePart(encoder, 50).attention(user_batch(shop(), EVERYONE, 10))
    assert weights.shape == (5, 5)
    np.testing.assert_allclose(weights.sum(axis=1), [1, 1, 1, 1, 0], atol=1e-6)  # eve has no events
    assert (weights[1, :2] > 0).all()  # bob has two
    assert not weights[1, 2:].any()


def test_without_a_history_the_part_says_nothing(encoder):
    torch.nn.init.ones_(encoder.bias)
    assert not SequencePart(encoder, 50).scores(user_batch(shop(), EVERYONE[4:], 10)).any()


def test_scoring_does_not_depend_on_dropout(encoder):
    part = SequencePart(encoder, 50)
    batch = user_batch(shop(), EVERYONE, 10)
    assert np.array_equal(part.scores(batch), part.scores(batch))


def test_only_the_latest_events_are_looked_at(encoder):
    batch = user_batch(shop(), EVERYONE, 10)
    short, long = SequencePart(encoder, 2), SequencePart(encoder, 10)
    np.testing.assert_allclose(short.scores(batch), long.scores(user_batch(shop(), EVERYONE, 2)), rtol=1e-5, atol=1e-6)
    weights = short.attention(batch)
    assert (weights[0] > 0).tolist() == [False, False, True, True, False]  # ann's third and fourth event
    np.testing.assert_allclose(weights.sum(axis=1), [1, 1, 1, 1, 0], atol=1e-6)
