"""The Attention page: where the encoder looked beside what each event really does, and the test of the one by the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from metarec_core.explain.explanation import AttentionTrust, AttributeChange, Counterfactuals, Explanation, Orders
from metarec_core.figures.palette import AMBER, BLUE, GREEN, GREY, PINK
from metarec_core.figures.recommendations import Titles
from metarec_core.figures.slices import kind_title, name_title
from metarec_core.figures.text import count, event_when, label, listed, percent, sentences
from metarec_core.language import later, say

ROW_HEIGHT: Final = 22
ALWAYS_DARK: Final = 0.8
"""Share of the deepest shade from which a cell is dark in the light theme too, so that words on it are white in both."""

STRONGEST: Final = 20
"""Events that are drawn unless all are asked for."""

LOOKED: Final = later(
    "Attention shows where the encoder looked, not why the item is recommended. What an event really "
    "does is its effect, shown beside it."
)

SAME: Final = later(
    "The encoder reads the history before any item is considered, so attention is the same for every item in the list."
)

ONLY_EFFECTS: Final = later("What each event does: the item's score minus its score without the event.")

CURVES_HELP: Final = later(
    "Attended events are taken out one after another, or put back. The mean height of each curve is in "
    "brackets: if attention finds the events that matter, the score falls sooner with the most attended "
    "first than in random order."
)

COUNTERFACTUAL_HELP: Final = later(
    "The fewest past events, the fewest values of the item (its text is read again without them), or the "
    "one situation that would take the item out of the list, or into it. Each answer was checked by "
    "running the whole model again."
)

BADGES: Final = {
    "agrees": (
        "success",
        later("Attention can be trusted here."),
        later("The events that the network looked at most are those whose removal changes this score most."),
    ),
    "weak": (
        "warning",
        later("Attention is only a rough hint here."),
        later(
            "Some of the events that the network looked at most move this score, others do not. Rely on the effects below."
        ),
    ),
    "misleading": (
        "error",
        later("Do not read attention as a reason here."),
        later(
            "The events that the network looked at most are not the ones that move this score. Rely on "
            "the effects below."
        ),
    ),
}

HELP: Final = {
    "Attention": later(
        "Share of the encoder's last attention that went to this event. Empty if the encoder does not see the event."
    ),
    "Effect": later(
        "The item's score minus its score without this event, with the whole model run again. Positive: "
        "it supports the item."
    ),
    "Gradient": later("The event's share of the sequence part, by integrated gradients."),
}


def standing_words(why: Explanation) -> str:
    """Where the item stands for the user, in the list or not."""
    if why.rank is None:
        return say("The user already had this item; it is scored, but not recommended again.")
    return say("It is at #{rank:,} for this user, with a score of {score:.3f}.", rank=why.rank, score=why.score)


def event_table(why: Explanation, title: Titles) -> pd.DataFrame:
    """Every event the model sees, newest first: title, time, attention, heads where there are several, effect, gradient, id."""
    n = max(len(why.effects), len(why.attention))
    rows = []
    for place in range(n):
        event = why.effects[place] if why.effects else why.attention[place]
        row: dict[str, object] = {later("Title"): title(event.item_id), later("When"): event_when(event.time)}
        if why.attention:
            row[later("Attention")] = why.attention[place].weight
            row |= {name.capitalize(): w for name, w in zip(why.heads, why.attention[place].heads, strict=True)}
        if why.effects:
            row[later("Effect")] = why.effects[place].effect
            if why.completeness is not None:
                row[later("Gradient")] = why.effects[place].gradient
        rows.append(row | {later("Item ID"): event.item_id})
    table = pd.DataFrame(rows).iloc[::-1].reset_index(drop=True)
    return table.astype({"Gradient": float}) if "Gradient" in table else table


def drawn_events(table: pd.DataFrame, whole: bool) -> pd.DataFrame:
    """The events to draw, newest first: all, or those with most attention or effect."""
    if whole or len(table) <= STRONGEST:
        return table
    ranks = [table[name].abs().rank(ascending=False) for name in ("Attention", "Effect") if name in table]
    strongest = pd.concat(ranks, axis=1).min(axis=1).nsmallest(STRONGEST, keep="first").index
    return table.loc[sorted(strongest)]


def heatmap(table: pd.DataFrame) -> go.Figure:
    """Attention (and its heads) as shades beside the real effects as bars, one row an event, newest on top.

    Args:
        table: Rows of ``event_table``.
    """
    names = [f"{label(title, 34)} · {moment}" for title, moment in zip(table["Title"], table["When"], strict=True)]
    keys = [f"{number}" for number in range(len(table))]
    looks = [name for name in table if name == "Attention" or str(name).startswith("Layer ")]
    effects = "Effect" in table
    figure = make_subplots(
        rows=1,
        cols=2 if looks and effects else 1,
        shared_yaxes=True,
        horizontal_spacing=0.03,
        column_widths=[0.15 + 0.07 * len(looks), 0.6] if looks and effects else None,
        subplot_titles=[
            text for text, there in ((say("Where it looked"), looks), (say("What it does"), effects)) if there
        ],
    )
    if looks:
        shares = table[looks].to_numpy(dtype=float)
        figure.add_heatmap(
            x=[say(str(name)) for name in looks],
            y=keys,
            z=shares,
            zmin=0,
            zmax=max(float(shares.max(initial=0)), 1e-9),
            colorscale=[[0, "rgba(29, 102, 170, 0.04)"], [1, BLUE]],
            showscale=False,
            xgap=2,
            ygap=1,
            text=[[percent(share) for share in row] for row in shares],
            customdata=[[name] * len(looks) for name in names],
            hovertemplate="%{customdata}<br>%{x}: %{text}<extra></extra>",
            row=1,
            col=1,
        )
        dark = shares >= ALWAYS_DARK * max(float(shares.max(initial=0)), 1e-9)
        for cells, font in ((~dark, None), (dark, {"color": "white"})):
            rows, columns = np.nonzero(cells)
            figure.add_scatter(
                x=[say(str(looks[column])) for column in columns],
                y=[keys[row] for row in rows],
                text=[percent(share) for share in shares[cells]],
                mode="text",
                textfont=font,
                hoverinfo="skip",
                row=1,
                col=1,
            )
    if effects:
        values = table["Effect"]
        figure.add_bar(
            x=values,
            y=keys,
            orientation="h",
            marker={"color": [GREEN if value >= 0 else PINK for value in values], "line": {"width": 0}},
            customdata=[
                say("{event}<br>Effect: {value:+.3f}", event=name, value=value)
                for name, value in zip(names, values, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
            row=1,
            col=2 if looks else 1,
        )
    figure.update_yaxes(
        autorange="reversed",
        type="category",
        tickvals=keys,
        ticktext=names,
        automargin=True,
        fixedrange=True,
        showgrid=False,
    )
    figure.update_xaxes(fixedrange=True)
    figure.update_layout(
        height=ROW_HEIGHT * max(len(table), 4) + 110, margin={"l": 8, "r": 16, "t": 40, "b": 8}, showlegend=False
    )
    return figure


def heatmap_words(table: pd.DataFrame) -> str:
    """The heat map and its bars in a sentence: what was looked at most, and what does most."""
    said = []
    if "Attention" in table and table["Attention"].notna().any():
        at = int(table["Attention"].to_numpy(dtype=float, na_value=-1).argmax())
        said.append(
            say(
                "Attention to past events, newest on top: most to {title}, {share}.",
                title=table["Title"].iat[at],
                share=percent(float(str(table["Attention"].iat[at]))),
            )
        )
    if "Effect" in table:
        at = int(table["Effect"].abs().to_numpy(dtype=float, na_value=-1).argmax())
        said.append(
            say(
                "Effect of past events, newest on top: strongest for {title}, {value:+.3f}.",
                title=table["Title"].iat[at],
                value=table["Effect"].iat[at],
            )
        )
    return sentences(*said)


def curves_words(orders: Orders, kind: str) -> str:
    """One of the charts of curves in a sentence: the mean height of each."""
    return say(
        "The item's score as events are taken out. Mean height: most attended first {attention:.2f}, least attended first "
        "{reverse:.2f}, random order {random:.2f}, greatest effect first {effect:.2f}."
        if kind == "deletion"
        else "The item's score as events are put back. Mean height: most attended first {attention:.2f}, least attended first "
        "{reverse:.2f}, random order {random:.2f}, greatest effect first {effect:.2f}.",
        attention=orders.attention.area,
        reverse=orders.reverse.area,
        random=orders.random.area,
        effect=orders.effect.area,
    )


def curves_table(orders: Orders, steps: tuple[int, ...]) -> pd.DataFrame:
    """One of the charts of curves in numbers: Events, and the score in each of the four orders."""
    return pd.DataFrame(
        {
            later("Events"): steps,
            later("Most attended first"): orders.attention.scores,
            later("Least attended first"): orders.reverse.scores,
            later("Random order"): orders.random.scores,
            later("Greatest effect first"): orders.effect.scores,
        }
    )


def curves(orders: Orders, steps: tuple[int, ...], kind: str) -> go.Figure:
    """The item's score as attended events go ("deletion") or come back ("insertion"), in four orders."""
    figure = go.Figure()
    styles = (
        (say("Most attended first"), orders.attention, BLUE, "solid"),
        (say("Least attended first"), orders.reverse, AMBER, "dash"),
        (say("Random order"), orders.random, GREY, "dot"),
        (say("Greatest effect first"), orders.effect, GREEN, "dashdot"),
    )
    for name, curve, colour, dash in styles:
        figure.add_scatter(
            x=steps,
            y=curve.scores,
            name=f"{name} ({curve.area:.2f})",
            mode="lines",
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate=say("{name}<br>%{{x}} events: %{{y:.3f}}<extra></extra>", name=name),
        )
    figure.update_layout(
        height=320,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
        xaxis={"title": say("Events taken out" if kind == "deletion" else "Events put back"), "fixedrange": True},
        yaxis={"title": say("Score of the item"), "fixedrange": True},
    )
    return figure


