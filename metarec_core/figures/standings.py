"""The Evaluate page: all runs on the same data and split, with the baselines among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from metarec_core.evaluation.bootstrap import Interval
from metarec_core.evaluation.significance import p_words, signed
from metarec_core.evaluation.standings import Standing, standings_frame
from metarec_core.figures.evaluate import model_title
from metarec_core.figures.text import span
from metarec_core.language import later, say


def table(rows: Sequence[Standing], run_id: str, titles: Mapping[str, str]) -> pd.DataFrame:
    """One row a run or baseline, best first; columns Model, NDCG@10, 95% interval, Minus best simple model, p-value.

    Args:
        rows: Best first.
        run_id: The open run, called so.
        titles: Of runs, by id.
    """
    shown = []
    for row in rows:
        title = titles.get(row.name, row.name) if row.is_run else model_title(row.name)
        ndcg = row.measures["ndcg@10"]
        gain = "" if row.gain is None else f"{signed(row.gain.mean)} ({_range(row.gain, '+.3f')})"
        shown.append(
            {
                later("Model"): say("This run: {title}", title=title) if row.name == run_id else title,
                later("NDCG@10"): round(ndcg.mean, 3),
                later("95% interval"): _range(ndcg, ".3f"),
                later("Minus best simple model"): gain,
                later("p-value"): "" if row.p is None else p_words(row.p.holm),
            }
        )
    return pd.DataFrame(shown)


def export(rows: Sequence[Standing]) -> pd.DataFrame:
    """Every measure of every row, unrounded: for other programs."""
    return standings_frame(rows)


def _range(interval: Interval, form: str) -> str:
    return "–" if interval.low is None or interval.high is None else span(interval.low, interval.high, form)
