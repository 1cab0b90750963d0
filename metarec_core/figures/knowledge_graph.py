"""The Knowledge graph page: what is drawn of the graph, its positions, its table twin, and the files to take away."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from metarec_core.data import columns
from metarec_core.data.tables import Tables
from metarec_core.figures.palette import AMBER, BLUE, GREEN, GREY, RUST, TEAL, VIOLET
from metarec_core.figures.text import count, day, listed
from metarec_core.graph.export import edge_table, write_graphml
from metarec_core.graph.knowledge_graph import NO_TIME, KnowledgeGraph, Relation
from metarec_core.graph.neighbourhood import Choice, neighbourhood
from metarec_core.graph.paths import Path, Paths, Step
from metarec_core.language import later, say, several

Titles = Callable[[str], str]
"""Gives an item's title for its id."""

HEIGHT: Final = 540
MOST_LABEL: Final = 18
MOST_ROWS: Final = 200
LABELLED: Final = 80
"""Nodes that carry their name; in larger pictures only the most connected ones do, and the others when pointed at."""

STYLES: Final[Mapping[str, tuple[str, str, str]]] = {
    "user": (later("User"), BLUE, "dot"),
    "item": (later("Item"), AMBER, "square"),
    "attribute": (later("Attribute"), GREEN, "diamond"),
    "entity": (later("Entity of facts"), VIOLET, "triangle"),
    "context": (later("Situation"), GREY, "hexagon"),
    "user attribute": (later("User attribute"), RUST, "triangleDown"),
    "more": (later("More"), GREY, "box"),
}
"""Title, colour and shape of each sort of node: what one does not see by the colour, one sees by the shape."""

Badge = Literal["blue", "orange", "green", "violet", "gray", "red"]
BADGES: Final[Mapping[str, Badge]] = {
    "User": "blue",
    "Item": "orange",
    "Attribute": "green",
    "Entity of facts": "violet",
    "Situation": "gray",
    "User attribute": "red",
    "More": "gray",
}
ICONS: Final[Mapping[str, str]] = {
    "User": ":material/circle:",
    "Item": ":material/square:",
    "Attribute": ":material/diamond:",
    "Entity of facts": ":material/change_history:",
    "Situation": ":material/hexagon:",
    "User attribute": ":material/details:",
    "More": ":material/more_horiz:",
}
"""The legend's badge colours and shapes, by title."""

PATH_TITLES: Final[Mapping[str, str]] = {
    "shared": later("Shares"),
    "lead": later("Leads to"),
    "people": later("People"),
    "context": later("Situation"),
}
PATH_HELP: Final = later(
    "*Shares*: a past item and this one have a value in common. *Leads to*: after items with one value, "
    "people move on to items with another. Their scores and those of all further paths add up to the "
    "graph part of the item's score. *People* and *Situation* show evidence that other parts use; they "
    "are not counted in the graph part."
)
HUB_RULE: Final = later(
    "An edge to a value that *df* of *N* items have weighs log(N / df): a language or a country that "
    "most items have says little, and a value that all have says nothing. The model's graph part uses "
    "the same rule. Edges of behaviour weigh as much as their events."
)


@dataclass(frozen=True)
class Lines:
    """The lines that something drawn stands on.

    Attributes:
        words: What it says.
        table: Which file: "events", "items", "facts" or "users".
        rows: Some of the lines.
        n_rows: How many there are.
    """

    words: str
    table: str
    rows: tuple[int, ...]
    n_rows: int


@dataclass(frozen=True)
class Drawing:
    """A picture of a part of the graph.

    Attributes:
        nodes, edges: As pyvis and vis-network have them; all text in them is drawn as text. A click opens a node's ``key``.
        lines: What each edge stands on, by its id.
        table: The same as a table.
        graph_edges: int64, the edges of the graph that are drawn.
        legend: Title and colour of each sort of node in it.
        words: What it shows, in a sentence.
    """

    nodes: list[dict[str, Any]]
    edges: list[dict[str, Any]]
    lines: Mapping[str, Lines]
    table: pd.DataFrame
    graph_edges: np.ndarray
    legend: tuple[tuple[str, str], ...]
    words: str


