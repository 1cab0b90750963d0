from contextlib import nullcontext

import pytest
import torch

from metarec_core.config import TrainConfig
from metarec_core.training.optimiser import WORTH_COMPILING, compiles, make_optimiser, precision, rate_share


@pytest.mark.parametrize(("name", "kind"), [("adamw", "AdamW"), ("adam", "Adam"), ("sgd", "SGD")])
def test_the_optimiser_is_the_one_that_was_asked_for(name, kind):
    weights = [torch.nn.Parameter(torch.ones(2))]
    optimiser = make_optimiser(weights, TrainConfig(optimiser=name, weight_decay=0.1), rate=0.5)
    assert type(optimiser).__name__ == kind
    assert optimiser.param_groups[0]["lr"] == 0.5
    assert optimiser.param_groups[0]["weight_decay"] == 0.1


def test_every_schedule_rises_first_and_falls_as_its_name_says():
    for schedule in ("cosine", "linear", "constant"):
        assert rate_share(schedule, 0.0) == 0
        assert rate_share(schedule, 0.025) == pytest.approx(0.5, abs=0.02)
    assert rate_share("cosine", 0.5) == pytest.approx(0.51)
    assert rate_share("linear", 0.75) == pytest.approx(0.02 + 0.98 * 0.25)
    assert rate_share("constant", 0.9) == 1
    assert rate_share("cosine", 1.0) == rate_share("linear", 1.0) == pytest.approx(0.02)


def test_on_a_cpu_products_keep_their_precision_whatever_is_asked():
    assert all(isinstance(precision(TrainConfig(mixed_precision=asked), "cpu"), nullcontext) for asked in (True, False))


@pytest.mark.parametrize(("native", "asked", "half"), [(True, True, True), (True, False, False), (False, True, False)])
def test_a_gpu_multiplies_in_half_precision_where_it_is_made_for_it_and_it_is_asked_to(
    monkeypatch, native, asked, half
):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: including_emulation or native)
    monkeypatch.setattr(torch, "autocast", lambda device, dtype: (device, dtype))  # a real one warns without a GPU
    found = precision(TrainConfig(mixed_precision=asked), "cuda")
    assert (found == ("cuda", torch.bfloat16)) is half


def test_only_a_long_training_on_a_gpu_is_compiled_and_only_where_that_is_asked_for():
    asked, many = TrainConfig(compile=True), WORTH_COMPILING
    assert compiles(asked, "cuda", many)
    assert not compiles(asked, "cpu", many)
    assert not compiles(asked, "cuda", many - 1)
    assert not compiles(TrainConfig(), "cuda", many)
