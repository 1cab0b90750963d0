"""The Train page: which job is where, and loss and validation while a run is being made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, Protocol

import pandas as pd
import plotly.graph_objects as go

from metarec_core.config import RunConfig
from metarec_core.figures.evaluate import measure_title
from metarec_core.figures.palette import AMBER, BLUE
from metarec_core.figures.text import duration, when
from metarec_core.runs.store import Request

BadgeColour = Literal["blue", "green", "red", "gray", "orange"]

STATE_STYLES: Final[Mapping[str, tuple[str, str, BadgeColour]]] = {
    "starting": ("Starting", ":material/hourglass_top:", "blue"),
    "queued": ("Queued", ":material/hourglass_top:", "blue"),
    "running": ("Running", ":material/autorenew:", "blue"),
    "done": ("Done", ":material/check_circle:", "green"),
    "failed": ("Failed", ":material/error:", "red"),
    "cancelled": ("Cancelled", ":material/cancel:", "gray"),
    "lost": ("Lost", ":material/link_off:", "orange"),
}
"""Title, icon and badge colour of each state of a job; the title says it without the colour."""

PRESET_WORDS: Final = {
    "fast": "A small model and few passes: seconds to a minute on the samples.",
    "balanced": "The usual choice: minutes for 100,000 events.",
    "best": "A larger model, trained until validation stops improving: as long as it takes.",
}


LISTS_FIRST_HELP: Final = (
    "Trains two runs: first one without the network, which is ready in a fraction of the time, then the whole. The Evaluate "
    "page of the second says what the network adds, with an interval."
)

STAGE_TITLES: Final = {
    "queued": "Waiting",
    "preparing": "Reading the data",
    "text": "Reading titles and descriptions",
    "memories": "Counting what goes together",
    "sequence": "Training the network",
    "weights": "Weighing the parts",
    "refit": "Taking in the latest events",
    "evaluation": "Comparing with the baselines",
    "done": "Done",
}
STAGE_PLACES: Final = {
    "text": 0.01,
    "memories": 0.03,
    "sequence": 0.1,
    "weights": 0.8,
    "refit": 0.87,
    "evaluation": 0.92,
    "done": 1.0,
}
"""Where the progress bar stands when a stage begins."""

NETWORK_STAGE: Final = "sequence"
"""The stage that goes through the data in passes and has curves."""


class Status(Protocol):
    """What is told of a job at one moment (``jobs.status.JobStatus``)."""

    @property
    def stage(self) -> str: ...
    @property
    def epoch(self) -> int: ...
    @property
    def epochs(self) -> int: ...
    @property
    def step(self) -> int: ...
    @property
    def steps(self) -> int: ...
    @property
    def loss(self) -> float | None: ...
    @property
    def examples_per_s(self) -> float | None: ...
    @property
    def elapsed_s(self) -> float: ...
    @property
    def remaining_s(self) -> float | None: ...
    @property
    def memory_mb(self) -> float | None: ...


def job_title(run_id: str, request: Request, config: RunConfig) -> str:
    """A job's name for people: ``shop (sample), fast, 24 Nov 2026, 08:30``."""
    asked = datetime.strptime(run_id[:15], "%Y%m%d-%H%M%S")
    return f"{request.tables_name}, {config.preset_name or 'own settings'}, {when(asked)}"


def presets_words(seconds: Mapping[str, float], n_past: int) -> str:
    """How long each preset takes on this data and this machine, in a line."""
    words = ", ".join(f"{name.capitalize()} about {duration(value)}" for name, value in seconds.items())
    source = {0: "a measurement of this machine", 1: "an earlier run here"}.get(n_past, f"{n_past:,} earlier runs here")
    return f"On this data and this machine: {words} (estimated from {source})."


def estimate_words(expected_s: float, took_s: float) -> str:
    """An estimate beside what the training took: ``Estimated 40 s, took 50 s (25 % more).``"""
    share = took_s / max(expected_s, 1e-9) - 1
    compared = f"{abs(share):.0%} {'more' if share > 0 else 'less'}".replace("%", " %")
    return f"Estimated {duration(expected_s)}, took {duration(took_s)} ({compared})."