_RELATIONS: Final = {
    "user in context": later("User by {name}"),
    "item in context": later("Item by {name}"),
    "user attribute": later("User's {name}"),
}
_CHOSE: Final = later("Chose")
"""What a relation of a situation or of users is called, and that of events; of others, the name itself."""


def kind_title(key: str) -> str:
    """A node type's name for people: ``Genres``, ``User``, ``Device``."""
    group, _, name = key.partition(".")
    if group == "user attribute":
        return say("User's {name}", name=_human(name).lower())
    return _human(name) if name else say(STYLES[group][0])


def relation_title(key: str) -> str:
    """A relation's name for people."""
    group, _, name = key.partition(".")
    if group in _RELATIONS:
        return say(_RELATIONS[group], name=_human(name).lower())
    return _human(name) if name else say(_CHOSE) if group == "chose" else _human(group)


def node_title(graph: KnowledgeGraph, node: int, title: Titles) -> str:
    """A node's name for people: an item's title, otherwise its id."""
    kind = graph.kind_of(node)
    return title(graph.id(node)) if kind.group == "item" else graph.id(node)


def node_words(graph: KnowledgeGraph, key: str, title: Titles) -> str:
    """Type and name of a node: ``Item Toy Story``.

    Raises:
        UnknownIdError: There is no such node.
    """
    node = graph.node(key)
    return say("{kind}: {name}", kind=kind_title(graph.kind_of(node).key), name=node_title(graph, node, title))


def search(graph: KnowledgeGraph, text: str, title: Titles, most: int = 8) -> list[str]:
    """Keys of nodes whose id or title holds a text; those that are or begin with it first, then the most connected."""
    wanted = text.strip().casefold()
    if not wanted:
        return []
    found: list[tuple[int, int, int]] = []
    degrees = graph.degrees()
    for kind in graph.kinds:
        for number, id_ in enumerate(kind.ids.ids):
            name = (title(id_) if kind.group == "item" else id_).casefold()
            if wanted in name or wanted == id_.casefold():
                rank = 0 if wanted in (name, id_.casefold()) else 1 if name.startswith(wanted) else 2
                found.append((rank, -int(degrees[kind.start + number]), kind.start + number))
    return [graph.key(node) for *_, node in sorted(found)[:most]]


def time_bounds(graph: KnowledgeGraph) -> tuple[date, date] | None:
    """Days of the first and the last event; None where times are only an order or of one day."""
    chose = graph.relations[0]
    if not graph.has_clock_times or chose.start == chose.stop:
        return None
    first, last = graph.first[chose.start : chose.stop].min(), graph.last[chose.start : chose.stop].max()
    days = datetime.fromtimestamp(int(first), UTC).date(), datetime.fromtimestamp(int(last), UTC).date()
    return days if days[0] < days[1] else None


def choice(
    kinds: Iterable[str], relations: Iterable[str], least_weight: float, days: tuple[date, date] | None
) -> Choice:
    """What a page's filters choose."""
    start = end = None
    if days is not None:
        start = int(datetime.combine(days[0], time.min, UTC).timestamp())
        end = int(datetime.combine(days[1], time.max, UTC).timestamp())
    return Choice(frozenset(kinds), frozenset(relations), least_weight, start, end)


