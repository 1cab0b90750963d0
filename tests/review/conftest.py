"""A finished run of the small world, and a review of it, without any training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from metarec_core.config import RunConfig
from metarec_core.data.split import leave_one_out
from metarec_core.evaluation.evaluate import measure
from metarec_core.evaluation.leaderboard import RUN_NAME, leaderboard
from metarec_core.review import verdicts
from metarec_core.review.sample import Plan, Sample, Sampled
from metarec_core.runs.manifest import Manifest
from metarec_core.runs.run import Run
from metarec_core.runs.store import Request, create_run, finish_run
from tests.small_world import recommender

SAMPLE = Sample(
    Plan(rule="given", n=3, k=2, pairs=(("ann", "jam"), ("bob", "cake"), ("cat", "jam"))),
    "3 recommendations: pairs of a user and an item that were named. Seed 0.",
    (Sampled("ann", "jam"), Sampled("bob", "cake", "the user has 2 events"), Sampled("cat", "jam")),
)


def finished_run(store: Path, tables_name: str = "tea room") -> Run:
    world = recommender()
    split = leave_one_out(world.dataset)
    measured = {name: measure(world.scorer, split, split.test, 10) for name in (RUN_NAME, "popular")}
    folder = create_run(store, RunConfig.preset("fast", seed=4), Request("0123456789abcdef", tables_name, "auto"))
    return finish_run(
        folder,
        user_ids=world.user_ids,
        item_ids=world.item_ids,
        state={"weights": np.float32([1, 2])},
        leaderboard=leaderboard(measured, split, draws=10).to_dict(),
        manifest=Manifest(
            metarec_version="0.1.0",
            created="2026-01-01T08:30:00+00:00",
            tables_fingerprint="0123456789abcdef",
            tables_name=tables_name,
            n_users=3,
            n_items=4,
            n_events=6,
            device="cpu",
            versions={"python": "3.11"},
            timings_s={"total": 1.5},
            peak_memory_mb=100.0,
            learned={},
            validation={"ndcg@10": 0.1},
        ),
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return finished_run(tmp_path / "store")


@pytest.fixture
def review(run: Run) -> verdicts.Review:
    return verdicts.start_review(run, SAMPLE)
