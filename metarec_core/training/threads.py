"""How many threads torch uses while something small is learned."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch

MANY_PRODUCTS: Final = 150_000_000
"""Multiplications of a step from which a second thread is worth waiting for."""


@contextmanager
def threads_worth_their_wait(products: int) -> Iterator[None]:
    """One thread for small steps: threads wait for each other thousands of times a second, which on a busy machine costs far
    more than they bring."""
    threads = torch.get_num_threads()
    torch.set_num_threads(threads if products >= MANY_PRODUCTS else 1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
