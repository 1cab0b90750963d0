"""CPU or accelerator: the one place that decides."""

from __future__ import annotations

from typing import Final

from metarec_core.errors import ConfigError
from metarec_core.language import say

DEVICES: Final = ("auto", "cpu", "cuda", "mps")


def peak_gpu_memory_mb(device: str) -> float:
    """Most memory that tensors of this process have held on a CUDA device so far, in MiB; 0 on others, which do not tell."""
    if device != "cuda":
        return 0.0
    import torch

    return round(torch.cuda.max_memory_allocated() / 2**20, 1)


def gpu_memory_mb() -> tuple[float, float]:
    """MiB that are free on the GPU of this process, and that it has."""
    import torch

    free, total = torch.cuda.mem_get_info()
    return free / 2**20, total / 2**20


def use_threads(threads: int) -> None:
    """How many threads torch has in this process from now on; a thread that has used it before keeps what it had."""
    import torch

    torch.set_num_threads(threads)


def resolve_device(name: str) -> str:
    """The device to use: "auto" takes CUDA, then MPS, then the CPU.

    Raises:
        ConfigError: The name is unknown, or this machine has no such device.
    """
    import torch

    if name not in DEVICES:
        raise ConfigError(
            say("There is no device {name!r}: choose one of {devices}.", name=name, devices=", ".join(DEVICES))
        )
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return next(device for device in ("cuda", "mps", "cpu") if available[device])
    if not available[name]:
        raise ConfigError(
            say(
                "This machine has no {name} device that torch {version} can use: choose auto or cpu.",
                name=name,
                version=torch.__version__,
            )
        )
    return name
