"""The Home page, and the names of runs and data sets wherever they are chosen."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from metarec_core.data.store import TablesSummary
from metarec_core.evaluation.leaderboard import HEADLINE, RUN_NAME, Evaluation
from metarec_core.figures.evaluate import verdict
from metarec_core.figures.text import count, sentences, when
from metarec_core.language import later, say, several
from metarec_core.runs.store import RunSummary

VERDICT_WORDS = {
    "better": later("better"),
    "worse": later("worse"),
    "level": later("no clear difference"),
    "alone": later("not compared"),
}
CAPTION_WORDS = {
    "better": later("better than the baselines"),
    "worse": later("worse than a baseline"),
    "level": later("not clearly better than a baseline"),
    "alone": later("not compared with baselines"),
}

PRESETS = (later("fast"), later("balanced"), later("best"))


def settings_name(preset: str | None) -> str:
    """A preset for people, or that there was none."""
    return say(preset) if preset in PRESETS else preset or say("custom settings")


def tables_title(tables: TablesSummary) -> str:
    """A data set's name for people: ``shop (sample), 15,000 events``."""
    return say("{name}, {n:,} events", name=tables.name, n=tables.n_events)


def run_title(run: RunSummary) -> str:
    """A run's name for people: ``shop (sample), fast, 24 Nov 2026, 08:30``."""
    return training_title(run.tables_name, run.preset, when(run.created))


def run_of_data_title(run: RunSummary) -> str:
    """Its name among runs on the same data: ``fast, seed 1, 24 Nov 2026, 08:30``."""
    return say(
        "{settings}, seed {seed}, {time}", settings=settings_name(run.preset), seed=run.seed, time=when(run.created)
    )


def training_title(tables_name: str, preset: str | None, time: str) -> str:
    """A training's name for people, finished or not."""
    return say("{name}, {settings}, {time}", name=tables_name, settings=settings_name(preset), time=time)


def run_caption(run: RunSummary) -> str:
    """What a title has no room for: settings, when, how good."""
    measured = Evaluation.from_dict(run.leaderboard)
    return say(
        "{settings}, {time} UTC. NDCG@10 {ndcg:.3f}, {verdict}.",
        settings=_settings(run, measured),
        time=when(run.created),
        ndcg=measured.models[RUN_NAME][HEADLINE].mean,
        verdict=say(CAPTION_WORDS[verdict(measured).kind]),
    )


def tables_overview(tables: Sequence[TablesSummary]) -> pd.DataFrame:
    """Data sets of a workspace: Data set, Users, Items, Events, Imported."""
    rows = [(t.name, t.n_users, t.n_items, t.n_events, when(t.created)) for t in tables]
    names = [later("Data set"), later("Users"), later("Items"), later("Events"), later("Imported (UTC)")]
    return pd.DataFrame(rows, columns=names)


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
                say(VERDICT_WORDS[verdict(measured).kind]),
                when(run.created),
                run.run_id,
            )
        )
    named = [later("Data set"), later("Settings"), later("NDCG@10"), later("Compared with baselines")]
    return pd.DataFrame(rows, columns=[*named, later("Trained (UTC)"), later("Run ID")])


def _settings(run: RunSummary, measured: Evaluation) -> str:
    """The preset, and the protocol where figures cannot be compared with those of other runs."""
    name = settings_name(run.preset)
    return name if measured.test_from is None else say("{settings}, split by time", settings=name)


def job_words(title: str, others: int) -> str:
    """A training under way in a sentence.

    Args:
        title: The job's title.
        others: How many more are waiting or running.
    """
    return sentences(
        say("{title} is being trained in a separate process; it continues if you close this page.", title=title),
        several(others, "{n:,} more training job waiting or running.", "{n:,} more training jobs waiting or running.")
        if others
        else "",
    )


def demo_words(run: RunSummary, n_users: int, n_items: int) -> str:
    """The demo in two sentences: what it is, and how its run compares."""
    what = say(
        "A fictional outdoor shop with {customers} and {products}, and a recommender trained on it.",
        customers=count(n_users, "customer"),
        products=count(n_items, "product"),
    )
    return sentences(what, verdict(Evaluation.from_dict(run.leaderboard)).headline)


def run_words(run: RunSummary) -> str:
    """A finished run in a sentence: of what, when, and how it compares."""
    what = say(
        "The newest recommender was trained on {name} ({settings}, {time} UTC).",
        name=run.tables_name,
        settings=settings_name(run.preset),
        time=when(run.created),
    )
    return sentences(what, verdict(Evaluation.from_dict(run.leaderboard)).headline)


RESET_WORDS = later("""
This restores the sample shop and its run as they were shipped, even if they were deleted or changed. Reviews and
measurements added to that run are lost.

Your own data and runs stay as they are, including runs that you trained on the sample.
""")

GUIDE = later("""
1. **Data.** Two tables are enough: who did something with which item (and when), and what the items are called. MetaRec
   matches the columns, cleans the rows and lists what it left out.
2. **Train.** *Fast*, *Balanced* or *Best*. Training runs in its own process: close the page and come back.
3. **Evaluate.** The latest events were hidden from the model. Does it find them, and better than popularity, item-kNN and
   EASE do?
4. **Recommendations.** Choose a user. The list is next to the user's history, and every score is a sum of named parts.
""")
