"""How weights follow the gradient, how fast at each point of training, and what a GPU may do to be quicker about it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import torch
from torch import nn

from metarec_core.config import TrainConfig

WARM_UP: Final = 0.05
"""Share of all steps in which the learning rate rises to its full size."""

LAST_RATE: Final = 0.02
"""Share of the learning rate that is left in the end of a falling schedule."""

MOMENTUM: Final = 0.9

WORTH_COMPILING: Final = 10_000
"""Steps from which the minute that compiling takes is won back."""


def make_optimiser(parameters: Iterable[nn.Parameter], config: TrainConfig, rate: float) -> torch.optim.Optimizer:
    """The optimiser that a config names.

    Args:
        rate: Highest learning rate.
    """
    if config.optimiser == "sgd":
        return torch.optim.SGD(parameters, lr=rate, momentum=MOMENTUM, weight_decay=config.weight_decay)
    kind = torch.optim.AdamW if config.optimiser == "adamw" else torch.optim.Adam
    return kind(parameters, lr=rate, betas=(0.9, 0.98), weight_decay=config.weight_decay)


def rate_share(schedule: str, share_done: float) -> float:
    """Share of the highest learning rate at a point of training, from 0 (the beginning) to 1 (the end).

    Source: Loshchilov and Hutter 2017 (cosine), eq. 5 without restarts.
    """
    warm = min(share_done / WARM_UP, 1.0)
    done = min(share_done, 1.0)
    falling = {"cosine": 0.5 * (1 + math.cos(math.pi * done)), "linear": 1 - done, "constant": 1.0}[schedule]
    return warm * (LAST_RATE + (1 - LAST_RATE) * falling)


def precision(config: TrainConfig, device: str) -> AbstractContextManager[object]:
    """Half precision for products on a GPU made for bfloat16; elsewhere, and so on every CPU, full precision."""
    if config.mixed_precision and device.startswith("cuda") and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return nullcontext()


def compiles(config: TrainConfig, device: str, steps: int) -> bool:
    """Whether the network is compiled: where that is asked for, on a GPU, over many steps; never on a CPU."""
    return config.compile and device.startswith("cuda") and steps >= WORTH_COMPILING
