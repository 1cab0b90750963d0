"""Random numbers: every use has its own generator, made from the run's seed and a name for the use."""

from __future__ import annotations

import zlib

import numpy as np
import torch


def numpy_generator(seed: int, use: str, index: int = 0) -> np.random.Generator:
    """A generator for one use, the same whatever other uses have drawn."""
    return np.random.default_rng([seed, zlib.crc32(use.encode()), index])


def seed_torch(seed: int, use: str, index: int = 0) -> None:
    """Set torch's global generators, which dropout and initialisation draw from, for one use."""
    torch.manual_seed(int(numpy_generator(seed, use, index).integers(2**62)))


def torch_generator(seed: int, use: str, index: int = 0) -> torch.Generator:
    """A CPU generator for one use."""
    return torch.Generator().manual_seed(int(numpy_generator(seed, use, index).integers(2**62)))