@dataclass(frozen=True)
class BadgeWords:
    """The outcome of the test, in words.

    Attributes:
        kind: "success", "warning" or "error".
        headline: One short sentence.
        details: What that means.
        test: How it was tested, what came out, and the rule.
    """

    kind: str
    headline: str
    details: str
    test: str


def unheard_words(why: Explanation) -> str | None:
    """That the network has no say in the score, where its part is nothing; None where it has one."""
    if not any(part.name == "sequence" and part.value == 0 for part in why.parts):
        return None
    return say(
        "The network has no say in this score: in this run it was not proven to rank better on "
        "validation, so its weight is 0. Attention is shown for information only; the effects are those "
        "of the other parts."
    )


def badge_words(why: Explanation) -> BadgeWords | None:
    """What the test of attention found; None where it was not tested."""
    found = why.faithfulness
    if found is None:
        return None
    correlation = say("cannot be determined") if found.correlation is None else f"{found.correlation:+.2f}"
    recovered = say("an unknown share") if found.recovered is None else percent(found.recovered)
    kind, headline, details = BADGES[found.badge]
    return BadgeWords(
        kind,
        say(headline),
        say(details),
        say(
            "Each past event was removed, one at a time, and the whole model was run again: the change "
            "in score is the event's effect. Rank correlation of attention with the size of the effects: "
            "{correlation}. Then events were removed one after another, the most attended first: that "
            "goes {recovered} of the way from a random order (0%) to the order of effects (100%). The "
            "rule is {rule}",
            correlation=correlation,
            recovered=recovered,
            rule=found.rule,
        ),
    )


