"""The Knowledge graph page: the embedding map, its colours, its table twin, and what it says in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from metarec_core.figures.knowledge_graph import STYLES, Titles, kind_title, node_title
from metarec_core.figures.palette import AMBER, BLUE, GREEN, GREY, OLIVE, PINK, PLUM, RUST, TEAL, VIOLET
from metarec_core.figures.parts import PART_STYLES, part_style
from metarec_core.figures.text import count, label, percent
from metarec_core.graph.knowledge_graph import KnowledgeGraph
from metarec_core.language import later, say
from metarec_core.recommend.embedding_map import EmbeddingMap

HEIGHT: Final = 640
LAYOUTS: Final[Mapping[str, str]] = {"neighbours": later("Neighbours together"), "axes": later("Main axes")}
KIND, POPULARITY, PART = "kind", "popularity", "part"
COLOURS: Final = (BLUE, AMBER, GREEN, PINK, TEAL, VIOLET, RUST, PLUM, OLIVE)
SYMBOLS: Final[Mapping[str, str]] = {
    "user": "circle",
    "item": "square",
    "attribute": "diamond",
    "entity": "triangle-up",
    "context": "hexagon",
    "user attribute": "triangle-down",
}
OTHERS: Final = later("Others")
FEWEST_NUMBERS: Final = 12
"""Different values from which an attribute of numbers is coloured along a scale."""

HELP: Final = later(
    "Items are placed as in the graph part: near each other when they have values in common, or values "
    "of one kind. A value, an entity or a situation is placed in the middle of the items linked to it, a "
    "user where their history lies, with the latest events counting most. *Neighbours together* (t-SNE) "
    "keeps near what is near; distances between far groups, and the width of a group, mean nothing. "
    "*Main axes* (PCA) is the flattest view of the whole: what is far apart here is far apart, but many "
    "points that are close here are not close in the space."
)


def colour_titles(graph: KnowledgeGraph) -> dict[str, str]:
    """By what a map can be coloured, with titles: type, popularity, part, every attribute of items and of users."""
    known = [kind.key for kind in graph.kinds if kind.group in ("attribute", "user attribute")]
    return {
        KIND: say("Type"),
        POPULARITY: say("Popularity"),
        PART: say("Main part of the score"),
        **{key: kind_title(key) for key in known},
    }


def map_table(
    graph: KnowledgeGraph, found: EmbeddingMap, title: Titles, colour: str, leading: Mapping[int, str] | None = None
) -> pd.DataFrame:
    """The points of a map: Type, Name, Colour, Edges, x, y, and Node, the key by which the graph opens it.

    Args:
        graph: Whose nodes.
        found: The map.
        title: Titles of items.
        colour: One of ``colour_titles``. Of an item's several values it is the rarest of those that have a colour.
        leading: ``leading_parts``, for colouring by part.
    """
    nodes = found.nodes.tolist()
    kinds = [graph.kind_of(node) for node in nodes]
    if colour == KIND:
        values = [kind_title(kind.key) for kind in kinds]
    elif colour == PART:
        values = [say(part_style(leading[node]).title) if leading and node in leading else "" for node in nodes]
    elif colour == POPULARITY:
        values = [
            str(int(graph.degrees()[node])) if kind.group == "item" else ""
            for node, kind in zip(nodes, kinds, strict=True)
        ]
    else:
        by_node = _values(graph, colour)
        values = [by_node.get(node, "") for node in nodes]
    return pd.DataFrame(
        {
            later("Type"): [kind_title(kind.key) for kind in kinds],
            later("Name"): [node_title(graph, node, title) for node in nodes],
            later("Colour"): values,
            later("Edges"): graph.degrees()[found.nodes],
            "x": found.places[:, 0],
            "y": found.places[:, 1],
            later("Node"): [graph.key(node) for node in nodes],
        }
    )


def map_figure(points: pd.DataFrame, colour: str, titles: Mapping[str, str], here: str | None = None) -> go.Figure:
    """A map: shapes say what sort of thing a point is, colours what was chosen; a point's ``customdata`` is its node.

    Args:
        points: ``map_table``.
        colour: By what they are coloured.
        titles: ``colour_titles``.
        here: The node that is marked.
    """
    figure = go.Figure()
    numbers = pd.to_numeric(points["Colour"], errors="coerce")
    told = points["Colour"] != ""
    if colour == POPULARITY or (numbers[told].notna().all() and points["Colour"][told].nunique() >= FEWEST_NUMBERS):
        figure.add_trace(_trace(points[~told], say("Without"), GREY, 0.25))
        figure.add_trace(_scale(points[told], numbers[told], titles[colour], counts=colour == POPULARITY))
    else:
        shades = _shades(points, colour)
        for name, shade in shades.items():
            figure.add_trace(_trace(points[points["Colour"] == name], name, shade, 0.85))
        rest = points[~points["Colour"].isin(list(shades))]
        if len(rest):
            figure.add_trace(_trace(rest, say(OTHERS), GREY, 0.25))
    marked = points[points["Node"] == here]
    if len(marked):
        figure.add_trace(
            go.Scatter(
                x=marked["x"],
                y=marked["y"],
                mode="markers+text",
                text=[label(name, 24) for name in marked["Name"]],
                textposition="top center",
                marker={"size": 16, "symbol": "circle-open", "color": PINK, "line": {"width": 3}},
                hoverinfo="skip",
                showlegend=False,
            )
        )
    plain = {"showgrid": False, "zeroline": False, "showticklabels": False, "title": None}
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis=plain,
        yaxis=plain,
        dragmode="pan",
        hovermode="closest",
        legend={"orientation": "h", "yanchor": "top", "y": -0.02, "itemsizing": "constant"},
    )
    return figure


def map_words(graph: KnowledgeGraph, found: EmbeddingMap) -> str:
    """What is on a map, what is not, and how true it is."""
    places = graph.kind_places(found.nodes)
    groups = np.array([kind.group for kind in graph.kinds], dtype=object)[places]
    shown = {group: int((groups == group).sum()) for group in STYLES}
    items, users = len(graph.kind("item").ids), len(graph.kind("user").ids)
    values = sum(n for group, n in shown.items() if group not in ("item", "user"))
    way = say("Neighbours together (t-SNE)") if found.way == "neighbours" else say("Main axes (PCA)")
    return say(
        "{way}: {n_items:,} of {items}; {n_users:,} of {users}, drawn at random; {values}, including "
        "entities and situations. Of the ten nearest in the space, {kept} are among the ten nearest here.",
        way=way,
        n_items=shown["item"],
        items=count(items, "item"),
        n_users=shown["user"],
        users=count(users, "user"),
        values=count(values, "value"),
        kept=percent(found.kept),
    )


def _values(graph: KnowledgeGraph, key: str) -> dict[int, str]:
    """The value of each node of an attribute: the rarest of those with a colour that it has; values have their own."""
    group, _, name = key.partition(".")
    relation = graph.relation("user attribute" if group == "user attribute" else "attribute", name)
    kind = next(kind for kind in graph.kinds if kind.key == key)
    if relation is None:
        return {}
    sources, targets = graph.sources[relation.start : relation.stop], graph.targets[relation.start : relation.stop]
    counts = np.bincount(targets - kind.start, minlength=len(kind.ids))
    most = counts.copy()
    if not _are_numbers(kind.ids.ids):
        most[np.argsort(-counts, kind="stable")[len(COLOURS) :]] = 0
    order = np.lexsort((-counts[targets - kind.start], most[targets - kind.start] > 0))  # the last one stays
    found = dict(zip(sources[order].tolist(), targets[order].tolist(), strict=True))
    names = {node: kind.ids.ids[target - kind.start] for node, target in found.items()}
    return names | {kind.start + place: id_ for place, id_ in enumerate(kind.ids.ids)}


def _are_numbers(ids: Sequence[str]) -> bool:
    return bool(pd.to_numeric(pd.Series(list(ids), dtype=object), errors="coerce").notna().all())


def _shades(points: pd.DataFrame, colour: str) -> dict[str, str]:
    """The names that have a colour, the most frequent first."""
    told = points["Colour"]
    names = [str(name) for name in told[told != ""].value_counts().index]
    if colour == PART:
        known = {say(style.title): style.colour for style in PART_STYLES.values()}
        return {name: known.get(name, PLUM) for name in names}
    if colour == KIND:  # kinds of one shape differ in colour; those of another may have the same
        shades: dict[str, tuple[str, str]] = {}
        for group, shape in points["Node"].map(_group).groupby(told).first()[names].items():
            same = sum(SYMBOLS[shape] == kept[0] for kept in shades.values())
            own = STYLES[shape][1]
            free = [own, *(shade for shade in COLOURS if shade != own)]
            shades[str(group)] = (SYMBOLS[shape], free[same % len(free)])
        return {name: shade for name, (_, shade) in shades.items()}
    return dict(zip(names[: len(COLOURS)], COLOURS, strict=False))


def _trace(points: pd.DataFrame, name: str, shade: str, opacity: float) -> go.Scatter:
    return go.Scatter(
        x=points["x"].round(3),
        y=points["y"].round(3),
        mode="markers",
        name=label(name),
        text=_tips(points),
        customdata=points["Node"],
        hovertemplate="%{text}<extra></extra>",
        marker={"color": shade, "size": _sizes(points), "symbol": _symbols(points), "opacity": opacity},
    )


def _scale(points: pd.DataFrame, numbers: pd.Series, title: str, *, counts: bool) -> go.Scatter:
    """Points along a scale; counts by their logarithm."""
    trace = _trace(points, title, BLUE, 0.9)
    ticks = [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 100_000, 1_000_000]
    bar = {"title": {"text": title}, "thickness": 12, "len": 0.6}
    if counts:
        bar |= {"tickvals": [float(np.log10(tick)) for tick in ticks], "ticktext": [f"{tick:,}" for tick in ticks]}
    colour = np.log10(numbers.clip(lower=1)) if counts else numbers
    trace.marker.update({"color": colour, "colorscale": "Viridis", "showscale": True, "colorbar": bar})
    return trace.update(showlegend=False)


def _tips(points: pd.DataFrame) -> list[str]:
    """What a point is, in words; escaped."""
    rows = zip(points["Type"], points["Name"], points["Colour"], points["Edges"], strict=True)
    return [
        say("{kind}: <b>{name}</b>", kind=label(kind), name=label(name, 60))
        + (f"<br>{label(value)}" if value and value not in (kind, name) else "")
        + "<br>"
        + say("{edges}; click to open", edges=count(edges, "edge"))
        for kind, name, value, edges in rows
    ]


def _symbols(points: pd.DataFrame) -> list[str]:
    return [SYMBOLS[_group(node)] for node in points["Node"]]


def _sizes(points: pd.DataFrame) -> list[int]:
    return [{"item": 6, "user": 6}.get(_group(node), 9) for node in points["Node"]]


def _group(key: str) -> str:
    """``attribute`` of ``attribute.genres:Drama``."""
    return key.partition(":")[0].partition(".")[0]
