"""The Home page, and the names of runs and data sets wherever they are chosen."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from metarec_core.data.store import TablesSummary
from metarec_core.evaluation.leaderboard import HEADLINE, RUN_NAME, Evaluation
from metarec_core.figures.evaluate import verdict
from metarec_core.figures.text import count, when
from metarec_core.runs.store import RunSummary

VERDICT_WORDS = {
    "better": "better",
    "worse": "worse",
    "level": "no clear difference",
    "alone": "not compared",
}
CAPTION_WORDS = {
    "better": "better than the baselines",
    "worse": "worse than a baseline",
    "level": "not clearly better than a baseline",
    "alone": "not compared with baselines",
}


def tables_title(tables: TablesSummary) -> str:
    """A data set's name for people: ``shop (sample), 15,000 events``."""
    return f"{tables.name}, {tables.n_events:,} events"


def run_title(run: RunSummary) -> str:
    """A run's name for people: ``shop (sample), fast, 24 Nov 2026, 08:30``."""
    return f"{run.tables_name}, {run.preset or 'own settings'}, {when(run.created)}"


def run_caption(run: RunSummary) -> str:
    """What a title has no room for: settings, when, how good."""
    measured = Evaluation.from_dict(run.leaderboard)
    return (
        f"{_settings(run, measured)}, {when(run.created)} UTC. NDCG@10 {measured.models[RUN_NAME][HEADLINE].mean:.3f}, "
        f"{CAPTION_WORDS[verdict(measured).kind]}."
    )


def tables_overview(tables: Sequence[TablesSummary]) -> pd.DataFrame:
    """Data sets of a workspace: Data set, Users, Items, Events, Imported."""
    rows = [(t.name, t.n_users, t.n_items, t.n_events, when(t.created)) for t in tables]
    return pd.DataFrame(rows, columns=["Data set", "Users", "Items", "Events", "Imported (UTC)"])


def runs_overview(runs: Sequence[RunSummary]) -> pd.DataFrame:
    """Finished runs of a workspace: Data set, Settings, NDCG@10, Verdict, Trained, Run id."""
    rows = []
    for run in runs:
        measured = Evaluation.from_dict(run.leaderboard)
        rows.append(
            (
                run.tables_name,
                _settings(run, measured),
                round(measured.models[RUN_NAME][HEADLINE].mean, 3),
                VERDICT_WORDS[verdict(measured).kind],
                when(run.created),
                run.run_id,
            )
        )
    return pd.DataFrame(rows, columns=["Data set", "Settings", "NDCG@10", "Than baselines", "Trained (UTC)", "Run id"])


def _settings(run: RunSummary, measured: Evaluation) -> str:
    """The preset, and the protocol where figures cannot be compared with those of other runs."""
    return (run.preset or "own settings") + ("" if measured.test_from is None else ", split by time")


def job_words(title: str, others: int) -> str:
    """A training under way in a sentence.

    Args:
        title: The job's title.
        others: How many more are waiting or running.
    """
    more = f" {count(others, 'more training')} waiting or running." if others else ""
    return f"{title} is being trained in a process of its own; it goes on when this page is closed.{more}"


def demo_words(run: RunSummary, n_users: int, n_items: int) -> str:
    """The demo in two sentences: what it is, and how its run compares."""
    return (
        f"An invented outdoor shop with {count(n_users, 'customer')} and {count(n_items, 'product')}, and a recommender that "
        f"was trained on it. {verdict(Evaluation.from_dict(run.leaderboard)).headline}"
    )


def run_words(run: RunSummary) -> str:
    """A finished run in a sentence: of what, when, and how it compares."""
    return (
        f"The newest recommender was trained on {run.tables_name} ({run.preset or 'own settings'}, {when(run.created)} UTC). "
        f"{verdict(Evaluation.from_dict(run.leaderboard)).headline}"
    )


RESET_WORDS = """
This puts the sample shop and its run back as they are shipped, also where they were deleted or changed. Reviews and
measurements that were added to that run are lost.

Your own data and runs stay as they are, also runs that you trained on the sample.
"""

GUIDE = """
1. **Data.** Two tables are enough: who did something with which item (and when), and what the items are called. MetaRec
   matches the columns, cleans the rows and says what it left out.
2. **Train.** *Fast*, *Balanced* or *Best*. Training runs in its own process: close the page and come back.
3. **Evaluate.** What happened last was hidden from the model. Does it find it again, and better than popularity, item-kNN and
   EASE do?
4. **Recommendations.** Choose a user. The list is beside what the user did before, and every score is a sum of named parts.
"""
