from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from metarec_core.errors import ConfigError
from metarec_core.models.device import resolve_device, use_threads


@pytest.fixture
def machine(monkeypatch):
    def has(*, cuda: bool, mps: bool) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return has


@pytest.mark.parametrize(("cuda", "mps", "best"), [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")])
def test_auto_takes_the_fastest_there_is(machine, cuda, mps, best):
    machine(cuda=cuda, mps=mps)
    assert resolve_device("auto") == best
    assert resolve_device("cpu") == "cpu"


def test_a_device_that_is_not_there_is_refused(machine):
    machine(cuda=False, mps=False)
    with pytest.raises(ConfigError, match=r"This machine has no cuda device.*choose auto or cpu"):
        resolve_device("cuda")


def test_an_unknown_device_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match="There is no device 'tpu': choose one of auto, cpu, cuda, mps"):
        resolve_device("tpu")


@pytest.mark.parametrize("n", [1, 2])
def test_threads_that_come_later_have_as_many_as_were_set(n):
    before = torch.get_num_threads()
    try:
        use_threads(n)
        with ThreadPoolExecutor(1) as later:
            assert later.submit(torch.get_num_threads).result() == n
    finally:
        torch.set_num_threads(before)
