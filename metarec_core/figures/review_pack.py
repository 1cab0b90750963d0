"""The record of a review as one HTML file that needs nothing else: no script, no outside request, fit for paper.

Every text goes through the template's escaping, and a content security policy in the file forbids whatever would slip through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from metarec_core.explain.explanation import Explanation
from metarec_core.figures import evaluate, trust
from metarec_core.figures.knowledge_graph import paths_table, paths_words
from metarec_core.figures.palette import AMBER, BLUE, GREEN, GREY, PINK
from metarec_core.figures.parts import part_style
from metarec_core.figures.recommendations import effect_words, ordered_parts
from metarec_core.figures.text import count, percent
from metarec_core.figures.text import when as clock
from metarec_core.language import later, say
from metarec_core.review.report import Evidence, HistoryEvent, ReviewPack
from metarec_core.review.verdicts import VERDICTS, Verdict

VERDICT_TITLES: Final = {
    "good": later("Good"),
    "questionable": later("Questionable"),
    "wrong": later("Wrong"),
    "harmful": later("Harmful"),
}
VERDICT_COLOURS: Final = {"good": GREEN, "questionable": AMBER, "wrong": PINK, "harmful": "#a3262a"}
BADGE_WORDS: Final = {
    "agrees": later("Attention agrees with what moves the score."),
    "weak": later("Attention says little about what moves the score."),
    "misleading": later("Attention is misleading: it is not on the events that move the score."),
}

_MARKS: Final = {"good": "✓", "bad": "✗", "unsure": "?"}

NEWEST: Final = 12
"""Latest events shown of a history."""
STRONGEST: Final = 5
"""Events with the greatest effects, shown however long ago they were."""

_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Bar:
    """A piece of a drawn bar, in percent of the width.

    Attributes:
        x: Where it begins.
        width: How long it is.
        colour: ``#rrggbb``.
    """

    x: float
    width: float
    colour: str


def review_html(pack: ReviewPack) -> str:
    """The whole record as an HTML document."""
    run, evaluation = pack.run, pack.evaluation
    said = Counter(v.verdict for v in pack.standing)
    reviewers = Counter(v.reviewer for v in pack.standing)
    return _TEMPLATES.get_template("review_pack.html.jinja").render(
        pack=pack,
        manifest=run.manifest,
        settings=sorted(_settings(run.config.to_dict())),
        trained=clock(run.manifest.created),
        exported=clock(pack.exported),
        verdict=evaluate.verdict(evaluation),
        protocol=evaluate.protocol_words(evaluation),
        leaderboard=evaluate.leaderboard_table(evaluation, 10),
        trusted="" if pack.trust is None else trust.headline(pack.trust),
        checks=[] if pack.trust is None else [(_MARKS[c.state], c) for c in trust.in_order(pack.trust)],
        reviewers=[(name, done, len(pack.evidence)) for name, done in sorted(reviewers.items())],
        tally=[(VERDICT_TITLES[name], said[name], VERDICT_COLOURS[name]) for name in VERDICTS],
        tally_bars=_stacked([(said[name], VERDICT_COLOURS[name]) for name in VERDICTS]),
        cards=[_card(position, found, pack) for position, found in enumerate(pack.evidence, start=1)],
        sign_offs=[(s, clock(s.time)) for s in pack.sign_offs],
        grey=GREY,
    )


@dataclass(frozen=True)
class _Card:
    """One recommendation, worded and measured for the template."""

    position: int
    user_id: str
    item_id: str
    title: str
    reason: str
    place: str
    chance: str
    parts: list[dict[str, Any]]
    score: str
    words: str
    events: list[dict[str, Any]]
    has_attention: bool
    has_effects: bool
    more: str
    badge: str
    badge_rule: str
    paths: list[tuple[str, str, str, str, str]]
    paths_words: str
    listed: list[tuple[int, str, str, bool]]
    said: list[tuple[Verdict, str, str, str]]


def _card(position: int, found: Evidence, pack: ReviewPack) -> _Card:
    why = found.explanation
    tested = why.faithfulness
    shown = _events(found)
    left = len(found.history) + found.n_earlier - len(shown)
    return _Card(
        position=position,
        user_id=found.sampled.user_id,
        item_id=found.sampled.item_id,
        title=found.title,
        reason=found.sampled.reason,
        place="the user has had it" if why.rank is None else f"place {why.rank:,}",
        chance="" if why.probability is None else percent(why.probability),
        parts=_parts(why),
        score=f"{why.score:.3f}",
        words=effect_words(why),
        events=shown,
        has_attention=bool(why.attention),
        has_effects=bool(why.effects),
        more=f"and {count(left, 'more event')}" if left else "",
        badge="" if tested is None else BADGE_WORDS[tested.badge],
        badge_rule="" if tested is None else tested.rule,
        paths=[] if why.paths is None else list(_rows(paths_table(why.paths, found.titles.__getitem__))),
        paths_words="" if why.paths is None else paths_words(why.paths),
        listed=[
            (item.rank, found.titles[item.item_id], f"{item.score:.3f}", item.item_id == found.sampled.item_id)
            for item in found.listed
        ],
        said=[
            (v, VERDICT_TITLES[v.verdict], VERDICT_COLOURS[v.verdict], clock(v.time)) for v in pack.said_of(position)
        ],
    )


def _rows(table: pd.DataFrame) -> Iterator[tuple[str, str, str, str, str]]:
    yield from table.itertuples(index=False, name=None)


def _parts(why: Explanation) -> list[dict[str, Any]]:
    """A row a part, its bar beginning where the one before it ended."""
    parts = ordered_parts(why)
    ends = [0.0]
    for part in parts:
        ends.append(ends[-1] + part.value)
    low, high = min(ends), max(ends)
    scale = 100 / ((high - low) or 1.0)
    rows = []
    for part, begin, end in zip(parts, ends, ends[1:], strict=False):
        style = part_style(part.name)
        rows.append(
            {
                "title": style.title,
                "says": part.reason or style.meaning,
                "trust": part.trust_reason,
                "value": f"{part.value:+.3f}",
                "without": "–" if part.rank_without is None else f"#{part.rank_without:,}",
                "bar": Bar((min(begin, end) - low) * scale, abs(part.value) * scale, style.colour),
                "zero": -low * scale,
            }
        )
    return rows


def _events(found: Evidence) -> list[dict[str, Any]]:
    """Latest events, and those with the greatest effects, newest first."""
    attention = {(a.item_id, a.time): a.weight for a in found.explanation.attention}
    effects = {(e.item_id, e.time): e.effect for e in found.explanation.effects}
    strongest = sorted(effects, key=lambda event: -abs(effects[event]))[:STRONGEST]
    shown = [
        event for place, event in enumerate(found.history) if place < NEWEST or (event.item_id, event.time) in strongest
    ]
    most = max(attention.values(), default=0.0) or 1.0
    largest = max(map(abs, effects.values()), default=0.0) or 1.0
    rows = []
    for event in shown:
        weight, effect = attention.get((event.item_id, event.time)), effects.get((event.item_id, event.time))
        rows.append(
            {
                "title": found.titles[event.item_id],
                "when": event_time(event),
                "weight": "" if weight is None else percent(weight),
                "weight_bar": Bar(0, 100 * (weight or 0.0) / most, BLUE),
                "effect": "" if effect is None else f"{effect:+.3f}",
                "effect_bar": _from_middle(effect or 0.0, largest),
            }
        )
    return rows


def event_time(event: HistoryEvent) -> str:
    """When an event was, for people: a time, or its place in the order."""
    return clock(event.time) if "-" in event.time else say("event {at}", at=event.time)


def _from_middle(value: float, largest: float) -> Bar:
    width = 50 * abs(value) / largest
    return Bar(50 if value >= 0 else 50 - width, width, GREEN if value >= 0 else PINK)


def _stacked(shares: Sequence[tuple[int, str]]) -> list[Bar]:
    """Counts as pieces of one bar."""
    total = sum(number for number, _ in shares)
    bars: list[Bar] = []
    begin = 0.0
    for number, colour in shares:
        if number:
            bars.append(Bar(begin, 100 * number / total, colour))
            begin += 100 * number / total
    return bars


def _settings(config: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Every setting with its path: ``train.epochs``, ``20``."""
    rows: list[tuple[str, str]] = []
    for name, value in config.items():
        if isinstance(value, dict):
            rows += _settings(value, f"{prefix}{name}.")
        else:
            text = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
            rows.append((prefix + name, text))
    return rows
