from dataclasses import replace

import numpy as np
import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.errors import RunError
from metarec_core.evaluation.answers import Answers
from metarec_core.evaluation.bootstrap import Interval
from metarec_core.evaluation.leaderboard import RUN_NAME, Evaluation
from metarec_core.evaluation.standings import Contender, standings, standings_frame
from tests.tiny_files import NO_NET, write_files

N = 40


def contender(run_id: str, ours: float, seed: int = 0) -> Contender:
    """A run whose answers all have one rank, beside a baseline with rank 3 and one with rank 7."""
    ranks = {RUN_NAME: ours, "popular": 7.0, "ease": 3.0}
    evaluation = Evaluation(
        "test",
        N,
        N,
        9,
        {name: {"ndcg@10": Interval(1 / np.log2(1 + rank), None, None)} for name, rank in ranks.items()},
        {},
    )
    users = np.arange(N, dtype=np.int32)
    answers = Answers(
        users, users.astype(np.int64), {name: np.full(N, rank, np.float32) for name, rank in ranks.items()}
    )
    return Contender(run_id, "fast", seed, evaluation, answers)


def test_runs_and_baselines_are_in_one_order_each_against_the_best_baseline():
    rows = standings([contender("a", 3), contender("b", 1, seed=1)], draws=100)
    assert [row.name for row in rows] == ["b", "a", "ease", "popular"]
    assert [row.gain.mean if row.gain else None for row in rows] == pytest.approx([0.5, 0, None, 1 / 3 - 0.5])
    assert rows[0].p.holm < 0.001
    assert rows[1].p.holm == 1
    assert rows[2].p is None


def test_a_run_that_kept_no_answers_or_was_asked_something_else_is_listed_without_a_test():
    first, old, other = contender("a", 3), replace(contender("b", 1), answers=None), contender("c", 2)
    moved = replace(other, answers=replace(other.answers, events=other.answers.events + 1))
    found = {row.name: row.gain for row in standings([first, old, moved], draws=100)}
    assert found["b"] is None
    assert found["c"] is None
    assert found["a"] is not None


def test_without_baselines_runs_are_only_ordered():
    alone = contender("a", 3)
    alone = replace(alone, evaluation=alone.evaluation.among([]))
    assert [(row.name, row.gain) for row in standings([alone], draws=100)] == [("a", None)]


def test_the_table_has_a_row_a_run_or_baseline():
    frame = standings_frame(standings([contender("a", 3)], draws=100))
    assert frame["name"].tolist() == ["a", "ease", "popular"]
    assert {"ndcg@10", "minus_best_baseline", "p_holm", "seed"} <= set(frame)


def test_another_run_that_is_damaged_is_left_out_and_the_runs_own_damage_is_told(tmp_path):
    tables = api.read_tables(*write_files(tmp_path))
    config = RunConfig.preset("fast").with_settings([*NO_NET, "evaluation.ablation=false"])
    runs = [list(api.train(tables, config, store=tmp_path, device="cpu"))[-1].run for _ in range(2)]
    assert {row.name for row in api.standings(runs[0]) if row.is_run} == {run.run_id for run in runs}
    runs[1].folder.answers.write_bytes(b"")
    assert [row.name for row in api.standings(runs[0]) if row.is_run] == [runs[0].run_id]
    with pytest.raises(RunError, match=r"its answers\.safetensors is missing or damaged"):
        api.standings(runs[1])
