"""Over a run: how many recommendations have a path, whether its lines are true, and of what sort paths are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from metarec_core.data.store import open_tables
from metarec_core.explain.grounding import Grounds
from metarec_core.explain.paths import paths
from metarec_core.graph.paths import Path, Paths, Step
from metarec_core.recommend.recommender import Recommender
from metarec_core.runs.run import Run
from metarec_core.runs.store import read_json, write_json

K: Final = 10
"""Length of the lists whose items must have paths."""

MOST_UNTRUE: Final = 5


@dataclass(frozen=True)
class PathQuality:
    """What the paths of a run are like, over some of its users and the whole lists of these.

    Attributes:
        users, recommendations, paths: How many were looked at; paths are those that are shown.
        counted: Share of recommendations with a path that the graph part counts.
        any: Share of recommendations with any path, also of people or situations.
        edges: Steps of shown paths that are edges of the graph.
        grounded: Share of these that name a line, and whose every named line says so in the tables; None without any.
        leads: Steps from value to value. They are learned, not read.
        backed: Share of these that events of the log go along, and whose every named line does; None without any.
        untrue: The first edges that are not grounded, and leads with a line that says otherwise.
        kinds: Share of shown paths by kind.
        diversity: Chance that two paths of one list differ in kind or relations (Simpson), mean over lists.
        recency: How late in the history the past item of a path was last chosen: 1 the latest event, near 0 the first; mean.
        popularity: Share of items that have the value which a path shares; mean over paths of kind "shared"; None without.
        seed: Of the draw.

    Source:
        After Balloccu et al. 2022, "Post Processing Recommender Systems with Knowledge Graphs for Recency, Popularity, and
        Diversity of Explanations", section 3: linking interaction recency, shared entity popularity, explanation type
        diversity; here plain shares, which need no settings.
    """

    users: int
    recommendations: int
    paths: int
    counted: float
    any: float
    edges: int
    grounded: float | None
    leads: int
    backed: float | None
    untrue: tuple[str, ...]
    kinds: Mapping[str, float]
    diversity: float | None
    recency: float | None
    popularity: float | None
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> PathQuality:
        return cls(**{**values, "untrue": tuple(values["untrue"]), "kinds": dict(values["kinds"])})


def path_quality(recommender: Recommender, grounds: Grounds, *, n_users: int = 50, seed: int = 0) -> PathQuality:
    """Look up the paths of whole lists.

    Args:
        recommender: A run at work.
        grounds: What steps are held against.
        n_users: Users drawn from those with events.
        seed: Of the draw.
    """
    lengths = recommender.dataset.events.lengths()
    chosen = np.random.default_rng(seed).permutation(np.flatnonzero(lengths > 0))[:n_users]
    lists: list[list[Paths]] = []
    for number in chosen.tolist():
        user_id = recommender.dataset.users.id(number)
        listed = recommender.recommend([user_id], K).item_ids
        lists.append([paths(recommender, user_id=user_id, item_id=item_id) for item_id in listed])
    pairs = [pair for listed in lists for pair in listed]
    shown = [path for pair in pairs for path in pair.all]
    steps = list(dict.fromkeys(step for path in shown for step in path.steps))
    truth = {step: grounds.hold(step) for step in steps}
    every = [step for path in shown for step in path.steps]
    edges, leads = [s for s in every if not _is_lead(s)], [s for s in every if _is_lead(s)]
    untrue = [_words(step) for step, holds in truth.items() if not holds and (step.rows or not _is_lead(step))]
    kinds = Counter(path.kind for path in shown)
    return PathQuality(
        len(chosen),
        len(pairs),
        len(shown),
        _share([bool(pair.counted) for pair in pairs]) or 0.0,
        _share([bool(pair.all) for pair in pairs]) or 0.0,
        len(edges),
        _share([truth[step] for step in edges]),
        len(leads),
        _share([truth[step] for step in leads]),
        tuple(untrue[:MOST_UNTRUE]),
        {kind: kinds[kind] / len(shown) for kind in sorted(kinds)},
        _mean([_simpson([path for pair in listed for path in pair.all]) for listed in lists]),
        _mean([_recency(recommender, pair.user_id, path) for pair in pairs for path in pair.all]),
        _mean([_popularity(recommender, path) for path in shown]),
        seed,
    )


def kept_paths(run: Run) -> PathQuality | None:
    """``path_quality`` of a finished run, where it was measured before.

    Raises:
        RunError: What was kept is damaged.
    """
    kept = run.folder.path_quality
    return PathQuality.from_dict(read_json(kept)["found"]) if kept.is_file() else None


def measured_paths(run: Run, recommender: Recommender, *, n_users: int) -> PathQuality:
    """``path_quality`` of a finished run, read back where it was measured before on as many users.

    Raises:
        RunError: The run's tables are damaged or gone.
    """
    kept = run.folder.path_quality
    if kept.is_file() and read_json(kept)["asked"] == n_users and (known := kept_paths(run)) is not None:
        return known
    tables = open_tables(run.folder.store, run.manifest.tables_fingerprint)
    grounds = Grounds(tables, recommender.knowledge_graph, recommender.dataset.events.ties_are_sets)
    found = path_quality(recommender, grounds, n_users=n_users, seed=run.config.seed)
    write_json(kept, {"asked": n_users, "found": found.to_dict()})
    return found


def _is_lead(step: Step) -> bool:
    return step.relation == "leads to"


def _words(step: Step) -> str:
    return f"{step.source.key} → {step.target.key}: {step.relation}, {step.table} {', '.join(map(str, step.rows))}"


def _simpson(shown: Sequence[Path]) -> float | None:
    """Chance that two of the paths, drawn with no regard to order and not the same one twice, are of different types."""
    counts = Counter((path.kind, tuple(step.relation for step in path.steps)) for path in shown)
    n = len(shown)
    return 1 - sum(count * (count - 1) for count in counts.values()) / (n * (n - 1)) if n > 1 else None


def _recency(recommender: Recommender, user_id: str, path: Path) -> float | None:
    past = path.steps[0].target
    if past.kind != "item":
        return None
    data = recommender.dataset
    user = data.users.number(user_id)
    history = data.events.item_numbers[data.events.offsets[user] : data.events.offsets[user + 1]]
    return float(np.flatnonzero(history == data.items.number(past.id))[-1] + 1) / len(history)


def _popularity(recommender: Recommender, path: Path) -> float | None:
    if path.kind != "shared":
        return None
    graph = recommender.knowledge_graph
    return float(graph.degrees()[graph.node(path.steps[1].target.key)]) / recommender.dataset.n_items


def _share(told: Sequence[bool]) -> float | None:
    return sum(told) / len(told) if told else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
