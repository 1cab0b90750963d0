"""Which runs are the same training with other seeds. A seed is another where nothing else is that lists go by."""

from __future__ import annotations

from pathlib import Path

from metarec_core.config import RunConfig
from metarec_core.errors import RunError
from metarec_core.runs.run import RunFolder, run_folder, run_folders
from metarec_core.runs.store import read_config, read_request


def by_seed(store: Path, run_id: str) -> dict[int, tuple[RunFolder, ...]]:
    """Runs of the same tables that differ in nothing that lists go by but the seed, in whatever state, newest first, by seed.

    Which baselines stand beside a run, how often is resampled and whether parts are left out does not count. The run itself is
    the first of its own seed.

    Raises:
        RunError: There is no such run, or its folder is damaged.
    """
    own = run_folder(store, run_id)
    tables, config = read_request(own).tables_fingerprint, read_config(own)
    found = {config.seed: [own]}
    for folder in run_folders(store):
        try:
            other = read_config(folder)
            same = _makes_lists(other) == _makes_lists(config) and read_request(folder).tables_fingerprint == tables
        except RunError:  # damaged, or deleted while we looked
            continue
        if same and folder.run_id != run_id:
            found.setdefault(other.seed, []).append(folder)
    return {seed: tuple(folders) for seed, folders in found.items()}


def _makes_lists(config: RunConfig) -> RunConfig:
    """The settings that lists go by, but for the seed."""
    shown = {"baselines": (), "ablation": False, "bootstrap_draws": 100}
    return config.model_copy(update={"seed": 0, "evaluation": config.evaluation.model_copy(update=shown)})
