"""The Recommendations page: a list as stacked bars of score parts, its table twin, the history, one item's breakdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise

import pandas as pd

from metarec_core.data import columns
from metarec_core.explain.explanation import Explanation, PartValue
from metarec_core.figures.bars import Bars, Piece, Row
from metarec_core.figures.chances import CHANCE, CHANCE_HELP
from metarec_core.figures.parts import part_legend, part_names, part_pieces, part_style
from metarec_core.figures.text import added, count, day, listed, percent, sentences
from metarec_core.language import later, say
from metarec_core.recommend.recommender import Recommender

Titles = Callable[[str], str]
"""Gives an item's title for its id."""

DECIMALS = 3
ROW_HEIGHT, LEGEND_HEIGHT = 45, 60


def list_height(n_items: int) -> int:
    """Pixels that a list of so many items takes, with its legend."""
    return ROW_HEIGHT * max(n_items, 3) + LEGEND_HEIGHT


def score_bars(recommendations: pd.DataFrame, title: Titles) -> Bars:
    """One user's list as bars under the items' titles, best on top; a bar's coloured parts add up to the score at its end.

    Args:
        recommendations: Rows of one user: item_id, rank, score and a column for each part.
        title: Titles of the items.
    """
    rows = recommendations.sort_values(columns.RANK)
    parts, drawn = part_names(rows.columns), []
    for row in rows.to_dict("records"):
        pieces = part_pieces({part: row[columns.PART_PREFIX + part] for part in parts})
        chance = percent(row[columns.PROBABILITY]) if columns.PROBABILITY in row else ""
        item, score = str(row[columns.ITEM_ID]), f"{row[columns.SCORE]:.{DECIMALS}f}"
        drawn.append(Row(item, f"{row[columns.RANK]}. {title(item)}", pieces, score, chance))
    seen = [part for part in parts if rows[columns.PART_PREFIX + part].any()]  # others would only be a colour
    return Bars(tuple(drawn), part_legend(seen))


def score_words(recommendations: pd.DataFrame, title: Titles) -> str:
    """The bars in a sentence: the first and the last item with their scores, and what adds most."""
    rows = recommendations.sort_values(columns.RANK)
    if not len(rows):
        return say("No item is recommended.")
    parts = part_names(rows.columns)
    most = max(parts, key=lambda part: rows[columns.PART_PREFIX + part].sum())
    ids, scores = rows[columns.ITEM_ID], rows[columns.SCORE]
    return say(
        "Scores of {items}, each split into its parts: from {first} with {high:.3f} down to {last} with {low:.3f}. {part} adds "
        "most.",
        items=count(len(rows), "recommended item"),
        first=title(str(ids.iat[0])),
        high=scores.iat[0],
        last=title(str(ids.iat[-1])),
        low=scores.iat[-1],
        part=say(part_style(most).title),
    )


def score_table(recommendations: pd.DataFrame, title: Titles) -> pd.DataFrame:
    """The list as a table: rank, title, score, chance if known, one column a part under its name for people, item id last."""
    rows = recommendations.sort_values(columns.RANK)
    parts = part_names(rows.columns)
    return pd.DataFrame(
        {
            later("Rank"): rows[columns.RANK].to_numpy(),
            later("Title"): [title(item) for item in rows[columns.ITEM_ID]],
            later("Score"): rows[columns.SCORE].to_numpy().round(DECIMALS),
            **({CHANCE: rows[columns.PROBABILITY].to_numpy()} if columns.PROBABILITY in rows else {}),
            **{part_style(p).title: rows[columns.PART_PREFIX + p].to_numpy().round(DECIMALS) for p in parts},
            later("Item ID"): rows[columns.ITEM_ID].to_numpy(),
        }
    )


def card_words(recommendations: pd.DataFrame) -> list[tuple[str, int, str]]:
    """Item ID, rank and what to say on each card: the score, the chance if known, and the part that adds most."""
    rows = recommendations.sort_values(columns.RANK)
    parts = part_names(rows.columns)
    said = []
    for row in rows.to_dict("records"):
        best = max(parts, key=lambda part: row[columns.PART_PREFIX + part])
        values = {"score": f"{row[columns.SCORE]:.{DECIMALS}f}", "part": say(part_style(best).title)}
        if columns.PROBABILITY in row:
            chance = percent(row[columns.PROBABILITY])
            words = say("Score {score}, chance {chance}, mostly from {part}.", chance=chance, **values)
        else:
            words = say("Score {score}, mostly from {part}.", **values)
        said.append((str(row[columns.ITEM_ID]), int(row[columns.RANK]), words))
    return said


def history_table(history: pd.DataFrame) -> pd.DataFrame:
    """What the user did, newest first: title, when, context, item id."""
    shown = {later("Title"): history[columns.TITLE].to_numpy(), later("When"): _times(history[columns.TIME])}
    for name in history.columns:
        if name.startswith(columns.CONTEXT_PREFIX):
            shown[name.removeprefix(columns.CONTEXT_PREFIX).replace("_", " ").capitalize()] = history[name].to_numpy()
    if columns.RATING in history:
        shown[later("Rating")] = ["" if pd.isna(rating) else f"{rating:g}" for rating in history[columns.RATING]]
    return pd.DataFrame(shown | {"Item ID": history[columns.ITEM_ID].to_numpy()})


