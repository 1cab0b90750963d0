"""Progress in a line of text, for a log and for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metarec_core.api import Progress


def progress_line(progress: Progress, live: bool = False) -> str:
    """Stage, epoch, and what was measured at its end.

    Args:
        progress: How far it is.
        live: Also what changes with every report: step, loss so far, time to go. For a line that is written over.
    """
    words = [progress.stage]
    if progress.epochs:
        words.append(f"epoch {progress.epoch}/{progress.epochs}")
    if live and progress.steps:
        words.append(f"step {progress.step}/{progress.steps}")
    if progress.loss is not None and (live or progress.validation is not None):
        words.append(f"loss {progress.loss:.4f}")
    if progress.validation is not None:
        words += [f"{name} {value:.4f}" for name, value in progress.validation.items()]
    if live and progress.remaining_s is not None:
        words.append(f"about {progress.remaining_s:.0f} s to go")
    return ", ".join(words)
