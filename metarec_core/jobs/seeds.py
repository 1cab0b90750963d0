"""The same training with other seeds, so that everybody sees how much of a figure is chance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

from metarec_core import api
from metarec_core.audit import deed
from metarec_core.errors import RunError
from metarec_core.evaluation.trust import SEEDS
from metarec_core.jobs.runner import submit
from metarec_core.jobs.status import JobStatus, read_status
from metarec_core.runs.seeds import by_seed

ENOUGH: Final = SEEDS
"""So many seeds show a spread."""


def twins(store: Path | str, run_id: str) -> dict[int, JobStatus]:
    """The run itself, and of each other seed the newest of the same trainings that is finished or under way; by seed.

    Raises:
        RunError: There is no such run, or its folder is damaged.
    """
    found: dict[int, JobStatus] = {}
    for seed, folders in by_seed(Path(store), run_id).items():
        for folder in folders:
            with suppress(RunError):  # deleted while we looked
                now = read_status(folder)
                if folder.run_id == run_id or now.is_live or folder.is_finished:
                    found[seed] = now
                    break
    return found


@deed("train", gives="runs", like="run_id")
def train_with_other_seeds(store: Path | str, run_id: str) -> tuple[str, ...]:
    """Queue as many more trainings as it takes to see a spread, with the next seeds that nobody has used.

    Returns:
        Their run ids.

    Raises:
        RunError: There is no such run, or its tables are gone.
        JobError: They do not fit this machine, or cannot be started.
    """
    request, config = api.requested_run(run_id, store=store)
    there = twins(store, run_id)
    seeds = _unused(config.seed, set(there))
    return tuple(
        submit(store, request.tables_fingerprint, config.model_copy(update={"seed": next(seeds)}), request.device)
        for _ in range(ENOUGH - len(there))
    )


def _unused(seed: int, used: set[int]) -> Iterator[int]:
    return (other % 2**31 for other in count(seed + 1) if other % 2**31 not in used)