def completeness_words(why: Explanation) -> str | None:
    """How far the gradients add up; None without them."""
    found = why.completeness
    if found is None:
        return None
    words = say(
        "Integrated gradients divide what the sequence part says about the item, relative to average "
        "items ({value:+.3f} against {start:+.3f}), among the events; they add up to {total:+.3f}, "
        "{residual} off.",
        value=found.value,
        start=found.start,
        total=found.total,
        residual=percent(found.residual),
    )
    return sentences(words, "" if found.residual <= 0.05 else say("That is too far off to rely on them."))


def trust_table(trust: AttentionTrust) -> pd.DataFrame:
    """How often attention can be believed over a run: a row a slice."""
    return pd.DataFrame(
        {
            later("By"): [_kind(row) for row in trust.rows],
            later("Slice"): [_slice(row) for row in trust.rows],
            later("Tested"): [row["pairs"] for row in trust.rows],
            later("Agrees"): [row["agrees"] for row in trust.rows],
            later("Weak"): [row["weak"] for row in trust.rows],
            later("Misleading"): [row["misleading"] for row in trust.rows],
            later("Correlation"): [row["correlation"] for row in trust.rows],
            later("… lower quartile"): [row["correlation_low"] for row in trust.rows],
            later("… upper quartile"): [row["correlation_high"] for row in trust.rows],
            later("Deletion area"): [row["deletion"] for row in trust.rows],
            later("… random"): [row["deletion_random"] for row in trust.rows],
            later("Insertion area"): [row["insertion"] for row in trust.rows],
            later("… random "): [row["insertion_random"] for row in trust.rows],
        }
    )