def draw_neighbourhood(
    graph: KnowledgeGraph, key: str, title: Titles, chosen: Choice | None = None, *, opened: int = 0
) -> Drawing:
    """What is around a node.

    Args:
        graph: Where.
        key: The node in the middle.
        title: Titles of items.
        chosen: Which edges and nodes.
        opened: How often "more" was asked for.

    Raises:
        UnknownIdError: There is no such node.
    """
    title = cache(title)
    around = neighbourhood(graph, graph.node(key), chosen, opened=opened)
    nodes, edges = around.nodes.tolist(), around.edges
    network = _network()
    place = {node: number for number, node in enumerate(nodes)}
    ends = [
        (place[s], place[t]) for s, t in zip(graph.sources[edges].tolist(), graph.targets[edges].tolist(), strict=True)
    ]
    busy = np.bincount(np.array(ends, dtype=np.int64).ravel(), minlength=len(nodes))
    named = set(np.argsort(-busy, kind="stable")[:LABELLED].tolist()) | {0}
    positions = _spread(graph.kind_places(around.nodes).tolist(), ends, around.n_near)
    for node, number in place.items():
        _add_node(network, graph, node, number, title, positions[number], centre=number == 0, named=number in named)
    if around.more:
        _add_more(
            network,
            "more",
            say("+{n:,} more", n=around.more),
            len(nodes),
            np.array([0.0, positions[:, 1].max() + 60.0]),
            0,
        )
    lines = {}
    for edge, (source, target) in zip(edges.tolist(), ends, strict=True):
        relation = graph.relation_of(edge)
        words = _edge_words(graph, edge, relation, title)
        lines[f"e{edge}"] = Lines(
            words, relation.table, tuple(graph.rows_of(edge)[:MOST_ROWS].tolist()), len(graph.rows_of(edge))
        )
        network.add_edge(source, target, id=f"e{edge}", title=_edge_tip(graph, edge, words), width=_width(graph, edge))
    middle = node_words(graph, key, title)
    counts = {"neighbours": count(len(nodes) - 1, "neighbour"), "edges": count(len(edges), "edge")}
    if around.more:
        words = say(
            "{node}, with {neighbours} and {edges}; {more:,} more are not shown.",
            node=middle,
            more=around.more,
            **counts,
        )
    else:
        words = say("{node}, with {neighbours} and {edges}.", node=middle, **counts)
    return Drawing(
        network.nodes,
        network.edges,
        lines,
        neighbourhood_table(graph, edges, title),
        edges,
        _legend(graph.kind_of(node).group for node in nodes),
        words,
    )


_EDGE_COLUMNS: Final = [
    later("From"),
    later("Relation"),
    later("To"),
    later("Weight"),
    later("Last"),
    later("File"),
    later("Lines"),
    later("First line"),
]


def neighbourhood_table(graph: KnowledgeGraph, edges: np.ndarray, title: Titles) -> pd.DataFrame:
    """The drawn edges as rows: from, relation, to, weight, when, how many lines, and the first of them."""
    rows = []
    for edge in edges.tolist():
        relation, lines = graph.relation_of(edge), graph.rows_of(edge)
        rows.append(
            (
                node_title(graph, int(graph.sources[edge]), title),
                relation_title(relation.key),
                node_title(graph, int(graph.targets[edge]), title),
                float(graph.weights[edge]),
                _when(graph, int(graph.last[edge])),
                relation.table,
                len(lines),
                int(lines[0]) if len(lines) else 0,
            )
        )
    return pd.DataFrame(rows, columns=_EDGE_COLUMNS)


