"""What a run says about itself: of what, with what, how long, how large."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from metarec_core.language import say

FORMAT: Final = 1
"""Version of the run folder's layout; a reader refuses the ones it does not know."""


class Manifest(BaseModel):
    """The record of a finished run.

    Attributes:
        format: Layout version.
        metarec_version: The version that wrote it.
        created: ISO 8601 UTC time at which the run was finished.
        tables_fingerprint: Which tables it was made from.
        tables_name: Their name for people.
        n_users: Size of the user vocabulary.
        n_items: Size of the item vocabulary.
        n_events: Events in the tables.
        device: What it was trained on.
        versions: Python and the packages that had a say in the result.
        timings_s: Seconds of each stage and in "total", over all sittings of a training that was resumed.
        peak_memory_mb: Highest resident memory of the training process.
        learned: What the trainer reports beside the weights (k of each part, chosen memory settings, best epoch …).
        validation: Validation measures of the kept model.
        peak_gpu_memory_mb: Most memory that its tensors held on a CUDA device; 0 on others.
        code: Twelve hex digits of the code that wrote it (``made_with.code_hash``); "" in runs of earlier versions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    metarec_version: str
    created: str
    tables_fingerprint: str
    tables_name: str
    n_users: int
    n_items: int
    n_events: int
    device: str
    versions: dict[str, str]
    timings_s: dict[str, float]
    peak_memory_mb: float
    learned: dict[str, Any]
    validation: dict[str, float]
    peak_gpu_memory_mb: float = 0.0
    code: str = ""

    @property
    def links(self) -> str:
        """How well the graph's space foretells held-out facts, in one sentence; "" in runs that did not say."""
        graph = self.learned.get("graph", {})
        found = graph.get("link_prediction", {})
        own = found.get(graph.get("embedding"))
        if not own:
            return ""
        return (
            f"Of {own['n']:,} facts held out of the graph ({graph['embedding']}), MRR is {own['mrr']:.3f} and hits@10 "
            f"{own['hits']:.3f}; by frequency alone {found['frequency']['mrr']:.3f} and {found['frequency']['hits']:.3f}."
        )

    @property
    def behind(self) -> str:
        """Which simple model ranks better than what serves, on validation, in one sentence; "" where none does."""
        found = self.learned.get("baselines_on_validation", {})
        simple = found.get("baselines")
        if not simple:
            return ""
        best = max(simple, key=lambda name: float(simple[name]))
        if simple[best] <= found["run"]:
            return ""
        return say(
            "On {n:,} validation questions the simple model {name} ranks better than this run: NDCG@10 {theirs:.4f} against "
            "{own:.4f}.",
            n=found["questions"],
            name=best,
            theirs=simple[best],
            own=found["run"],
        )

    @property
    def reading(self) -> str:
        """What read the items' texts, in one sentence; "" in runs that read none."""
        name = self.learned.get("text_encoder")
        if not name:
            return ""
        if name == "tf-idf":
            return say("The texts of items were read by TF-IDF, which counts words.")
        return say("The texts of items were read by the language model {name}.", name=name)

    @property
    def speed(self) -> str:
        """How fast training and scoring were, in one sentence; "" in runs that did not say."""
        throughput = self.learned.get("throughput", {})
        trained, scored = throughput.get("training_events_per_s"), throughput.get("scored_users_per_s")
        if trained and scored:
            return say(
                "On this machine the run learned from {events:,.0f} events per second and ranked the "
                "catalogue for {users:,.0f} users per second.",
                events=trained,
                users=scored,
            )
        if trained:
            return say("On this machine the run learned from {events:,.0f} events per second.", events=trained)
        if scored:
            return say("On this machine the run ranked the catalogue for {users:,.0f} users per second.", users=scored)
        return ""
