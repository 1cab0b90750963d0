"""Spares what stays from being looked through for garbage at every click.

Streamlit collects garbage after each run of a script (``ScriptRunner._on_script_finished``) and holds the interpreter while it
does, so the last elements of a page wait for it: 120 to 260 ms a click once torch, pandas, Plotly and a run are there. What has
survived a full collection is set aside (``gc.freeze``); when collecting has become slow again, because runs were opened or
modules imported, everything is taken back, looked through once, and set aside again. So nothing that was set aside while it was
still in use is lost for good.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

SLOW_S = 0.02
"""A full collection that takes longer has much to look through that stays."""


class _Clock:
    """Times the full collections of this process, and may be the one that sets aside."""

    def __init__(self) -> None:
        self.began = 0.0
        self.last_s = float("inf")  # what the modules brought has never been looked through
        self.busy = threading.Lock()
        gc.callbacks.append(self)

    def __call__(self, phase: str, info: Mapping[str, int]) -> None:
        if info["generation"] < 2:
            return
        if phase == "start":
            self.began = time.perf_counter()
        else:
            self.last_s = time.perf_counter() - self.began


_clock = _Clock()


@contextmanager
def set_aside() -> Iterator[None]:
    """Around the run of a page: what is there at its end is set aside if collecting has become slow."""
    try:
        yield
    finally:
        if _clock.last_s > SLOW_S and _clock.busy.acquire(blocking=False):
            try:
                gc.unfreeze()
                gc.collect()
                gc.freeze()
                _clock.last_s = 0.0
            finally:
                _clock.busy.release()