def draw_paths(graph: KnowledgeGraph, paths: Paths, title: Titles) -> Drawing:
    """The paths of one recommendation, from the user on the left to the item on the right."""
    title = cache(title)
    network = _network()
    columns_of: dict[str, float] = {}
    for path in paths.all:
        keys = [path.steps[0].source.key, *(step.target.key for step in path.steps)]
        for key, column in zip(keys, _COLUMNS_OF[path.kind], strict=True):
            columns_of.setdefault(key, column)
    for key in (f"user:{paths.user_id}", f"item:{paths.item_id}"):
        columns_of.setdefault(key, 0.0 if key.startswith("user:") else 4.0)
    number = {key: place for place, key in enumerate(columns_of)}
    for key, position in _columns(columns_of).items():
        ends_here = key in (f"user:{paths.user_id}", f"item:{paths.item_id}")
        _add_node(network, graph, graph.node(key), number[key], title, position, centre=ends_here, named=True)
    if paths.n_more:
        spot = np.array([2.5 * _COLUMN, 90.0 * (max(_tallest(columns_of), 2) / 2 + 0.5)])
        rest = several(paths.n_more, "+{n:,} more path: {more:+.3f}", "+{n:,} more paths: {more:+.3f}", more=paths.more)
        _add_more(network, "", rest, len(number), spot, None)
    lines: dict[str, Lines] = {}
    for path in paths.all:
        for step in path.steps:
            ends = number[step.source.key], number[step.target.key]
            edge = f"{ends[0]}-{ends[1]}-{step.relation}"
            if edge in lines:
                continue
            words = say(
                "{source} → {target}: {step}",
                source=_name(step.source, title),
                target=_name(step.target, title),
                step=_step_words(step),
            )
            lines[edge] = Lines(words, step.table, _all_rows(graph, step), step.n_rows)
            network.add_edge(
                *ends,
                id=edge,
                title=f"{words}\n{_lines_of(step.n_rows, step.table)}",
                dashes=path.score is None,
                width=2.5 if path.score is not None else 1.5,
                **({} if path.score is None else {"color": TEAL}),
            )
    edges = _graph_edges(graph, paths)
    return Drawing(
        network.nodes,
        network.edges,
        lines,
        paths_table(paths, title),
        edges,
        _legend(key.partition(":")[0].partition(".")[0] for key in columns_of),
        paths_words(paths),
    )


def paths_words(paths: Paths) -> str:
    """What the paths add up to, in a sentence."""
    if paths.part is None:
        return say("This run has no graph part that can be shown as paths; what is shown is evidence for other parts.")
    if not paths.counted:
        return say(
            "The graph part says nothing about this item: the item or the history has no value or fact "
            "in common with other items."
        )
    shown = sum(path.score or 0.0 for path in paths.counted)
    return say(
        "The graph part adds {part:+.3f} to the score: {paths} shown add {shown:+.3f}, {n:,} more add {more:+.3f}.",
        part=paths.part,
        paths=count(len(paths.counted), "path"),
        shown=shown,
        n=paths.n_more,
        more=paths.more,
    )


_PATH_COLUMNS: Final = [
    later("Kind"),
    later("Path from the past item"),
    later("Adds to the score"),
    later("Rests on"),
    later("Lines"),
]


def paths_table(paths: Paths, title: Titles) -> pd.DataFrame:
    """Each path as a row: its kind, the way in words, its share of the score, what it rests on, its lines; last the rest."""
    rows: list[tuple[str, str, str, str, str]] = []
    for path in paths.all:
        way = " → ".join([_name(path.steps[1].source, title), *(_name(s.target, title) for s in path.steps[1:])])
        rows.append((say(PATH_TITLES[path.kind]), way, _share(path), _support(path), _path_lines(path)))
    if paths.n_more:
        rows.append(("", several(paths.n_more, "{n:,} more path", "{n:,} more paths"), f"{paths.more:+.3f}", "", ""))
    return pd.DataFrame(rows, columns=_PATH_COLUMNS)


def values_table(paths: Paths) -> pd.DataFrame:
    """What each value of the item adds to the score, the largest first; last their sum."""
    rows = [(relation_title(share.relation), share.value.id, f"{share.score:+.3f}") for share in paths.values]
    rows.append(("", say("All"), f"{paths.part or 0.0:+.3f}"))
    return pd.DataFrame(rows, columns=[later("Relation"), later("Value"), later("Adds to the score")])


def source_rows(tables: Tables, lines: Lines) -> pd.DataFrame:
    """The lines of a file that an edge stands on, as they were read; an empty table where nobody knows them."""
    frame = {"events": tables.events, "items": tables.items, "facts": tables.facts}.get(
        lines.table, getattr(tables, "users", None)
    )
    if frame is None or columns.ROW not in frame:
        return pd.DataFrame({later("Line"): []})
    found = frame[frame[columns.ROW].isin(lines.rows)]
    rest = [name for name in found.columns if name != columns.ROW]
    shown = pd.DataFrame({"Line": found[columns.ROW].to_numpy()})
    for name in rest:
        values = found[name]
        known = pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values)
        shown[name] = values.to_numpy() if known else values.astype(str).to_numpy()
    return shown


