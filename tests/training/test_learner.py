import numpy as np
import pytest
import torch

from metarec_core.config import RunConfig
from metarec_core.training import learner as learning
from metarec_core.training.learner import Learner
from tests.small_world import dataset

ITEMS = [f"i{number}" for number in range(12)]
EVENTS = dataset({f"u{user}": [ITEMS[(user + step) % 12] for step in range(6)] for user in range(24)}, ITEMS).events


def learner(encoder="lstm", dropout=0.0, **train):
    config = RunConfig.from_dict(
        {"model": {"embedding_dim": 8, "dropout": dropout, "encoder": encoder}, "train": {"batch_events": 64, **train}}
    )
    content = np.zeros((len(ITEMS) + 1, 0), dtype=np.float32)
    return Learner(EVENTS, config, "cpu", use="test", passes=40, rate=1e-2, content=content, has_clock_times=False)


def test_the_loss_falls_from_pass_to_pass():
    one = learner()
    losses = [[progress.loss for progress in one.run_pass()][-1] for _ in range(40)]
    assert losses[-1] < losses[0] - 0.2
    assert one.epoch == 40


def test_progress_ends_with_the_last_step():
    one = learner()
    assert one.events_per_s is None
    last = list(one.run_pass())[-1]
    assert last.step == last.steps >= 1
    assert last.examples_per_s > 0
    assert one.events_per_s > 0


@pytest.mark.parametrize("loss", ["softmax", "bpr", "gbce"])
def test_every_loss_is_learned_from_a_sampled_catalogue_and_repeats(loss):
    one, other = (learner(loss=loss, full_softmax_items=5) for _ in range(2))
    losses = [[progress.loss for progress in one.run_pass()][-1] for _ in range(40)]
    assert losses[-1] < losses[0] * 0.95
    for _ in range(40):
        list(other.run_pass())
    assert all(np.array_equal(one.weights()[name], value) for name, value in other.weights().items())


@pytest.mark.parametrize("loss", ["softmax", "bpr", "gbce"])
def test_every_loss_is_learned_in_half_precision(monkeypatch, loss):
    monkeypatch.setattr(learning, "precision", lambda config, device: torch.autocast(device, dtype=torch.bfloat16))
    one = learner("transformer", loss=loss)  # bfloat16 for an LSTM takes a GPU
    losses = [[progress.loss for progress in one.run_pass()][-1] for _ in range(10)]
    assert losses[-1] < losses[0]


def test_what_is_for_a_gpu_changes_nothing_on_a_cpu():
    plain, asked = learner(mixed_precision=False), learner(mixed_precision=True, compile=True)
    for one in (plain, asked):
        list(one.run_pass())
    assert all(np.array_equal(plain.weights()[name], value) for name, value in asked.weights().items())


@pytest.mark.parametrize(("optimiser", "rate"), [("adamw", 1e-2), ("adam", 1e-2), ("sgd", 0.5)])
def test_a_learner_restored_between_passes_goes_on_exactly(optimiser, rate):
    def make():
        one = learner(optimiser=optimiser)
        one.rate = rate
        return one

    whole, first, second = make(), make(), make()
    for _ in range(4):
        list(whole.run_pass())
    for _ in range(2):
        list(first.run_pass())
    second.restore(first.arrays(), first.epoch)
    for _ in range(2):
        list(second.run_pass())
    assert all(np.array_equal(whole.weights()[name], value) for name, value in second.weights().items())


@pytest.mark.parametrize("loss", ["softmax", "bpr"])
def test_a_learner_restored_within_a_pass_goes_on_exactly(monkeypatch, loss):
    monkeypatch.setattr(learning, "REPORT_EVERY_S", 0.0)
    whole, first, second = (learner(loss=loss, full_softmax_items=5, batch_events=64, dropout=0.5) for _ in range(3))
    ends = list(whole.run_pass())[-1]
    steps = first.run_pass()
    next(steps)
    arrays, position = first.arrays(), first.position()
    torch.rand(100)  # what others draw changes nothing
    second.restore(arrays, 0, position)
    reports = list(second.run_pass())
    assert position["step"] == 1
    assert (reports[-1].step, reports[-1].loss) == (ends.step, ends.loss)
    assert all(np.array_equal(whole.weights()[name], value) for name, value in second.weights().items())
    assert second.position() == {"step": 0, "total": 0.0, "seen": 0}


def losses_at(rate, **train):
    one = learner(**train)
    one.rate = rate or one.config.train.rate
    return [[progress.loss for progress in one.run_pass()][-1] for _ in range(40)]


@pytest.mark.parametrize("optimiser", ["adamw", "adam", "sgd"])
def test_every_optimiser_learns_at_its_usual_rate(optimiser):
    losses = losses_at(None, optimiser=optimiser)
    assert losses[-1] < losses[0] - 0.3


def test_sgd_hardly_learns_at_a_rate_that_suits_adam():
    losses = losses_at(4e-3, optimiser="sgd")
    assert losses[-1] > losses[0] - 0.1


def test_a_gradient_without_limit_takes_longer_steps():
    clipped, free = learner(optimiser="sgd", gradient_clip=1e-6), learner(optimiser="sgd", gradient_clip=0)
    before = clipped.weights()["items.ids.weight"]
    for one in (clipped, free):
        list(one.run_pass())
    moved = [np.abs(one.weights()["items.ids.weight"] - before).max() for one in (clipped, free)]
    assert moved[0] < moved[1] / 10


def test_the_rate_warms_up_and_falls_along_a_cosine():
    one = learner()
    rates = []
    for share in (0.0, 0.025, 0.05, 0.5, 1.0):
        one._set_rate(share)
        rates.append(one.optimiser.param_groups[0]["lr"])
    assert rates[0] == 0
    assert rates[1] < rates[2] <= 1e-2
    assert rates[3] == pytest.approx(1e-2 * 0.51)
    assert rates[4] == pytest.approx(1e-2 * 0.02)


def test_a_copy_of_the_weights_does_not_change_with_the_learner():
    one = learner()
    before = one.weights()
    kept = {name: value.copy() for name, value in before.items()}
    list(one.run_pass())
    assert all(np.array_equal(before[name], kept[name]) for name in kept)
    one.load_weights(before)
    assert all(np.array_equal(one.weights()[name], kept[name]) for name in kept)


def test_an_item_without_events_is_nobody_s_negative_in_the_whole_catalogue():
    events = dataset({"ann": ["i0", "i1", "i2"], "bob": ["i1", "i2", "i0"]}, ["i0", "i1", "i2", "cold"]).events
    config = RunConfig().with_settings(["model.embedding_dim=8"])
    content = np.ones((5, 2), dtype=np.float32)  # so that the cold item has a vector, made like any other's
    one = Learner(events, config, "cpu", use="test", passes=1, rate=1e-2, content=content, has_clock_times=False)
    assert one.sampler is None  # the whole catalogue, as by default
    torch.manual_seed(0)
    states, targets = torch.randn(3, 8), torch.tensor([1, 2, 3])
    vectors, bias = (made.detach().requires_grad_() for made in one.encoder.items())
    one._loss(states, targets, vectors, bias).backward()
    assert bias.grad[4] == 0
    assert not vectors.grad[4].any()
    assert (bias.grad[1:4] != 0).all()
    assert vectors.grad[1:4].any(dim=1).all()
