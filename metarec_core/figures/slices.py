"""The Evaluate page: how kinds of users, items and requests are served."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import pandas as pd
import plotly.graph_objects as go
from pandas.io.formats.style import Styler

from metarec_core.evaluation.bootstrap import Interval
from metarec_core.evaluation.leaderboard import RUN_NAME
from metarec_core.evaluation.significance import signed
from metarec_core.evaluation.slices import FEWEST_USERS, Slice, slices_frame
from metarec_core.figures.evaluate import model_column, points
from metarec_core.figures.palette import GREY
from metarec_core.figures.text import label, listed, span
from metarec_core.language import later, say, several

KINDS: Final = (later("All"), later("History"), later("Item popularity"), later("Cold or warm"))
"""Kinds that are no column of somebody's file."""

NAMES: Final = (
    later("no events"),
    later("{a} to {b} events"),
    later("more than {a} events"),
    later("items never seen before"),
    later("items seen before"),
    later("users never seen before"),
    later("users seen before"),
    later("all questions"),
    later("new items"),
    later("items with {a} to {b} events"),
    later("items with more than {a} events"),
    later("users with up to {a} events"),
    later("users with more than {a} events"),
    later("up to {a} events"),
    later("items with up to {a} events"),
)
"""Names of slices that are no value of such a column, their numbers as places."""

_BAND: Final = re.compile(r"(-?[\d.e+-]+) to (-?[\d.e+-]+)")
"""Name of a band of numbers (``evaluation.slices``)."""


def help_words() -> str:
    """What the page's part about slices shows."""
    return say(
        "NDCG@10 for some of the questions, with its 95% interval over users. The difference is to the "
        "simple model that is best over all questions. Grey slices have fewer than {fewest} users: too "
        "few to judge.",
        fewest=FEWEST_USERS,
    )


def kind_title(kind: str) -> str:
    """What questions are cut by, for people: ``Item popularity``, ``Item: genre``."""
    table, colon, column = kind.partition(": ")
    if not colon:
        return say(kind)
    if table == "Item":
        return say("Item: {column}", column=column)
    return say("User: {column}" if table == "User" else "Context: {column}", column=column)


def name_title(name: str) -> str:
    """A slice that the code has named, for people: ``1 to 5 events``; values of columns stay as they are."""
    numbers = re.findall(r"\d+", name)
    places = iter("ab")
    message = re.sub(r"\d+", lambda _: f"{{{next(places, '')}}}", name)
    return say(message, **dict(zip("ab", numbers, strict=False))) if message in NAMES else name


def kinds(slices: Sequence[Slice]) -> list[str]:
    """What the questions can be cut by."""
    return list(dict.fromkeys(cut.kind for cut in slices))


def forest(slices: Sequence[Slice], kind: str) -> go.Figure:
    """The run on each slice of a kind, as a point with its interval; small slices are grey circles."""
    rows = [(_title(cut), cut.ndcg[RUN_NAME], not cut.is_small) for cut in slices if cut.kind == kind]
    return points(rows, say("NDCG@10 of this run"), ".3f")


def words(slices: Sequence[Slice], kind: str) -> str:
    """The chart in one sentence."""
    found = [f"{_title(cut)} {cut.ndcg[RUN_NAME].mean:.3f}" for cut in slices if cut.kind == kind]
    return say("NDCG@10 of this run by {kind}: {values}", kind=kind_title(kind).lower(), values=listed(found))


def table(slices: Sequence[Slice], kind: str, best_baseline: str | None) -> Styler:
    """One row a slice of a kind, small ones in grey.

    Columns: Slice, Questions, Users, This run, 95% interval, the best baseline's title, Difference.
    """
    rows = []
    chosen = [cut for cut in slices if cut.kind == kind]
    for cut in chosen:
        ours = cut.ndcg[RUN_NAME]
        row: dict[str, object] = {
            later("Slice"): _name(cut),
            later("Questions"): cut.n_queries,
            later("Users"): cut.n_users,
            later("This run"): f"{ours.mean:.3f}",
            later("95% interval"): _range(ours, ".3f"),
        }
        if best_baseline in cut.ndcg and cut.gain is not None:
            row[model_column(str(best_baseline))] = f"{cut.ndcg[str(best_baseline)].mean:.3f}"
            row[later("Difference")] = f"{signed(cut.gain.mean)} ({_range(cut.gain, '+.3f')})"
        rows.append(row)
    frame = pd.DataFrame(rows)
    greys = [f"color: {GREY}" if cut.is_small else "" for cut in chosen]
    return frame.style.apply(lambda column: greys, axis=0).format({"Questions": "{:,}", "Users": "{:,}"})


def why_grey(any_small: bool) -> str:
    """What is said under a table or chart in which slices are grey; "" where none is."""
    return say("Grey: fewer than {fewest} users, too few to judge.", fewest=FEWEST_USERS) if any_small else ""


def export(slices: Sequence[Slice]) -> pd.DataFrame:
    """All slices and models, unrounded: for other programs."""
    return slices_frame(slices)


def _title(cut: Slice) -> str:
    return several(cut.n_users, "{name} ({n:,} user)", "{name} ({n:,} users)", name=label(_name(cut), 30))


def _name(cut: Slice) -> str:
    if cut.kind in KINDS:
        return name_title(cut.name)
    band = _BAND.fullmatch(cut.name)
    return say("{low} to {high}", low=band[1], high=band[2]) if band else cut.name


def _range(interval: Interval, form: str) -> str:
    return "–" if interval.low is None or interval.high is None else span(interval.low, interval.high, form)