def trust_strips(trust: AttentionTrust) -> go.Figure:
    """A strip a slice, its width divided among the badges; slices of one kind lie together, all pairs on top."""
    names = [
        say("{slice} ({n:,} tested)", slice=label(_slice(row), 40), n=row["pairs"])
        if row["kind"] == "All"
        else say(
            "{kind}: {slice} ({n:,} tested)", kind=label(_kind(row), 30), slice=label(_slice(row), 40), n=row["pairs"]
        )
        for row in trust.rows
    ]
    keys = [str(number) for number in range(len(names))]
    figure = go.Figure()
    for badge, title, colour in (
        ("agrees", say("Agrees"), GREEN),
        ("weak", say("Weak"), AMBER),
        ("misleading", say("Misleading"), PINK),
    ):
        shares = [row[badge] for row in trust.rows]
        figure.add_bar(
            x=shares,
            y=keys,
            orientation="h",
            name=title,
            marker={"color": colour, "line": {"width": 0}},
            text=[percent(share) if share >= _ROOM else "" for share in shares],
            textposition="inside",
            insidetextanchor="middle",
            customdata=[f"{name}<br>{title}: {percent(share)}" for name, share in zip(names, shares, strict=True)],
            hovertemplate="%{customdata}<extra></extra>",
        )
    figure.update_yaxes(
        autorange="reversed",
        type="category",
        tickvals=keys,
        ticktext=names,
        automargin=True,
        fixedrange=True,
        showgrid=False,
    )
    figure.update_xaxes(range=[0, 1], tickformat=".0%", fixedrange=True)
    figure.update_layout(
        barmode="stack",
        height=(ROW_HEIGHT + 4) * len(names) + 110,
        margin={"l": 8, "r": 16, "t": 40, "b": 8},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "traceorder": "normal"},
    )
    return figure


def _kind(row: Mapping[str, Any]) -> str:
    return kind_title(str(row["kind"]))


def _slice(row: Mapping[str, Any]) -> str:
    """Which pairs: named by the code, or a value of somebody's column."""
    if row["kind"] == "All":
        return say("All users")
    return str(row["slice"]) if str(row["kind"]).startswith("User: ") else name_title(str(row["slice"]))


TRUST_SHARES: Final = ("Agrees", "Weak", "Misleading")

_ROOM: Final = 0.07  # share of a strip that has room for its figure


def trust_words(trust: AttentionTrust) -> str:
    """The same in a sentence."""
    if not trust.rows:
        return say(
            "There is nothing to test: no attention, or histories too short to tell one order of events from another."
        )
    everyone = trust.rows[0]
    return say(
        "Of {pairs} tested, each the first of a user's list, attention agrees with the real effects in "
        "{agrees}, is weak in {weak} and misleading in {misleading}. Areas are medians, as shares of the "
        "way from the score without the attended events to the full score; attention that can be trusted "
        "has a smaller deletion area and a larger insertion area than a random order.",
        pairs=count(everyone["pairs"], "recommendation"),
        agrees=percent(everyone["agrees"]),
        weak=percent(everyone["weak"]),
        misleading=percent(everyone["misleading"]),
    )


def counterfactual_words(found: Counterfactuals, title: Titles) -> list[str]:
    """What would have to be different, a sentence each: history, item, situation; then what was not found."""
    words = []
    if found.removal is not None:
        names = listed(
            say("“{title}” ({when})", title=title(event.item_id), when=event_when(event.time))
            for event in found.removal.events
        )
        fallen = say(
            "History: without {names} it would be at #{rank:,} and not in the list.",
            names=names,
            rank=found.removal.rank,
        )
        words.append(_smallest(fallen, found.removal.smallest))
    if found.addition is not None:
        names = say(", then ").join(say("“{title}”", title=title(item)) for item in found.addition.items)
        words.append(say("History: after {names} it would be at #{rank:,}.", names=names, rank=found.addition.rank))
    if found.attributes is not None:
        words.append(_attribute_words(found.attributes))
    if found.context is not None:
        words.append(
            say(
                "Situation: with {column} {value} instead of {before} it would be at #{rank:,}.",
                column=found.context.column,
                value=found.context.value,
                before=found.context.instead_of or say("an unknown one"),
                rank=found.context.rank,
            )
        )
    return words + list(found.remarks)


def _attribute_words(found: AttributeChange) -> str:
    names = listed(
        say("{name} “{value}”", name=one.name.replace("_", " "), value=one.value)
        for one in found.removed or found.added
    )
    if found.removed:
        fallen = say(
            "The item: without {names} it would be at #{rank:,} and not in the list.",
            names=names,
            rank=found.rank,
        )
        return _smallest(fallen, found.smallest)
    return say("The item: with {names} as well it would be at #{rank:,}.", names=names, rank=found.rank)


def _smallest(fallen: str, smallest: bool) -> str:
    return sentences(fallen, say("No smaller set is enough.") if smallest else "")