def fraction(status: Status) -> float:
    """How far the progress bar is, 0 to 1: stages have fixed places, and the network moves through its own by time."""
    place = STAGE_PLACES.get(status.stage, 0.0)
    if status.stage == NETWORK_STAGE and status.remaining_s is not None and status.elapsed_s > 0:
        done = status.elapsed_s / (status.elapsed_s + status.remaining_s)
        return place + (STAGE_PLACES["weights"] - place) * done
    return place


def progress_words(status: Status) -> str:
    """What is being done, in a line: ``Training the network, pass 2 of 4 at most, about 12 s to go``."""
    words = [STAGE_TITLES.get(status.stage, status.stage.replace("_", " ").capitalize()) or "Getting ready"]
    if status.stage == NETWORK_STAGE and status.epochs:
        words.append(f"pass {min(status.epoch + 1, status.epochs)} of {status.epochs} at most")
        if status.remaining_s is not None:
            words.append(f"about {duration(status.remaining_s)} to go")
    return ", ".join(words)


def figures_now(status: Status) -> list[tuple[str, str, str]]:
    """The numbers beside the curves: label, value, help."""
    rate = status.examples_per_s
    return [
        ("Time so far", duration(status.elapsed_s), "Since training began or went on."),
        (
            "Time left",
            duration(status.remaining_s) if status.stage == NETWORK_STAGE and status.remaining_s is not None else "–",
            "An estimate: training stops earlier when validation stops improving.",
        ),
        ("Loss", "–" if status.loss is None else f"{status.loss:.3f}", "Mean training loss since the pass began."),
        ("Examples/s", "–" if rate is None else f"{rate:,.0f}", "Training events a second."),
        (
            "Memory",
            "–" if status.memory_mb is None else f"{status.memory_mb / 1024:.1f} GiB",
            "Resident memory of the training process.",
        ),
    ]


def jobs_table(rows: Sequence[tuple[str, str, float]]) -> pd.DataFrame:
    """Jobs as a table: Training, State, Time.

    Args:
        rows: Title, state and seconds of each job.
    """
    shown = [(title, STATE_STYLES[state][0], duration(seconds) if seconds else "–") for title, state, seconds in rows]
    return pd.DataFrame(shown, columns=["Training", "State", "Time"])


def training_curves(history: Sequence[Mapping[str, Any]], measure: str = "ndcg@10") -> tuple[go.Figure, go.Figure]:
    """Loss by pass, and the network's validation measure by pass with its best point marked.

    Args:
        history: One entry a finished pass or stage: stage, epoch, loss, validation (measures by name). Only the passes of
            the network are drawn; a pass that was done again after a resume counts as it was last.
        measure: Which validation measure to draw.
    """
    passes = {entry["epoch"]: entry for entry in history if entry.get("stage") == NETWORK_STAGE and entry.get("epoch")}
    losses = [(epoch, entry["loss"]) for epoch, entry in sorted(passes.items()) if entry.get("loss") is not None]
    scores = [
        (epoch, entry["validation"][measure])
        for epoch, entry in sorted(passes.items())
        if measure in (entry.get("validation") or {})
    ]
    loss = _curve(losses, "Training loss", BLUE, ".3f")
    validation = _curve(scores, f"Validation {measure_title(measure)} of the network", AMBER, ".4f")
    if scores:
        epoch, best = max(scores, key=lambda point: point[1])
        validation.add_scatter(
            x=[epoch],
            y=[best],
            mode="markers+text",
            marker={"size": 11, "symbol": "diamond", "color": AMBER},
            text=[f"best {best:.4f}"],
            textposition="top left" if epoch > 1 else "top right",
            cliponaxis=False,
            hoverinfo="skip",
        )
    return loss, validation


def _curve(points: Sequence[tuple[int, float]], title: str, colour: str, digits: str) -> go.Figure:
    figure = go.Figure()
    figure.add_scatter(
        x=[epoch for epoch, _ in points],
        y=[value for _, value in points],
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"size": 6},
        hovertemplate="pass %{x}: %{y:" + digits + "}<extra></extra>",
    )
    figure.update_layout(
        title={"text": title, "font": {"size": 14}},
        height=260,
        margin={"l": 8, "r": 8, "t": 44, "b": 8},
        showlegend=False,
        xaxis={"title": "Pass over the data", "fixedrange": True, "tickformat": "d"},
        yaxis={"fixedrange": True, "automargin": True, "nticks": 5},
    )
    if len(points) < 12:
        figure.update_xaxes(dtick=1)
    return figure
