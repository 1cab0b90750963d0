"""The Evaluate page: how kinds of users, items and requests are served."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
import plotly.graph_objects as go
from pandas.io.formats.style import Styler

from metarec_core.evaluation.bootstrap import Interval
from metarec_core.evaluation.leaderboard import RUN_NAME
from metarec_core.evaluation.slices import FEWEST_USERS, Slice, slices_frame
from metarec_core.figures.evaluate import model_title, points
from metarec_core.figures.palette import GREY
from metarec_core.figures.text import label

TOO_FEW: Final = f"fewer than {FEWEST_USERS} users: too few to tell"
HELP: Final = (
    "NDCG@10 of some of the questions, with its 95 % interval over users. The difference is to the simple model that is best "
    f"over all questions. Grey slices have {TOO_FEW}."
)


def kinds(slices: Sequence[Slice]) -> list[str]:
    """What the questions can be cut by."""
    return list(dict.fromkeys(cut.kind for cut in slices))


def forest(slices: Sequence[Slice], kind: str) -> go.Figure:
    """The run on each slice of a kind, as a point with its interval; small slices are grey circles."""
    rows = [(_title(cut), cut.ndcg[RUN_NAME], not cut.is_small) for cut in slices if cut.kind == kind]
    return points(rows, "NDCG@10 of this run", ".3f")


def words(slices: Sequence[Slice], kind: str) -> str:
    """The chart in one sentence."""
    found = [f"{_title(cut)} {cut.ndcg[RUN_NAME].mean:.3f}" for cut in slices if cut.kind == kind]
    return f"NDCG@10 of this run by {kind.lower()}: {', '.join(found)}"


def table(slices: Sequence[Slice], kind: str, best_baseline: str | None) -> Styler:
    """One row a slice of a kind, small ones in grey.

    Columns: Slice, Questions, Users, This run, 95 % interval, the best baseline's title, Difference, Note.
    """
    rows = []
    chosen = [cut for cut in slices if cut.kind == kind]
    for cut in chosen:
        ours = cut.ndcg[RUN_NAME]
        row: dict[str, object] = {
            "Slice": cut.name,
            "Questions": cut.n_queries,
            "Users": cut.n_users,
            "This run": f"{ours.mean:.3f}",
            "95 % interval": _range(ours, ".3f"),
        }
        if best_baseline in cut.ndcg and cut.gain is not None:
            row[model_title(str(best_baseline))] = f"{cut.ndcg[str(best_baseline)].mean:.3f}"
            row["Difference"] = f"{cut.gain.mean:+.3f} ({_range(cut.gain, '+.3f')})"
        rows.append(row | {"Note": TOO_FEW if cut.is_small else ""})
    frame = pd.DataFrame(rows)
    greys = [f"color: {GREY}" if cut.is_small else "" for cut in chosen]
    return frame.style.apply(lambda column: greys, axis=0).format({"Questions": "{:,}", "Users": "{:,}"})


def export(slices: Sequence[Slice]) -> pd.DataFrame:
    """All slices and models, unrounded: for other programs."""
    return slices_frame(slices)


def _title(cut: Slice) -> str:
    return f"{label(cut.name, 30)} ({cut.n_users:,} users)"


def _range(interval: Interval, form: str) -> str:
    return "–" if interval.low is None or interval.high is None else f"{interval.low:{form}} to {interval.high:{form}}"