def lines_words(lines: Lines) -> str:
    """What an edge says, and where."""
    if not lines.rows or not all(lines.rows):
        return say("{words}: from {table}, lines unknown.", words=lines.words, table=say(lines.table))
    found = _lines_of(lines.n_rows, lines.table)
    if lines.n_rows > len(lines.rows):
        return say(
            "{words}: {lines}, of which the first {n:,} are shown.", words=lines.words, lines=found, n=len(lines.rows)
        )
    return say("{words}: {lines}.", words=lines.words, lines=found)


_TABLES: Final = (later("events"), later("items"), later("facts"), later("users"))
"""Files that lines are of."""


def _lines_of(n: int, table: str) -> str:
    return say("{lines} of {table}", lines=count(n, "line"), table=say(table))


def graphml_bytes(graph: KnowledgeGraph, drawing: Drawing, title: Titles) -> bytes:
    """What is drawn, as GraphML."""
    file = io.BytesIO()
    write_graphml(graph, drawing.graph_edges, file, title)
    return file.getvalue()


def edges_frame(graph: KnowledgeGraph, drawing: Drawing) -> pd.DataFrame:
    """What is drawn, as rows for a file."""
    return edge_table(graph, drawing.graph_edges)


@cache
def vis_script() -> str:
    """The drawing library that pyvis brings along."""
    return (files("pyvis") / "templates" / "lib" / "vis-9.1.2" / "vis-network.min.js").read_text(encoding="utf-8")


@cache
def vis_style() -> str:
    """The style sheet of the same."""
    return (files("pyvis") / "templates" / "lib" / "vis-9.1.2" / "vis-network.css").read_text(encoding="utf-8")


def html_bytes(drawing: Drawing) -> bytes:
    """The drawing as one file that needs no network: whatever titles hold is text in it, and it may load nothing."""
    import jinja2

    environment = jinja2.Environment(autoescape=True)
    source = (files("metarec_core.figures") / "knowledge_graph.html.jinja").read_text(encoding="utf-8")
    page = environment.from_string(source).render(
        words=drawing.words,
        nodes=drawing.nodes,
        edges=drawing.edges,
        legend=drawing.legend,
        columns=list(drawing.table.columns),
        rows=drawing.table.to_numpy().tolist(),
        script=vis_script(),
        style=vis_style(),
    )
    return page.encode()


def svg_bytes(drawing: Drawing) -> bytes:
    """The drawing as a picture of lines and letters."""
    from html import escape

    spots = {node["id"]: (node["x"], node["y"]) for node in drawing.nodes}
    xs, ys = zip(*spots.values(), strict=True) if spots else ((0,), (0,))
    left, top, width, height = min(xs) - 90, min(ys) - 50, max(xs) - min(xs) + 180, max(ys) - min(ys) + 100
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:.0f} {top:.0f} {width:.0f} {height:.0f}" '
        'font-family="sans-serif" font-size="12">',
        f"<title>{escape(_printable(drawing.words))}</title>",
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
    ]
    for edge in drawing.edges:
        (x1, y1), (x2, y2) = spots[edge["from"]], spots[edge["to"]]
        dashes = ' stroke-dasharray="5 4"' if edge.get("dashes") else ""
        parts.append(f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}" stroke="#9aa3ad"{dashes}/>')
    for node in drawing.nodes:
        x, y = spots[node["id"]]
        parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{node.get("size", 10):.0f}" fill="{node["color"]}"/>')
        label = escape(_printable(str(node["label"]).strip()))
        parts.append(f'<text x="{x:.0f}" y="{y + node.get("size", 10) + 13:.0f}" text-anchor="middle">{label}</text>')
    return "".join([*parts, "</svg>"]).encode()


