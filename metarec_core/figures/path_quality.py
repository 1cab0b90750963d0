"""The Evaluate page: what the paths of a run are like."""

from __future__ import annotations

from typing import Final

import pandas as pd

from metarec_core.explain.path_quality import PathQuality
from metarec_core.figures.knowledge_graph import PATH_TITLES
from metarec_core.figures.text import count, percent, sentences
from metarec_core.language import later, say

HELP: Final = later(
    "Over the lists of some users, drawn with the run's seed, and the paths that the Knowledge graph "
    "page shows. Every source row that a step of a path cites is looked up again in the stored tables."
)


def words(found: PathQuality) -> str:
    """The check in a sentence or two."""
    if not found.edges:
        return say("There are no paths to check.")
    said = say(
        "Of {recommendations} to {users}, {counted} have a path that counts in their score. {grounded} "
        "of {edges} are confirmed by their source rows.",
        recommendations=count(found.recommendations, "recommendation"),
        users=count(found.users, "user"),
        counted=percent(found.counted),
        grounded=_exact(found.grounded),
        edges=count(found.edges, "edge"),
    )
    return sentences(said, say("Not confirmed: {edge}.", edge=found.untrue[0]) if found.untrue else "")


def table(found: PathQuality) -> pd.DataFrame:
    """What was found, a row a measure: Measure, Value, What it says."""
    rows = [
        (
            say("With a counted path"),
            percent(found.counted),
            say("recommendations with a share of their score that can be shown as a path"),
        ),
        (say("With any path"), percent(found.any), say("also through other people, or situations")),
        (
            say("Confirmed edges"),
            _exact(found.grounded),
            say("of {n:,}: there are source rows, and each of them says so", n=found.edges),
        ),
        (
            say("Learned steps backed by events"),
            _exact(found.backed),
            say("of {n:,} learned steps from value to value", n=found.leads),
        ),
        (
            say("Different types"),
            _number(found.diversity),
            say("chance that two paths of one list differ in kind or relations"),
        ),
        (say("Recency"), _number(found.recency), say("of the past item: 1 the latest event, near 0 the first")),
        (
            say("Shared by"),
            _exact(found.popularity),
            say("of all items have the value that a path shares; fewer says more"),
        ),
        *(
            (say("Kind: {kind}", kind=say(PATH_TITLES[kind])), percent(share), say("of the paths shown"))
            for kind, share in found.kinds.items()
        ),
    ]
    return pd.DataFrame(rows, columns=[later("Measure"), later("Value"), later("What it says")])


def _exact(share: float | None) -> str:
    """A share that is 100% only where it is all."""
    if share is None:
        return "–"
    return percent(share) if share == 1 or round(100 * share) < 100 else f"{100 * share:.2f}%"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
