"""The Evaluate page: what the paths of a run are like."""

from __future__ import annotations

from typing import Final

import pandas as pd

from metarec_core.explain.path_quality import PathQuality
from metarec_core.figures.knowledge_graph import PATH_TITLES
from metarec_core.figures.text import count, percent

HELP: Final = (
    "Over the lists of some users, drawn by the run's seed, and the paths that the Knowledge graph page shows. Every line that "
    "a step of a path names is looked up again in the stored tables."
)


def words(found: PathQuality) -> str:
    """The check in a sentence or two."""
    if not found.edges:
        return "There are no paths to check."
    said = (
        f"Of {count(found.recommendations, 'recommendation')} to {count(found.users, 'user')}, {percent(found.counted)} have "
        f"a path that is counted in their score. {_exact(found.grounded)} of {count(found.edges, 'edge')} stand on lines that "
        "say so."
    )
    return said if not found.untrue else f"{said} Not so: {found.untrue[0]}."


def table(found: PathQuality) -> pd.DataFrame:
    """What was found, a row a measure: Measure, Value, What it says."""
    rows = [
        (
            "With a counted path",
            percent(found.counted),
            "recommendations whose score has a share that is told as a path",
        ),
        ("With any path", percent(found.any), "also over other people, or situations"),
        ("Grounded edges", _exact(found.grounded), f"of {found.edges:,}: there is a line, and each line named says so"),
        ("Leads with events behind", _exact(found.backed), f"of {found.leads:,} learned steps from value to value"),
        ("Different types", _number(found.diversity), "chance that two paths of one list differ in kind or relations"),
        ("Recency", _number(found.recency), "of the past item: 1 the latest event, near 0 the first"),
        ("Shared by", _exact(found.popularity), "of all items have the value that a path shares; less says more"),
        *((f"Kind: {PATH_TITLES[kind]}", percent(share), "of the paths shown") for kind, share in found.kinds.items()),
    ]
    return pd.DataFrame(rows, columns=["Measure", "Value", "What it says"])


def _exact(share: float | None) -> str:
    """A share that is 100 % only where it is all."""
    if share is None:
        return "–"
    return percent(share) if share == 1 or round(100 * share) < 100 else f"{100 * share:.2f} %"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
