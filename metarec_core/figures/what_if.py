"""The desks of the Recommendations page: a new list beside the old, with arrows; what changed, part by part; how it grew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd

from metarec_core.data import columns
from metarec_core.figures.bars import Bars, Row
from metarec_core.figures.parts import part_legend, part_names, part_pieces, part_style
from metarec_core.figures.text import count
from metarec_core.language import later, say
from metarec_core.recommend.what_if import CHANGE_PREFIX

Titles = Callable[[str], str]

UNCHANGED: Final = 5e-4
"""Below it a change is shown as none: three digits are shown."""


def moves_table(frame: pd.DataFrame, title: Titles) -> pd.DataFrame:
    """The new list with arrows, then what is gone: rank, move, title, what moved it most, score."""
    return pd.DataFrame(
        {
            later("Rank"): ["–" if move == "gone" else f"{rank}" for move, rank, _ in _moves(frame)],
            later("Move"): [_arrow(move, rank, before) for move, rank, before in _moves(frame)],
            later("Title"): [title(item) for item in frame[columns.ITEM_ID]],
            later("Moved most by"): _causes(frame),
            later("Score"): frame[columns.SCORE].to_numpy().round(3),
        }
    )


def moves_words(frame: pd.DataFrame) -> str:
    """What became of a list, in a sentence."""
    moves = frame["move"].value_counts()
    new, gone = int(moves.get("new", 0)), int(moves.get("gone", 0))
    other = int(moves.get("up", 0) + moves.get("down", 0))
    if not new and not gone and not other:
        return say("Nothing moved.")
    return say("{new} new, {gone} removed, {items} moved.", new=new, gone=gone, items=count(other, "item"))


def change_bars(frame: pd.DataFrame, title: Titles) -> Bars | None:
    """By how much more or less each part counts for each item than before; None where nothing changed."""
    parts = _changed_parts(frame)
    if not parts:
        return None
    rows = [
        Row(str(item), title(item), part_pieces(values), f"{sum(values.values()):+.3f}")
        for item, values in zip(frame[columns.ITEM_ID], _values(frame, parts, CHANGE_PREFIX), strict=True)
    ]
    return Bars(tuple(rows), part_legend(parts), beside=True)


def change_words(frame: pd.DataFrame, title: Titles) -> str:
    """The change bars in a sentence: what changed most, and for which item. There is a change."""
    changes = {
        (part, at): value for part in _changed_parts(frame) for at, value in enumerate(frame[CHANGE_PREFIX + part])
    }
    part, at = max(changes, key=lambda place: abs(changes[place]))
    return say(
        "Change of each part of each item's score: largest for {part} of {title}, {value:+.3f}.",
        part=say(part_style(part).title),
        title=title(str(frame[columns.ITEM_ID].iat[at])),
        value=changes[part, at],
    )


def change_table(frame: pd.DataFrame, title: Titles) -> pd.DataFrame:
    """The change bars in numbers: the item, and by how much each part that changed counts more, or less, than before."""
    changes = {part_style(part).title: frame[CHANGE_PREFIX + part].to_numpy() for part in _changed_parts(frame)}
    return pd.DataFrame({later("Title"): [title(item) for item in frame[columns.ITEM_ID]], **changes})


def growth_bars(steps: pd.DataFrame) -> Bars:
    """What carries a list as events come in: for each number of events known, the parts' mean shares of the scores in it.

    Args:
        steps: From ``recommend.what_if.unfolding``.
    """
    means = _means(steps)
    parts = [part for part in part_names(steps.columns) if means[columns.PART_PREFIX + part].any()]
    rows = [
        Row(str(step), count(int(str(step)), "event"), part_pieces(values), f"{sum(values.values()):.3f}")
        for step, values in zip(means.index, _values(means, parts, columns.PART_PREFIX), strict=True)
    ]
    return Bars(tuple(rows), part_legend(parts), beside=True)


def growth_words(steps: pd.DataFrame) -> str:
    """The growth of a list in a sentence: what carries it once everything is known."""
    means = _means(steps).iloc[-1]
    return say(
        "Parts of the mean score in the list after each event: after {events}, {part} adds most, {value:+.3f}.",
        events=count(int(str(means.name)), "event"),
        part=say(part_style(str(means.idxmax()).removeprefix(columns.PART_PREFIX)).title),
        value=means.max(),
    )


def parts_table(steps: pd.DataFrame) -> pd.DataFrame:
    """The growth of a list in numbers: Events known, and the mean of each part over the list."""
    means = _means(steps)
    named = {part_style(part).title: means[columns.PART_PREFIX + part].to_numpy() for part in part_names(steps.columns)}
    return pd.DataFrame({later("Events known"): means.index, **named})


def _means(steps: pd.DataFrame) -> pd.DataFrame:
    """The mean of each part over the list, a row a number of events known."""
    return steps.groupby("step")[[columns.PART_PREFIX + part for part in part_names(steps.columns)]].mean()


def growth_table(steps: pd.DataFrame, title: Titles, last: int = 5) -> pd.DataFrame:
    """The head of the list after each event, a column a place."""
    rows = []
    for step, group in steps.groupby("step"):
        heads = [title(item) for item in group[columns.ITEM_ID].head(last)]
        rows.append([step, *heads, *[""] * (last - len(heads))])
    return pd.DataFrame(rows, columns=[later("Events known"), *[f"#{rank}" for rank in range(1, last + 1)]])


def _moves(frame: pd.DataFrame) -> list[tuple[str, int | None, int | None]]:
    """Move, rank and rank before of each row; None where there is no rank."""
    ranks = [
        [None if rank is pd.NA else int(rank) for rank in frame[name].tolist()] for name in ("rank", "rank_before")
    ]
    return list(zip(frame["move"].tolist(), *ranks, strict=True))


def _arrow(move: str, rank: int | None, before: int | None) -> str:
    if before is None:
        return say("new")
    if move == "new":
        return say("new (was #{before:,})", before=before)
    if rank is None or move == "gone":
        return say("removed") if rank is None else say("removed (#{rank:,})", rank=rank)
    return "=" if rank == before else f"▲ {before - rank}" if before > rank else f"▼ {rank - before}"


def _causes(frame: pd.DataFrame) -> list[str]:
    """The part whose change differs most from its mean change over the list: what all items gained moves none of them."""
    parts = part_names(frame.columns)
    changes = frame[[CHANGE_PREFIX + part for part in parts]].to_numpy(dtype=float)
    moved = changes - changes.mean(axis=0) if frame["rank_before"].notna().any() else changes
    causes = []
    for row, change in zip(moved, changes, strict=True):
        most = int(abs(row).argmax())
        shown = f"{say(part_style(parts[most]).title)} {change[most]:+.3f}"
        causes.append(shown if abs(change).max() >= UNCHANGED else "")
    return causes


def _changed_parts(frame: pd.DataFrame) -> list[str]:
    return [p for p in part_names(frame.columns) if (frame[CHANGE_PREFIX + p].abs() >= UNCHANGED).any()]


def _values(rows: pd.DataFrame, parts: list[str], prefix: str) -> list[dict[str, float]]:
    """The value of each part, a dict a row."""
    return [dict(zip(parts, row, strict=True)) for row in rows[[prefix + part for part in parts]].to_numpy().tolist()]
