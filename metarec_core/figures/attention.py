"""The Attention page: where the encoder looked beside what each event really does, and the test of the one by the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from metarec_core.explain.explanation import AttentionTrust, AttributeChange, Counterfactuals, Explanation, Orders
from metarec_core.figures.palette import AMBER, BLUE, GREEN, GREY, PINK
from metarec_core.figures.recommendations import Titles
from metarec_core.figures.text import count, event_when, label, listed, percent, sentences
from metarec_core.language import later, say

ROW_HEIGHT: Final = 22
STRONGEST: Final = 20
"""Events that are drawn unless all are asked for."""

LOOKED: Final = later(
    "Attention shows where the encoder looked, not why the item is recommended. "
    "What an event does is the effect beside it."
)

SAME: Final = later(
    "The encoder reads the history before any item is asked for, so attention is the same for every item of the list."
)

ONLY_EFFECTS: Final = later("What each event does: the item's score minus its score without the event.")

CURVES_HELP: Final = later(
    "Events that were attended to are taken out one after the other, or put back. In brackets the mean height of each "
    "curve: if attention tells which events matter, the score falls sooner with the most attended first than at random."
)

COUNTERFACTUAL_HELP: Final = later(
    "The fewest past events, the fewest values of the item (its text is read again without them), or the one situation that "
    "takes the item out of the list, or into it. Each answer was checked by running the whole model again."
)

BADGES: Final = {
    "agrees": (
        "success",
        later("Attention can be believed here."),
        later("The events that the network looked at most are those without which this score would change most."),
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
        later("Do not read reasons out of attention here."),
        later(
            "The events that the network looked at most are not those that move this score. Rely on the effects below."
        ),
    ),
}

HELP: Final = {
    "Attention": later(
        "Share of the last look of the encoder that went to this event. Empty where it does not see the event."
    ),
    "Effect": later(
        "The item's score minus its score without this event, the whole model run again. Positive: it speaks for it."
    ),
    "Gradient": later("The event's share of the sequence part, by integrated gradients."),
}


def standing_words(why: Explanation) -> str:
    """Where the item stands for the user, in the list or not."""
    if why.rank is None:
        return say("The user has had this item; it is scored, but not recommended again.")
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
        rows.append(row | {later("Item id"): event.item_id})
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
            texttemplate="%{text}",
            customdata=[[name] * len(looks) for name in names],
            hovertemplate="%{customdata}<br>%{x}: %{text}<extra></extra>",
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
        autorange="reversed", type="category", tickvals=keys, ticktext=names, automargin=True, fixedrange=True
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
        at = table["Attention"].idxmax()
        said.append(
            say(
                "Attention to past events, newest on top: most to {title}, {share}.",
                title=table["Title"][at],
                share=percent(table["Attention"][at]),
            )
        )
    if "Effect" in table:
        at = table["Effect"].abs().idxmax()
        said.append(
            say(
                "Effect of past events, newest on top: most of all {title}, {value:+.3f}.",
                title=table["Title"][at],
                value=table["Effect"][at],
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
        "The network has no say in this score: on validation this run was not shown to rank better with it, so it weighs 0. "
        "Attention is shown for looking only; the effects are those of the other parts."
    )


def badge_words(why: Explanation) -> BadgeWords | None:
    """What the test of attention found; None where it was not tested."""
    found = why.faithfulness
    if found is None:
        return None
    correlation = say("cannot be told") if found.correlation is None else f"{found.correlation:+.2f}"
    recovered = say("an unknown share") if found.recovered is None else percent(found.recovered)
    kind, headline, details = BADGES[found.badge]
    return BadgeWords(
        kind,
        say(headline),
        say(details),
        say(
            "Each past event was taken out, one at a time, and the whole model was run again: how far the score moves is "
            "the event's effect. Rank correlation of attention with the size of the effects: {correlation}. Then events "
            "were taken out one after the other, the most attended first: that goes {recovered} of the way from a random "
            "order (0%) to the order of the effects (100%). The rule is {rule}",
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
        "Integrated gradients divide what the sequence part says of the item beyond average items ({value:+.3f} against "
        "{start:+.3f}) among the events; they add up to {total:+.3f}, {residual} off.",
        value=found.value,
        start=found.start,
        total=found.total,
        residual=percent(found.residual),
    )
    return sentences(words, "" if found.residual <= 0.05 else say("That is too much to rely on them."))


def trust_table(trust: AttentionTrust) -> pd.DataFrame:
    """How often attention can be believed over a run: a row a slice by length of history."""
    return pd.DataFrame(
        {
            later("Histories"): [say(str(row["slice"]).capitalize()) for row in trust.rows],
            later("Tested"): [row["pairs"] for row in trust.rows],
            later("Agrees"): [row["agrees"] for row in trust.rows],
            later("Weak"): [row["weak"] for row in trust.rows],
            later("Misleading"): [row["misleading"] for row in trust.rows],
            later("Correlation"): [row["correlation"] for row in trust.rows],
            later("Deletion area"): [row["deletion"] for row in trust.rows],
            later("… random"): [row["deletion_random"] for row in trust.rows],
            later("Insertion area"): [row["insertion"] for row in trust.rows],
            later("… random "): [row["insertion_random"] for row in trust.rows],
        }
    )


_LENGTHS: Final = (later("All"), later("Up to 10 events"), later("11 to 50 events"), later("More than 50 events"))
"""Histories as ``trust_table`` names them."""

TRUST_SHARES: Final = ("Agrees", "Weak", "Misleading")


def trust_words(trust: AttentionTrust) -> str:
    """The same in a sentence."""
    if not trust.rows:
        return say(
            "There is nothing to test: no attention, or histories too short to tell one order of events from another."
        )
    everyone = trust.rows[0]
    return say(
        "Of {pairs} tested, each the first of a user's list, attention agrees with the real effects in {agrees}, is weak in "
        "{weak} and misleading in {misleading}. Areas: medians, as shares of the way from the score without the attended "
        "events to the whole score; believable attention has a smaller deletion and a larger insertion area than a random "
        "order.",
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
            "The item: if it had not {names}, it would be at #{rank:,} and not in the list.",
            names=names,
            rank=found.rank,
        )
        return _smallest(fallen, found.smallest)
    return say("The item: if it also had {names}, it would be at #{rank:,}.", names=names, rank=found.rank)


def _smallest(fallen: str, smallest: bool) -> str:
    return sentences(fallen, say("No smaller set does it.") if smallest else "")
