import numpy as np
import pytest
import torch

from metarec_core.config import ModelConfig
from metarec_core.models.batch import user_batch
from metarec_core.models.gradients import integrated_gradients
from metarec_core.models.heads import head_weights
from metarec_core.models.item_vectors import ItemKnowledge
from metarec_core.models.sequence import SequenceEncoder, SequencePart
from tests.contracts.scorer_contract import EVERYONE, shop

WARM = np.array([False, True, True, True, True, True])


def part(encoder, length=50):
    torch.manual_seed(0)
    config = ModelConfig(embedding_dim=8, encoder=encoder)
    knowledge = ItemKnowledge(np.zeros((6, 0), dtype=np.float32), WARM)
    return SequencePart(SequenceEncoder(knowledge, config, has_clock_times=True).eval(), length)


def test_the_heads_of_the_last_layer_average_to_the_attention_shown():
    batch = user_batch(shop(), EVERYONE[:1], 10)
    heads = head_weights(part("transformer"), batch)
    assert list(heads) == ["layer 1, head 1", "layer 1, head 2", "layer 2, head 1", "layer 2, head 2"]
    mean = (heads["layer 2, head 1"] + heads["layer 2, head 2"]) / 2
    np.testing.assert_allclose(mean, part("transformer").attention(batch)[0], atol=1e-6)
    for weights in heads.values():
        assert weights.sum() == pytest.approx(1, abs=1e-5)


def test_an_encoder_with_one_head_names_none():
    assert head_weights(part("lstm"), user_batch(shop(), EVERYONE[:1], 10)) == {}


@pytest.mark.parametrize("encoder", ["lstm", "transformer"])
def test_gradients_add_up_and_start_from_the_scores_own_value(encoder):
    batch = user_batch(shop(), EVERYONE[:1], 10)
    found = integrated_gradients(part(encoder), batch, 2)
    assert found.value == pytest.approx(float(part(encoder).scores(batch)[0, 2]), abs=1e-5)
    assert found.shares.sum() == pytest.approx(found.value - found.start, rel=0.05, abs=1e-5)
    assert found.seen.sum() == batch.lengths[0]


def test_events_that_the_network_does_not_see_have_no_share():
    batch = user_batch(shop(), EVERYONE[:1], 10)
    found = integrated_gradients(part("lstm", length=2), batch, 2)
    assert found.seen.sum() == 2
    assert not found.shares[~found.seen].any()
