import numpy as np
import pytest
import torch

from metarec_core.config import ModelConfig
from metarec_core.models.batch import user_batch
from metarec_core.models.encoders import attention_weights
from metarec_core.models.item_vectors import ItemKnowledge
from metarec_core.models.sequence import SequenceEncoder, SequencePart, gap_buckets
from tests.contracts.scorer_contract import EVERYONE, shop

WARM = np.array([False, True, True, True, True, False])
CONTENT = np.vstack([np.zeros(3), np.eye(3), np.eye(3)[:2]]).astype(np.float32)


def make(encoder="lstm", content=CONTENT, has_clock_times=True, **settings):
    torch.manual_seed(0)
    config = ModelConfig(embedding_dim=8, encoder=encoder, **settings)
    return SequenceEncoder(ItemKnowledge(content, WARM), config, has_clock_times=has_clock_times).eval()


@pytest.fixture(params=["lstm", "transformer"])
def encoder(request):
    return make(request.param)


def states(encoder, *rows, times=None):
    history = torch.tensor(rows)
    times = np.zeros(history.shape, dtype=np.int64) if times is None else np.array(times)
    return encoder(history, times, encoder.items()[0])


def test_a_state_knows_nothing_of_later_events(encoder):
    one, other = states(encoder, [1, 2, 3, 4]), states(encoder, [1, 2, 5, 1])
    torch.testing.assert_close(one[0, :2], other[0, :2])
    assert not torch.allclose(one[0, 2], other[0, 2])


def test_padding_changes_nothing(encoder):
    torch.testing.assert_close(states(encoder, [1, 2, 0, 0])[0, :2], states(encoder, [1, 2])[0])


def test_the_last_state_is_the_one_that_training_saw(encoder):
    every = states(encoder, [1, 2, 3], [4, 5, 0])
    history, times = torch.tensor([[1, 2, 3], [4, 5, 0]]), np.zeros((2, 3), dtype=np.int64)
    last, _ = encoder.last(history, times, torch.tensor([3, 2]), encoder.items()[0])
    torch.testing.assert_close(last, torch.stack([every[0, 2], every[1, 1]]))


def test_the_order_of_events_matters(encoder):
    torch.nn.init.normal_(encoder.body.places) if hasattr(encoder.body, "places") else None
    assert not torch.allclose(states(encoder, [1, 2, 3])[0, -1], states(encoder, [2, 1, 3])[0, -1])


def test_attention_is_shared_out_over_real_events(encoder):
    weights = SequencePart(encoder, 50).attention(user_batch(shop(), EVERYONE, 10))
    assert weights.shape == (5, 5)
    np.testing.assert_allclose(weights.sum(axis=1), [1, 1, 1, 1, 0], atol=1e-6)  # eve has no events
    assert (weights[1, :2] > 0).all()  # bob has two
    assert not weights[1, 2:].any()


def test_without_a_history_the_part_says_nothing(encoder):
    torch.nn.init.ones_(encoder.items.id_bias)
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


@pytest.mark.parametrize("has_clock_times", [True, False])
def test_its_state_makes_the_same_part_again(encoder, has_clock_times):
    config = ModelConfig(embedding_dim=8, encoder="transformer" if hasattr(encoder.body, "places") else "lstm")
    torch.manual_seed(0)
    one = SequenceEncoder(ItemKnowledge(CONTENT, WARM), config, has_clock_times=has_clock_times).eval()
    part = SequencePart(one, config.sequence_length)
    batch = user_batch(shop(), EVERYONE, 10)
    again = SequencePart.from_state(part.state(), config, "cpu")
    np.testing.assert_array_equal(part.scores(batch), again.scores(batch))


def test_an_item_without_events_is_placed_by_its_content_alone(encoder):
    torch.nn.init.normal_(encoder.items.id_bias)
    vectors, bias = encoder.items()
    torch.testing.assert_close(vectors[5], encoder.items.adapter(torch.from_numpy(CONTENT[5])))
    assert bias[5] == 0  # the bias of content begins at zero


def test_without_content_an_item_without_events_has_no_vector():
    vectors, bias = make(content=np.zeros((6, 0), dtype=np.float32)).items()
    assert not vectors[5].any()
    assert not bias[5]
    assert vectors[1:5].all()


def test_in_training_some_items_are_blanked_at_each_step_and_none_when_scoring():
    encoder = make(id_dropout=0.5)
    whole = encoder.items()[0]
    encoder.train()
    blanked = [(encoder.items()[0] != whole).any(dim=1) for _ in range(20)]
    assert any(not torch.equal(one, blanked[0]) for one in blanked)
    assert not any(one[0] or one[5] for one in blanked)  # padding and the item without events have nothing to blank
    encoder.eval()
    torch.testing.assert_close(encoder.items()[0], whole)


def test_gaps_between_events_count_where_times_are_real():
    encoder = make()
    torch.nn.init.normal_(encoder.gaps.weight)
    soon, late = states(encoder, [1, 2], times=[[0, 60]]), states(encoder, [1, 2], times=[[0, 600_000]])
    assert not torch.allclose(soon[0, 1], late[0, 1])
    torch.testing.assert_close(soon[0, 0], late[0, 0])
    assert make(has_clock_times=False).gaps is None
    assert make(time_gaps=False).gaps is None


def test_gaps_are_counted_in_doublings_of_a_second():
    times = np.array([[100, 100, 101, 104, 104 + 3_600, 2**60]])
    assert gap_buckets(times).tolist() == [[0, 1, 2, 3, 12, 31]]  # first, 0 s, 1 s, 3 s, an hour, longer than any life


def test_attention_fades_with_the_events_since():
    alike, padded = torch.zeros(1, 4, 8), torch.zeros(1, 4, dtype=torch.bool)
    fading = torch.log(torch.expm1(torch.ones(1)))  # softplus of it is 1
    weights = attention_weights(alike, alike, padded, fading=fading)[0, 3]
    expected = torch.tensor([1 / 4, 1 / 3, 1 / 2, 1.0])
    torch.testing.assert_close(weights, expected / expected.sum())
    at_the_end = attention_weights(alike[:, 3:], alike, padded, torch.tensor([3]), fading)[0, 0]
    torch.testing.assert_close(at_the_end, weights)


def test_a_run_of_before_attention_faded_reads_histories_as_it_did():
    torch.manual_seed(0)
    config = ModelConfig(embedding_dim=8)
    part = SequencePart(SequenceEncoder(ItemKnowledge(CONTENT, WARM), config, has_clock_times=True).eval(), 50)
    state = part.state()
    del state["body.fading"]
    weights = SequencePart.from_state(state, config, "cpu").attention(user_batch(shop(), EVERYONE, 10))
    with torch.no_grad():
        part.encoder.body.fading.fill_(-torch.inf)
    np.testing.assert_array_equal(weights, part.attention(user_batch(shop(), EVERYONE, 10)))