def picked_table(recommender: Recommender, item_ids: Sequence[str]) -> pd.DataFrame:
    """Items of a history thought up, in the order given: title and item id."""
    return pd.DataFrame({"Title": [recommender.title(item) for item in item_ids], "Item ID": list(item_ids)})


def history_words(history: pd.DataFrame) -> str:
    """How long a history is and over what time, in words."""
    times = history[columns.TIME]
    events = count(len(history), "event")
    if pd.api.types.is_datetime64_any_dtype(times) and len(times):
        return say("{events}, {first} to {last}", events=events, first=day(times.min()), last=day(times.max()))
    return events


def waterfall(explanation: Explanation) -> Bars:
    """One item's score built up part by part; the last bar is their sum."""
    parts = ordered_parts(explanation)
    begin = accumulate((part.value for part in parts), initial=0.0)
    rows = []
    for part, (before, after) in zip(parts, pairwise(begin), strict=True):
        style, value = part_style(part.name), added(part.value)
        piece = Piece(min(before, after), max(before, after), style.colour, say(style.meaning))
        rows.append(Row(part.name, say(style.title), (piece,), value))
    score = explanation.score
    whole = Piece(min(score, 0.0), max(score, 0.0), "", say("the sum of the parts"))
    return Bars((*rows, Row("score", say("Score"), (whole,), f"{score:.{DECIMALS}f}")), beside=True)


def waterfall_words(explanation: Explanation) -> str:
    """The sum in a sentence."""
    parts = [f"{say(part_style(part.name).title)} {added(part.value)}" for part in ordered_parts(explanation)]
    return say(
        "The score, built up part by part: {parts}. Together {score:.3f}.", parts=listed(parts), score=explanation.score
    )


def ordered_parts(explanation: Explanation) -> list[PartValue]:
    """The parts in the order in which they are shown everywhere."""
    by_name = {part.name: part for part in explanation.parts}
    return [by_name[name] for name in part_names(columns.PART_PREFIX + name for name in by_name)]


def breakdown_table(explanation: Explanation) -> pd.DataFrame:
    """One item's score as a sum: a row a part with what it looks at, its value and the rank without it; last the score.
    Where meta-knowledge of the pair is at work, a column says how much of each value it is.

    Numbers are text, rounded as everywhere on the page; the table is short enough to be read whole.
    """
    rows = [
        (say(part_style(p.name).title), say(part_style(p.name).meaning), added(p.value), _place(p.rank_without))
        for p in ordered_parts(explanation)
    ]
    rows.append((say("Score"), say("the sum of the parts"), added(explanation.score), _place(explanation.rank)))
    table = pd.DataFrame(rows, columns=[later("Part"), later("Looks at"), later("Value"), later("Rank without it")])
    table = table.set_index("Part")
    corrections = [part.correction for part in ordered_parts(explanation)]
    if any(corrections):
        table.insert(
            2, later("Of which from meta-knowledge"), [added(share) for share in (*corrections, sum(corrections))]
        )
    return table


def effect_words(explanation: Explanation) -> str:
    """What the parts do for the item's place, in words, the strongest first: ``Without What follows: #3 → #41``."""
    place = explanation.rank
    if place is None:
        return say("The user already had this item; it is scored, but not recommended again.")
    moved = [p for p in explanation.parts if p.rank_without not in (None, place)]
    moved.sort(key=lambda p: -abs((p.rank_without or place) - place))
    if not moved:
        return say("No single part decides its rank: it stays {place} without any one of them.", place=_place(place))
    return sentences(
        *(
            say(
                "Without {part}: {place} → {without}.",
                part=say(part_style(p.name).title),
                place=_place(place),
                without=_place(p.rank_without),
            )
            for p in moved
        )
    )


def list_words(recommendations: pd.DataFrame) -> str:
    """What the chart of a list shows."""
    words = say("The colours are the parts that add up to the score.")
    chance = say("On the right: the chance of being next.") if columns.PROBABILITY in recommendations else ""
    return sentences(words, chance, say("Click an item to see why."))


def list_help(recommendations: pd.DataFrame) -> str | None:
    """What the chances in a chart mean; None where there are none."""
    return say(CHANCE_HELP) if columns.PROBABILITY in recommendations else None


def chance_words(explanation: Explanation) -> str | None:
    """The chance of one item in words, or None where it is not known."""
    chance = explanation.probability
    if chance is None:
        return None
    if 0.001 <= chance < 0.5:
        return say("Chance of being next: {chance}, about 1 in {odds:,.0f}.", chance=percent(chance), odds=1 / chance)
    return say("Chance of being next: {chance}.", chance=percent(chance))


def _place(rank: int | None) -> str:
    return "–" if rank is None else f"#{rank:,}"


def _times(times: pd.Series) -> list[str]:
    if pd.api.types.is_datetime64_any_dtype(times):
        return [day(time) for time in times]
    return [say("event {place:,}", place=int(position)) for position in times]
