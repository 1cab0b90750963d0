"""The Evaluate page: what each part, and meta-knowledge, is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from metarec_core.evaluation.ablation import Ablation
from metarec_core.evaluation.bootstrap import Interval
from metarec_core.evaluation.significance import signed
from metarec_core.figures.evaluate import points
from metarec_core.figures.palette import GREY
from metarec_core.figures.parts import part_style
from metarec_core.figures.slices import name_title, why_grey
from metarec_core.figures.text import count, listed, sentences, span
from metarec_core.language import later, say
from metarec_core.models.metarec import FIXED, PAIRWISE, SEPARABLE

WITHOUT: Final = "without "
HELP: Final = later(
    "Each row is this run with one thing changed, tested on the same questions. The reference is the "
    "best fixed weights: each part has the one weight that ranked best on validation. When a part is "
    "left out, the other weights are chosen again."
)
TITLES: Final = {
    FIXED: later("Fixed weights"),
    SEPARABLE: later("Meta-knowledge k(u) · k(i)"),
    PAIRWISE: later("Meta-knowledge k(u, i)"),
}


def variant_title(name: str) -> str:
    """A variant for people."""
    if name.startswith(WITHOUT):
        return say("Without “{part}”", part=say(part_style(name.removeprefix(WITHOUT)).title).lower())
    return say(TITLES.get(name, name.capitalize()))


def gains(ablation: Ablation, slice_name: str) -> go.Figure:
    """Each variant minus the fixed weights on one slice, grey where it is small: left of the line at 0 the variant is worse."""
    enough = not ablation.is_small(slice_name)
    rows = [(variant_title(name), row[slice_name], enough) for name, row in ablation.gains.items() if name != FIXED]
    figure = points(rows, say("Difference in NDCG@10"), "+.4f")
    figure.add_vline(x=0, line={"dash": "dot", "width": 1, "color": GREY})
    return figure


def gains_caption(ablation: Ablation, slice_name: str) -> str:
    """How the chart is read, and whether it tells much."""
    return sentences(
        say("Each variant minus the fixed weights. Left of the dotted line it is worse, so what was left out helps."),
        why_grey(ablation.is_small(slice_name)),
    )


def words(ablation: Ablation, slice_name: str) -> str:
    """The chart in one sentence."""
    fixed = ablation.ndcg[FIXED][slice_name].mean
    found = {variant_title(name): row[slice_name].mean for name, row in ablation.gains.items() if name != FIXED}
    return say(
        "On {slice}, fixed weights reach NDCG@10 {fixed:.4f}; the difference is {gains}.",
        slice=slice_title(slice_name, ablation),
        fixed=fixed,
        gains=listed(f"{title[0].lower()}{title[1:]} {signed(gain, 4)}" for title, gain in found.items()),
    )


def network_words(learned: Mapping[str, Any]) -> str | None:
    """Whether the run trusts its network, and why, in a sentence; None where there was nothing to choose.

    Args:
        learned: Of a run's manifest.
    """
    found = learned.get("network")
    if not found or "low" not in found:
        return None
    gained = say(
        "{gain:+.4f} NDCG@10 on validation under fixed weights (at least {low:+.4f} with 97.5% certainty)",
        gain=found["gain"],
        low=found["low"],
    )
    low = found.get("low_with_meta")
    if low is not None:
        gained = say(
            "{gained}, and {gain:+.4f} where meta-knowledge knows when to trust it (at least {low:+.4f})",
            gained=gained,
            gain=found["gain_with_meta"],
            low=low,
        )
    if found.get("alone"):
        return say(
            "The sequence network serves alone: on validation, all other parts together rank worse than it does."
        )
    if found["kept"]:
        return say("The sequence network is part of this run: it adds {gained}.", gained=gained)
    return say(
        "The sequence network is left out of every score, because no improvement was proven: it adds {gained}.",
        gained=gained,
    )


def slice_title(slice_name: str, ablation: Ablation) -> str:
    """A slice with its size in users; in questions where a run of an earlier version knows no other."""
    name = name_title("all questions" if slice_name == "all" else slice_name)
    users = ablation.users.get(slice_name)
    size = count(ablation.queries[slice_name], "question") if users is None else count(users, "user")
    return say("{name} ({size})", name=name, size=size)


def table(ablation: Ablation, slice_name: str) -> pd.DataFrame:
    """One row a variant; columns Variant, NDCG@10, 95% interval, Difference, In per cent."""
    fixed = ablation.ndcg[FIXED][slice_name].mean
    rows = []
    for name, row in ablation.ndcg.items():
        gain = ablation.gains[name][slice_name]
        rows.append(
            {
                later("Variant"): variant_title(name),
                later("NDCG@10"): f"{row[slice_name].mean:.4f}",
                later("95% interval"): _range(row[slice_name], ".4f"),
                later("Difference"): "" if name == FIXED else _difference(gain),
                later("In percent"): f"{gain.mean / fixed:+.1%}" if gain.mean and fixed > 0 else "",
            }
        )
    return pd.DataFrame(rows)


def _difference(gain: Interval) -> str:
    if gain.mean == gain.low == gain.high == 0:
        return say("none")
    return f"{signed(gain.mean, 4)} ({_range(gain, '+.4f')})"


def _range(interval: Interval, form: str) -> str:
    return "–" if interval.low is None or interval.high is None else span(interval.low, interval.high, form)
