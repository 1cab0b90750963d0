"""The Meta-knowledge page: when which part is trusted, what that is worth to whom, and what it is worth elsewhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from metarec_core.evaluation.ablation import Ablation
from metarec_core.evaluation.bootstrap import Interval
from metarec_core.evaluation.meta_knowledge import LENGTH, LISTED, POPULARITY, KPoint, Look
from metarec_core.evaluation.significance import signed
from metarec_core.evaluation.transfer import Transfer
from metarec_core.figures.ablation import slice_title
from metarec_core.figures.evaluate import points
from metarec_core.figures.palette import AMBER, BLUE, GREY, TEAL
from metarec_core.figures.parts import part_style
from metarec_core.figures.slices import name_title, why_grey
from metarec_core.figures.text import count, listed, percent, sentences, span
from metarec_core.language import later, say
from metarec_core.models.metarec import FIXED, PAIRWISE, SEPARABLE

__all__ = ["LENGTH", "POPULARITY"]

COLUMNS: Final = 4
PANEL_HEIGHT: Final = 170

K_HELP: Final = later(
    "k of one part for one user and one item: 0 trusts the part as the fixed weights do, -1 not at all, "
    "+1 twice as much. Lines are means; four of five pairs lie within the band."
)
FEW_SHOT_HELP: Final = later(
    "All test questions, asked as if only each user's last events were known; users with fewer keep all "
    "of theirs. Everything seen before stays out of the lists. Bands are 95% intervals over users."
)
SLICES_HELP: Final = later(
    "Test questions, NDCG@10 with meta-knowledge minus the best fixed weights: each part with the one "
    "weight that ranked best on validation. Right of the dotted line, meta-knowledge ranks better."
)
LISTS_HELP: Final = later("Lists of ten as they would be now, with meta-knowledge and with the fixed weights only.")
TRANSFER_HELP: Final = later(
    "Meta-knowledge sees no IDs, only how much is known and what each part says. So it can be taken from "
    "one run to another with the same parts."
)
KIND_TITLES: Final = {
    PAIRWISE: later("k of each user and item"),
    SEPARABLE: later("k of each user times k of each item"),
}


@dataclass(frozen=True)
class Verdict:
    """Whether meta-knowledge is at work, in words.

    Attributes:
        kind: "success" (it is), "warning" (it was refused) or "info" (there was none to judge).
        headline: One short sentence.
        details: What was measured.
    """

    kind: str
    headline: str
    details: str


def verdict(learned: Mapping[str, Any]) -> Verdict:
    """What training decided.

    Args:
        learned: Of a run's manifest.
    """
    judged = {name: learned[name] for name in (PAIRWISE, SEPARABLE) if learned.get(name)}
    if not judged:
        return Verdict(
            "info",
            say("This run was trained without meta-knowledge"),
            say(
                "Every part has one weight for all users and items. Train with meta-knowledge switched on to see if it helps."
            ),
        )
    kept = [name for name in judged if judged[name]["kept"]]
    if kept:
        name = max(kept, key=lambda name: float(judged[name]["gain"]))
        said = say("Meta-knowledge is in use: {kind}", kind=say(KIND_TITLES[name]))
        return Verdict("success", said, _gain_words(judged[name]))
    if all(found["trust"] == 0 for found in judged.values()):
        answers = max(int(found["answers"]) for found in judged.values())
        return Verdict(
            "info",
            say("There was too little data to train meta-knowledge"),
            say(
                "Validation has {answers}; meta-knowledge would memorise them. This run recommends with fixed weights.",
                answers=count(answers, "answer"),
            ),
        )
    name = max(judged, key=lambda name: float(judged[name]["gain"]))
    return Verdict(
        "warning",
        say("Meta-knowledge was trained but is not used: no proven improvement on this data"),
        sentences(
            _gain_words(judged[name]),
            say("This run recommends with fixed weights, the same for all users and items."),
        ),
    )


def _gain_words(found: Mapping[str, Any]) -> str:
    return say(
        "On {answers} that it had not learned from, NDCG@10 was {fixed:.4f} with fixed weights, and "
        "meta-knowledge changed it by {gain:+.4f}; it is used only if the lower end of the 95% "
        "interval, here {low:+.4f}, is above 0.",
        answers=count(found["answers"], "validation answer"),
        fixed=found["fixed"],
        gain=found["gain"],
        low=found["low"],
    )


def look_words(look: Look) -> str:
    """What is shown, and who judges it."""
    if look.served:
        return say(
            "This is the meta-knowledge that the run recommends with. It is tested on {questions} that "
            "neither it nor the parts have learned from.",
            questions=count(look.questions, "test question"),
        )
    if look.learned:
        return say(
            "The run works without meta-knowledge. What is shown here was trained for information only, "
            "on {answers} from half of the users, and tested on {questions} from the other half. Lists "
            "elsewhere in the app do not use it.",
            answers=count(look.taught, "test answer"),
            questions=count(look.questions, "question"),
        )
    return say(
        "{answers} are too few to train meta-knowledge, so there are no curves of k. The curves below "
        "are those of the fixed weights.",
        answers=count(look.taught, "test answer"),
    )


def slices(ablation: Ablation) -> go.Figure:
    """With meta-knowledge minus without, on each slice; small slices are grey circles."""
    gains = ablation.gains[_kind(ablation)]
    rows = [(slice_title(name, ablation), gain, not ablation.is_small(name)) for name, gain in gains.items()]
    figure = points(rows, say("With meta-knowledge minus without, NDCG@10"), "+.4f")
    figure.add_vline(x=0, line={"dash": "dot", "width": 1, "color": GREY})
    return figure


def slices_words(ablation: Ablation) -> str:
    """The same in a sentence."""
    gains = ablation.gains[_kind(ablation)]
    return say(
        "NDCG@10 with meta-knowledge minus without: {gains}",
        gains=listed(f"{slice_title(name, ablation)} {gain.mean:+.4f}" for name, gain in gains.items()),
    )


def slices_table(ablation: Ablation) -> pd.DataFrame:
    """One row a slice: Questions about, Questions, Users, Without, With, Difference, 95% interval."""
    kind = _kind(ablation)
    rows = [
        (
            say("all") if name == "all" else name_title(name),
            ablation.queries[name],
            ablation.users.get(name),
            f"{ablation.ndcg[FIXED][name].mean:.4f}",
            f"{ablation.ndcg[kind][name].mean:.4f}",
            signed(gain.mean, 4),
            _range(gain, "+.4f"),
        )
        for name, gain in ablation.gains[kind].items()
    ]
    names = [later("Questions about"), later("Questions"), later("Users"), later("Without"), later("With")]
    table = pd.DataFrame(rows, columns=[*names, later("Difference"), later("95% interval")])
    return table.dropna(axis="columns", how="all")  # earlier versions did not count users


def slices_grey(ablation: Ablation) -> str:
    """Why some of them are grey; "" where none is."""
    return why_grey(any(map(ablation.is_small, ablation.queries)))


def has_slices(ablation: Ablation | None) -> bool:
    """Whether meta-knowledge was measured by slice."""
    return ablation is not None and bool(ablation.queries) and any(n in ablation.gains for n in (PAIRWISE, SEPARABLE))


def _kind(ablation: Ablation) -> str:
    """The better kind of meta-knowledge over all questions."""
    there = [name for name in (PAIRWISE, SEPARABLE) if name in ablation.gains]
    return max(there, key=lambda name: ablation.gains[name]["all"].mean)


def k_curves(look: Look, by: str) -> go.Figure:
    """A small panel a part: k against how much is known, with the band that four of five pairs are in."""
    chosen = [point for point in look.k if point.by == by]
    parts = [part for part in _parts(look) if part not in muted(look)]
    across = max(min(COLUMNS, len(parts)), 1)
    rows = max(math.ceil(len(parts) / across), 1)
    figure = make_subplots(
        rows=rows,
        cols=across,
        shared_yaxes="all",
        subplot_titles=[say(part_style(part).title) for part in parts],
        horizontal_spacing=0.025,
        vertical_spacing=0.36 / rows,
    )
    traces, places = [], []
    for place, part in enumerate(parts):
        own = [point for point in chosen if point.part == part]
        style = part_style(part)
        x = [events_words(point) for point in own]
        band = go.Scatter(
            x=[*x, *x[::-1]], y=[p.low for p in own] + [p.high for p in own[::-1]], mode="lines", line={"width": 0},
            fill="toself", fillcolor=_shade(style.colour), hoverinfo="skip",
        )  # fmt: skip
        mean = go.Scatter(
            x=x,
            y=[p.mean for p in own],
            mode="lines+markers",
            line={"width": 2, "color": style.colour},
            marker={"size": 5},
            customdata=[(p.low, p.high, p.pairs) for p in own],
            hovertemplate=say(
                "{part}, %{{x}} events: k %{{y:+.2f}}<br>four of five pairs between %{{customdata[0]:+.2f}} and "
                "%{{customdata[1]:+.2f}}<br>%{{customdata[2]:,}} pairs",
                part=say(style.title),
            )
            + "<extra></extra>",
        )
        traces += [band, mean]
        places += [(1 + place // across, 1 + place % across)] * 2
    if traces:
        figure.add_traces(traces, *(list(numbers) for numbers in zip(*places, strict=True)))
    figure.update_xaxes(type="category", fixedrange=True, tickangle=0, tickfont={"size": 10}, nticks=6)
    figure.update_yaxes(
        fixedrange=True, tickformat="+.2f", zeroline=True, zerolinewidth=1, zerolinecolor=GREY, nticks=5
    )
    figure.update_annotations(font={"size": 13})
    figure.update_layout(height=PANEL_HEIGHT * rows + 40, margin={"l": 8, "r": 8, "t": 28, "b": 8}, showlegend=False)
    return figure


def k_words(look: Look, by: str) -> str:
    """The figure in a sentence: each part where least and where most is known."""
    told = []
    for part in (part for part in _parts(look) if part not in muted(look)):
        own = [point for point in look.k if point.by == by and point.part == part]
        told.append(f"{say(part_style(part).title).lower()} {span(own[0].mean, own[-1].mean, '+.2f')}")
    return say(
        "Mean k as the user's history grows: {values}"
        if by == LENGTH
        else "Mean k as the item's events grow: {values}",
        values=listed(told),
    )


def muted(look: Look) -> list[str]:
    """Parts that k leaves alone: those to which the fixed weights give nothing to trust."""
    return [part for part in _parts(look) if not any(p.low or p.mean or p.high for p in look.k if p.part == part)]


def _parts(look: Look) -> list[str]:
    return list(dict.fromkeys(point.part for point in look.k))


def k_caption(look: Look, by: str) -> str:
    """What the horizontal axis is, and which parts are not drawn."""
    names = listed(say(part_style(part).title).lower() for part in muted(look))
    left_out = say("Not drawn, because this run gives them no weight: {names}.", names=names) if names else ""
    return sentences(_axis_words(by), left_out)


def _axis_words(by: str) -> str:
    if by == LENGTH:
        return say(
            "Horizontal: events known of the user, cut from the histories of test users who have at "
            "least that many. The best {n} items of each.",
            n=LISTED,
        )
    return say("Horizontal: events of the item, known before the test. All items that meta-knowledge may move.")


def k_table(look: Look, by: str) -> pd.DataFrame:
    """Columns Part, Events known, Mean k, 10th percentile, 90th percentile, Pairs."""
    rows = [
        (say(part_style(p.part).title), events_words(p), p.mean, p.low, p.high, p.pairs) for p in look.k if p.by == by
    ]
    names = [later("Part"), later("Events known"), later("Mean k"), later("10th percentile"), later("90th percentile")]
    return pd.DataFrame(rows, columns=[*names, later("Pairs")])


def events_words(point: KPoint) -> str:
    """``0``, ``1``, ``2–3``."""
    return f"{point.first}" if point.first == point.last else f"{point.first:,}–{point.last:,}"


def few_shot(look: Look) -> go.Figure:
    """NDCG@10 against events known, with meta-knowledge, without, and by popularity; each line has its name at its end."""
    curves: list[tuple[str, Callable[[Any], Interval | None], str, str]] = [
        (say("Popularity"), lambda shot: shot.popular, AMBER, "dot"),
        (say("Without"), lambda shot: shot.without, GREY, "dash"),
        (say("With meta-knowledge"), lambda shot: shot.with_k, BLUE, "solid"),
    ]
    figure = go.Figure()
    x = [f"{shot.known}" for shot in look.few_shot]
    ends = []
    for name, value, colour, dash in curves:
        found = [value(shot) for shot in look.few_shot]
        known = [interval for interval in found if interval is not None]
        if len(known) < len(x) or not x:
            continue
        _banded(figure, x, known, name, colour, dash, say("{name}, {at} events known", name=name, at="%{x}"))
        ends.append((known[-1].mean, name, colour))
    _name_ends(figure, len(x) - 1, ends)
    figure.update_layout(
        height=340,
        margin={"l": 8, "r": 150, "t": 8, "b": 8},
        showlegend=False,
        xaxis={"title": say("Latest events known of each user"), "type": "category", "fixedrange": True},
        yaxis={"title": "NDCG@10", "fixedrange": True, "rangemode": "tozero"},
    )
    return figure


def few_shot_words(look: Look) -> str:
    """What one event, and many, bring, in a sentence or two."""
    first, last = look.few_shot[0], look.few_shot[-1]
    said = say(
        "With {events} known per user, the fixed weights reach NDCG@10 {first:.3f}; with {most}, "
        "{last:.3f}. Popularity reaches {popular:.3f}.",
        events=count(first.known, "event"),
        first=first.without.mean,
        most=last.known,
        last=last.without.mean,
        popular=last.popular.mean,
    )
    gains = [(shot.known, shot.gain) for shot in look.few_shot if shot.gain is not None]
    if not gains:
        return said
    better = [str(known) for known, gain in gains if gain.low is not None and gain.low > 0]
    worse = [str(known) for known, gain in gains if gain.high is not None and gain.high < 0]
    told = [_with_events(better, later("better with {n} event"), later("better with {n} events"))] if better else []
    told += [_with_events(worse, later("worse with {n} event"), later("worse with {n} events"))] if worse else []
    found = say(" and ").join(told) or say("neither better nor worse at any point")
    return sentences(said, say("Meta-knowledge is measurably {found}.", found=found))


def _with_events(known: Sequence[str], one: str, many: str) -> str:
    single = known == ["1"]
    return say(one if single else many, n=listed(known))


def few_shot_table(look: Look) -> pd.DataFrame:
    """Columns Events known, With, Without, Popularity, Difference, 95% interval."""
    rows = [
        (
            shot.known,
            "–" if shot.with_k is None else f"{shot.with_k.mean:.4f}",
            f"{shot.without.mean:.4f}",
            f"{shot.popular.mean:.4f}",
            "–" if shot.gain is None else f"{shot.gain.mean:+.4f}",
            "–" if shot.gain is None else _range(shot.gain, "+.4f"),
        )
        for shot in look.few_shot
    ]
    names = [later("Events known"), later("With"), later("Without"), later("Popularity"), later("Difference")]
    return pd.DataFrame(rows, columns=[*names, later("95% interval")])


def lists_words(look: Look) -> str:
    """How many lists changed."""
    lists = look.lists
    changed = lists.lists - lists.unchanged
    share = percent(changed / lists.lists if lists.lists else 0)
    return say(
        "Of {lists} of ten, meta-knowledge changes the items of {n:,} ({share}); the others keep their "
        "items, if in a different order.",
        lists=count(lists.lists, "list"),
        n=changed,
        share=share,
    )


def users_table(look: Look, title: Callable[[str], str]) -> pd.DataFrame:
    """Columns User, Events, New items, First new item."""
    rows = [(user.user_id, user.events, say("{n} of 10", n=user.new), title(user.first)) for user in look.lists.users]
    return pd.DataFrame(rows, columns=[later("User"), later("Events"), later("New items"), later("First new item")])


def items_table(look: Look, title: Callable[[str], str]) -> pd.DataFrame:
    """Columns Item, Events, Lists with, Lists without, Difference, Item ID."""
    rows = [
        (title(item.item_id), item.events, item.with_k, item.without, f"{item.with_k - item.without:+,}", item.item_id)
        for item in look.lists.items
    ]
    names = [later("Item"), later("Events"), later("Lists with"), later("Lists without"), later("Difference")]
    return pd.DataFrame(rows, columns=[*names, later("Item ID")])


def transfer_curve(found: Transfer) -> go.Figure:
    """NDCG@10 of k learned on the target against answers learned from, beside the fixed weights and the transferred k,
    frozen and gone on with."""
    figure = go.Figure()
    x = [f"{taught.answers:,}" for taught in found.curve] or ["0"]
    fixed, moved, here = say("Fixed weights"), say("Transferred"), say("Learned here")
    _banded(figure, x, [found.fixed] * len(x), fixed, GREY, "dash", None)
    _banded(figure, x, [found.moved] * len(x), moved, AMBER, "dot", None)
    ends = [(found.fixed.mean, fixed, GREY), (found.moved.mean, moved, AMBER)]
    learned = [taught.ndcg for taught in found.curve if taught.learned]
    if learned:
        xs = [f"{taught.answers:,}" for taught in found.curve if taught.learned]
        _banded(figure, xs, learned, here, BLUE, "solid", say("{name}, {at} answers", name=here, at="%{x}"))
        ends.append((learned[-1].mean, here, BLUE))
    if found.adapted:
        adapted = say("Adapted")
        steps = [taught.ndcg for taught in found.adapted]
        _banded(figure, x, steps, adapted, TEAL, "solid", say("{name}, {at} answers", name=adapted, at="%{x}"))
        ends.append((steps[-1].mean, adapted, TEAL))
    _name_ends(figure, len(x) - 1, ends)
    figure.update_layout(
        height=320,
        margin={"l": 8, "r": 120, "t": 8, "b": 8},
        showlegend=False,
        xaxis={
            "title": say("Answers from this run's users learned from"),
            "type": "category",
            "categoryarray": x,
            "fixedrange": True,
        },
        yaxis={"title": "NDCG@10", "fixedrange": True},
    )
    return figure


def transfer_verdict(found: Transfer) -> Verdict:
    """Whether the transferred k is accepted, and who said so."""
    details = say(
        "The k {origin} was tested on {questions} from {users} of this run: NDCG@10 {moved:.4f} with it "
        "and {fixed:.4f} with the fixed weights, a difference of {gain:+.4f} ({interval}). Neither it "
        "nor the parts have learned from these answers.",
        origin=say(
            "that the other run recommends with" if found.served else "learned from the other run's test answers"
        ),
        questions=count(found.questions, "test question"),
        users=count(found.users, "user"),
        moved=found.moved.mean,
        fixed=found.fixed.mean,
        gain=found.gain.mean,
        interval=_range(found.gain, "+.4f"),
    )
    if found.accepted:
        said = say("Accepted: it ranks better here without a single answer from this data")
        return Verdict("success", said, details)
    return Verdict("warning", say("Rejected: no proven improvement here"), details)


def transfer_words(found: Transfer) -> str:
    """What learning here adds."""
    enough = [taught for taught in found.curve if taught.learned]
    how = say("k is learned on one half of the users and tested on the other.")
    if not enough:
        most = max((taught.answers for taught in found.curve), default=0)
        few = say(
            "{answers} per half are too few to learn k from, so only the transferred one can be tested.",
            answers=count(most, "answer"),
        )
        return sentences(how, few)
    last = enough[-1]
    gain = say(
        "From {answers} its gain over the fixed weights is {gain:+.4f} ({interval}).",
        answers=count(last.answers, "answer"),
        gain=last.gain.mean,
        interval=_range(last.gain, "+.4f"),
    )
    return sentences(how, gain, _adapted_words(found))


def _adapted_words(found: Transfer) -> str:
    """What going on from the transferred k gives with the fewest answers; empty where none were enough."""
    first = next((taught for taught in found.adapted if taught.learned), None)
    if first is None:
        return ""
    return say(
        "Adapted: the transferred k continues to learn here; from {answers} its gain is {gain:+.4f} ({interval}).",
        answers=count(first.answers, "answer"),
        gain=first.gain.mean,
        interval=_range(first.gain, "+.4f"),
    )


def transfer_table(found: Transfer) -> pd.DataFrame:
    """Columns k, Answers learned from, NDCG@10, Difference, 95% interval."""
    rows = [
        (say("Fixed weights"), 0, f"{found.fixed.mean:.4f}", "", ""),
        (say("Transferred"), 0, f"{found.moved.mean:.4f}", f"{found.gain.mean:+.4f}", _range(found.gain, "+.4f")),
    ]
    for taught in found.curve:
        if taught.learned:
            gain = (f"{taught.gain.mean:+.4f}", _range(taught.gain, "+.4f"))
            rows.append((say("Learned here"), taught.answers, f"{taught.ndcg.mean:.4f}", *gain))
        else:
            rows.append((say("Learned here: too few answers"), taught.answers, "–", "–", "–"))
    for taught in found.adapted:
        gain = (f"{taught.gain.mean:+.4f}", _range(taught.gain, "+.4f"))
        rows.append((say("Adapted"), taught.answers, f"{taught.ndcg.mean:.4f}", *gain))
    names = [
        "k",
        later("Answers learned from"),
        later("NDCG@10"),
        later("Difference"),
        later("95% interval"),
    ]
    return pd.DataFrame(rows, columns=names)


def _banded(
    figure: go.Figure, x: Sequence[str], found: Sequence[Interval], name: str, colour: str, dash: str, at: str | None
) -> None:
    """A line with its 95% interval as a band; ``at`` is what hovering calls its points, which are marked then."""
    low = [interval.mean if interval.low is None else interval.low for interval in found]
    high = [interval.mean if interval.high is None else interval.high for interval in found]
    edge = {"width": 0, "color": colour}
    figure.add_scatter(x=x, y=low, mode="lines", line=edge, hoverinfo="skip", showlegend=False)
    figure.add_scatter(
        x=x, y=high, mode="lines", line=edge, fill="tonexty", fillcolor=_shade(colour), hoverinfo="skip", showlegend=False
    )  # fmt: skip
    figure.add_scatter(
        x=x,
        y=[interval.mean for interval in found],
        name=name,
        mode="lines" if at is None else "lines+markers",
        line={"color": colour, "width": 2, "dash": dash},
        customdata=list(zip(low, high, strict=True)),
        hovertemplate=say(
            "{name}: {value} ({low} to {high})",
            name=at or name,
            value="%{y:.4f}",
            low="%{customdata[0]:.4f}",
            high="%{customdata[1]:.4f}",
        )
        + "<extra></extra>",
    )


def _name_ends(figure: go.Figure, at: int, ends: list[tuple[float, str, str]]) -> None:
    """Each line's name beside its end, moved apart where ends are close."""
    for rank, (y, name, colour) in enumerate(sorted(ends)):
        figure.add_annotation(
            x=at,
            y=y,
            text=name,
            font={"color": colour, "size": 13},
            showarrow=False,
            xanchor="left",
            xshift=12,
            yshift=14 * (rank - (len(ends) - 1) / 2),
        )


def _shade(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.18)"


def _range(interval: Interval, form: str) -> str:
    return "–" if interval.low is None or interval.high is None else span(interval.low, interval.high, form)
