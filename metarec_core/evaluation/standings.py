"""All runs on the same data and split in one order, with the baselines among them, each held against the best baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from metarec_core.evaluation.answers import Answers
from metarec_core.evaluation.bootstrap import Interval, bootstrap
from metarec_core.evaluation.leaderboard import HEADLINE, RUN_NAME, Evaluation
from metarec_core.evaluation.significance import PValue, holm, sign_flip


@dataclass(frozen=True)
class Contender:
    """One finished run.

    Attributes:
        run_id: Which.
        preset: The preset of its settings; None for settings of one's own.
        seed: Its seed.
        evaluation: What was measured.
        answers: The rank of each answer; None in runs that did not keep them, which are then shown without a test.
    """

    run_id: str
    preset: str | None
    seed: int
    evaluation: Evaluation
    answers: Answers | None


@dataclass(frozen=True)
class Standing:
    """One row: a run, or a baseline.

    Attributes:
        name: The run's id, or the baseline's name.
        is_run: Which of the two.
        preset: Of a run with a preset's settings.
        seed: Of a run.
        measures: Each measure with its interval.
        gain: It minus the best baseline in the headline measure, paired; None for that baseline, and where it is not known.
        p: Whether that could be luck, corrected for the number of rows.
    """

    name: str
    is_run: bool
    preset: str | None
    seed: int | None
    measures: Mapping[str, Interval]
    gain: Interval | None
    p: PValue | None


def standings(contenders: Sequence[Contender], draws: int, seed: int = 0) -> tuple[Standing, ...]:
    """Put runs on the same questions, and the first one's baselines, in one order: best first.

    Args:
        contenders: Runs on the same data and split; the first one's baselines stand for all.
        draws: Resamplings behind each interval.
        seed: Seed of the resamplings and of the sign flips.

    Source: Demšar 2006, section 3.2.2 (comparing with a control, Holm's correction).
    """
    first = contenders[0]
    best = first.evaluation.best_baseline
    ndcg: dict[str, np.ndarray] = {}
    if first.answers is not None and best is not None:
        ndcg = {name: first.answers.ndcg(name) for name in first.answers.ranks if name != RUN_NAME}
        for runner in contenders:
            if runner.answers is not None and runner.answers.asks_like(first.answers):
                ndcg[runner.run_id] = runner.answers.ndcg(RUN_NAME)
    gains: dict[str, Interval] = {}
    p_values: dict[str, PValue] = {}
    rivals = [name for name in ndcg if name != best]
    if rivals and best is not None and first.answers is not None:
        differences = np.stack([ndcg[name] - ndcg[best] for name in rivals], axis=1)
        users = first.answers.user_numbers
        gains = dict(zip(rivals, bootstrap(differences, draws, seed, users), strict=True))
        plain = sign_flip(differences, users, seed=seed).tolist()
        p_values = {name: PValue(p, q) for name, p, q in zip(rivals, plain, holm(plain), strict=True)}
    rows = [
        Standing(
            runner.run_id,
            True,
            runner.preset,
            runner.seed,
            runner.evaluation.models[RUN_NAME],
            gains.get(runner.run_id),
            p_values.get(runner.run_id),
        )
        for runner in contenders
    ]
    rows += [
        Standing(name, False, None, None, measures, gains.get(name), p_values.get(name))
        for name, measures in first.evaluation.models.items()
        if name != RUN_NAME
    ]
    return tuple(sorted(rows, key=lambda row: -row.measures[HEADLINE].mean))


def standings_frame(rows: Sequence[Standing]) -> pd.DataFrame:
    """One row a run or baseline: name, preset, seed, each measure, the difference to the best baseline, and p-values."""
    return pd.DataFrame(
        [
            {"name": row.name, "is_run": row.is_run, "preset": row.preset, "seed": row.seed}
            | {label: interval.mean for label, interval in row.measures.items()}
            | {"minus_best_baseline": row.gain.mean if row.gain else None}
            | {"minus_best_baseline_low": row.gain.low if row.gain else None}
            | {"minus_best_baseline_high": row.gain.high if row.gain else None}
            | {"p": row.p.plain if row.p else None, "p_holm": row.p.holm if row.p else None}
            for row in rows
        ]
    )