_COLUMN: Final = 230.0
_COLUMNS_OF: Final = {
    "shared": (0.0, 1.0, 2.5, 4.0),
    "lead": (0.0, 1.0, 2.0, 3.0, 4.0),
    "people": (0.0, 1.0, 2.5, 4.0),
    "context": (0.0, 2.5, 4.0),
}


def _network() -> Any:
    from pyvis.network import Network

    return Network(directed=True, cdn_resources="local")


def _add_node(
    network: Any,
    graph: KnowledgeGraph,
    node: int,
    number: int,
    title: Titles,
    position: np.ndarray,
    *,
    centre: bool,
    named: bool,
) -> None:
    kind = graph.kind_of(node)
    _, colour, shape = STYLES[kind.group]
    name = node_title(graph, node, title)
    tip = say(
        "{kind}: {name}\n{edges}; click to open",
        kind=kind_title(kind.key),
        name=_printable(name)[:200],
        edges=count(int(graph.degrees()[node]), "edge"),
    )
    network.add_node(
        number,
        label=_short(name) if named else " ",
        title=tip,
        color=colour,
        shape=shape,
        size=20 if centre else 11,
        borderWidth=3 if centre else 1,
        x=round(float(position[0]), 1),
        y=round(float(position[1]), 1),
        key=graph.key(node),
    )


def _add_more(network: Any, key: str, label: str, number: int, position: np.ndarray, of: int | None) -> None:
    network.add_node(
        number,
        label=label,
        title=say("Click to show more") if key else label,
        color=GREY,
        shape="box",
        x=round(float(position[0]), 1),
        y=round(float(position[1]), 1),
        size=10,
        font={"color": "#ffffff", "strokeWidth": 0},
        more=bool(key),
    )
    if of is not None:
        network.add_edge(of, number, id="more", dashes=True, width=1, title=label)


def _spread(places: Sequence[int], ends: Sequence[tuple[int, int]], n_near: int) -> np.ndarray:
    """Positions of nodes, float64 [n, 2]: the first in the middle, its neighbours around it by type, what links them outside.

    Seats are those of a sunflower, which leaves every name the same room; what links neighbours sits on their side.

    Args:
        places: Type of each node.
        ends: Edges.
        n_near: Nodes 1 to ``n_near`` are neighbours of the first.
    """
    n = len(places)
    seats = np.sqrt(np.arange(n) / max(n, 1)) * np.exp(2.399963j * np.arange(n))
    sunflower = np.angle(seats)
    spots = np.zeros(n, dtype=np.complex128)
    near, far = np.arange(1, n_near + 1), np.arange(n_near + 1, n)
    spots[near[np.argsort(np.array(places)[near], kind="stable")]] = seats[near[np.argsort(sunflower[near])]]
    pulls = np.zeros(n, dtype=np.complex128)
    both = np.array([*ends, *((t, s) for s, t in ends)], dtype=np.int64).reshape(-1, 2)
    np.add.at(pulls, both[:, 0], spots[both[:, 1]])
    spots[far[np.argsort(np.angle(pulls[far]), kind="stable")]] = seats[far[np.argsort(sunflower[far])]]
    size = 42.0 * np.sqrt(max(n, 12))
    return np.column_stack([spots.real * 1.5 * size, spots.imag * size])


def _columns(columns_of: Mapping[str, float]) -> dict[str, np.ndarray]:
    """Positions of nodes in columns, each column centred."""
    positions = {}
    for column in sorted(set(columns_of.values())):
        keys = [key for key, where in columns_of.items() if where == column]
        for place, key in enumerate(keys):
            positions[key] = np.array([column * _COLUMN, (place - (len(keys) - 1) / 2) * 90.0])
    return positions


def _tallest(columns_of: Mapping[str, float]) -> int:
    return max(Counter(columns_of.values()).values())


def _graph_edges(graph: KnowledgeGraph, paths: Paths) -> np.ndarray:
    """The edges of the graph that paths go along."""
    found = set()
    for path in paths.all:
        for step in path.steps:
            edge = _graph_edge(graph, step)
            if edge is not None:
                found.add(edge)
    return np.array(sorted(found), dtype=np.int64)


def _graph_edge(graph: KnowledgeGraph, step: Step) -> int | None:
    """The edge a step goes along; None for a lead, which stands on many events."""
    relation = next((one for one in graph.relations if one.key == step.relation), None)
    if relation is None:
        return None
    ends = graph.node(step.source.key), graph.node(step.target.key)
    there = graph.edge(relation, *ends)
    return graph.edge(relation, ends[1], ends[0]) if there is None else there


def _all_rows(graph: KnowledgeGraph, step: Step) -> tuple[int, ...]:
    edge = _graph_edge(graph, step)
    return step.rows if edge is None else tuple(graph.rows_of(edge)[:MOST_ROWS].tolist())


def _legend(groups: Iterable[str]) -> tuple[tuple[str, str], ...]:
    there = set(groups)
    return tuple((title, colour) for group, (title, colour, _) in STYLES.items() if group in there)


def _edge_words(graph: KnowledgeGraph, edge: int, relation: Relation, title: Titles) -> str:
    ends = (node_title(graph, int(node), title) for node in (graph.sources[edge], graph.targets[edge]))
    source, target = (_printable(end) for end in ends)
    return say("{source} → {target}: {step}", source=source, target=target, step=relation_title(relation.key).lower())


def _edge_tip(graph: KnowledgeGraph, edge: int, words: str) -> str:
    when = _when(graph, int(graph.last[edge]))
    weight = f"{graph.weights[edge]:.3g}"
    if when:
        return say(
            "{words}\nweight {weight}, last {when}\nclick for its source rows", words=words, weight=weight, when=when
        )
    return say("{words}\nweight {weight}\nclick for its source rows", words=words, weight=weight)


def _width(graph: KnowledgeGraph, edge: int) -> float:
    return round(0.8 + 0.3 * min(float(np.log1p(graph.weights[edge])), 4.0), 2)


def _step_words(step: Step) -> str:
    if step.relation == "leads to":
        return say("{steps} in the log go this way", steps=count(step.n_rows, "step"))
    return relation_title(step.relation).lower()


def _name(node: Any, title: Titles) -> str:
    """A node of a path for people. Other people are people, not ids: those are in the lines."""
    if node.kind == "item":
        return title(node.id)
    return say("user {id}", id=node.id) if node.kind == "user" else str(node.id)


def _share(path: Path) -> str:
    return say("not counted") if path.score is None else f"{path.score:+.3f}"


def _support(path: Path) -> str:
    if path.kind == "people":
        return several(path.support, "{n:,} person chose both", "{n:,} people chose both")
    if path.kind == "context":
        return say(
            "{events} of the user, {times:.1f} times the usual rate",
            events=count(path.support, "event"),
            times=path.strength,
        )
    if path.kind == "lead":
        return say("{steps} in the log", steps=count(path.support, "step"))
    return count(path.support, "event")


def _path_lines(path: Path) -> str:
    return "; ".join(
        f"{say(step.table)} {listed(map(str, step.rows[:3]))}{' …' if step.n_rows > 3 else ''}"
        for step in path.steps
        if step.rows
    )


def _when(graph: KnowledgeGraph, moment: int) -> str:
    if moment == NO_TIME:
        return ""
    if not graph.has_clock_times:
        return say("event {place:,}", place=moment)
    return day(datetime.fromtimestamp(moment, UTC))


def _short(text: str) -> str:
    line = _printable(text)
    return line if len(line) <= MOST_LABEL else line[: MOST_LABEL - 1].rstrip() + "…"


def _printable(text: str) -> str:
    """One line without signs that control how text runs, so that a title cannot turn its neighbours around."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _human(name: str) -> str:
    words = name.replace("_", " ").replace(".", " ").strip()
    return words[:1].upper() + words[1:]
