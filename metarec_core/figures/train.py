"""The Train page: which job is where, and loss and validation while a run is being made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, Protocol

import pandas as pd
import plotly.graph_objects as go

from metarec_core.config import RunConfig
from metarec_core.figures.evaluate import measure_title
from metarec_core.figures.home import settings_name, training_title
from metarec_core.figures.palette import AMBER, BLUE
from metarec_core.figures.text import duration, listed, percent, when
from metarec_core.language import later, say, several
from metarec_core.runs.store import Request

BadgeColour = Literal["blue", "green", "red", "gray", "orange"]

STATE_STYLES: Final[Mapping[str, tuple[str, str, BadgeColour]]] = {
    "starting": (later("Starting"), ":material/hourglass_top:", "blue"),
    "queued": (later("Queued"), ":material/hourglass_top:", "blue"),
    "running": (later("Running"), ":material/autorenew:", "blue"),
    "done": (later("Done"), ":material/check_circle:", "green"),
    "failed": (later("Failed"), ":material/error:", "red"),
    "cancelled": (later("Cancelled"), ":material/cancel:", "gray"),
    "lost": (later("Lost"), ":material/link_off:", "orange"),
}
"""Title, icon and badge colour of each state of a job; the title, to be said, says it without the colour."""

PRESET_WORDS: Final = {
    "fast": later("A small model and few passes: seconds to a minute on the samples."),
    "balanced": later("The usual choice: minutes for 100,000 events."),
    "best": later("A larger model, trained until validation stops improving: may take hours."),
}


LISTS_FIRST_HELP: Final = later(
    "Trains two runs: first one without the network, ready in a fraction of the time, then the full one. "
    "The Evaluate page of the second shows what the network adds, with an interval."
)

STAGE_TITLES: Final = {
    "queued": later("Waiting"),
    "preparing": later("Reading the data"),
    "text": later("Reading titles and descriptions"),
    "memories": later("Counting what goes together"),
    "sequence": later("Training the network"),
    "weights": later("Weighting the parts"),
    "refit": later("Adding the latest events"),
    "evaluation": later("Comparing with the baselines"),
    "done": later("Done"),
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
    return training_title(request.tables_name, config.preset_name, when(asked))


def presets_words(seconds: Mapping[str, float], n_past: int) -> str:
    """How long each preset takes on this data and this machine, in a line."""
    words = listed(
        say("{preset} about {time}", preset=settings_name(name).capitalize(), time=duration(value))
        for name, value in seconds.items()
    )
    if not n_past:
        return say(
            "On this data and this machine: {words} (estimated from a measurement of this machine).", words=words
        )
    return several(
        n_past,
        "On this data and this machine: {words} (estimated from an earlier run here).",
        "On this data and this machine: {words} (estimated from {n:,} earlier runs here).",
        words=words,
    )


def settings_words(seconds: float) -> str:
    """How long a training takes with settings that are no preset's."""
    return say("With these settings: about {time}.", time=duration(seconds))


def estimate_words(expected_s: float, took_s: float) -> str:
    """An estimate beside what the training took: ``Estimated 40 s, took 50 s (25% more).``"""
    share = took_s / max(expected_s, 1e-9) - 1
    return say(
        "Estimated {expected}, took {took} ({share} more)."
        if share > 0
        else "Estimated {expected}, took {took} ({share} less).",
        expected=duration(expected_s),
        took=duration(took_s),
        share=percent(abs(share)),
    )


def fraction(status: Status) -> float:
    """How far the progress bar is, 0 to 1: stages have fixed places, and the network moves through its own by time."""
    place = STAGE_PLACES.get(status.stage, 0.0)
    if status.stage == NETWORK_STAGE and status.remaining_s is not None and status.elapsed_s > 0:
        done = status.elapsed_s / (status.elapsed_s + status.remaining_s)
        return place + (STAGE_PLACES["weights"] - place) * done
    return place


def progress_words(status: Status) -> str:
    """What is being done, in a line: ``Training the network, pass 2 of 4 at most, about 12 s to go``."""
    title = STAGE_TITLES.get(status.stage, status.stage.replace("_", " ").capitalize())
    words = say(title or later("Getting ready"))
    if status.stage == NETWORK_STAGE and status.epochs:
        epoch = min(status.epoch + 1, status.epochs)
        words = say("{words}, pass {n} of at most {all}", words=words, n=epoch, all=status.epochs)
        if status.remaining_s is not None:
            words = say("{words}, about {time} left", words=words, time=duration(status.remaining_s))
    return words


def figures_now(status: Status) -> list[tuple[str, str, str]]:
    """The numbers beside the curves: label, value, help."""
    rate = status.examples_per_s
    return [
        (
            say("Time so far"),
            duration(status.elapsed_s),
            say("Training time, without the time between a stop and a resume."),
        ),
        (
            say("Time left"),
            duration(status.remaining_s) if status.stage == NETWORK_STAGE and status.remaining_s is not None else "–",
            say("An estimate: training stops earlier when validation stops improving."),
        ),
        (
            say("Loss"),
            "–" if status.loss is None else f"{status.loss:.3f}",
            say("Mean training loss since the pass began."),
        ),
        (say("Examples/s"), "–" if rate is None else f"{rate:,.0f}", say("Training events per second.")),
        (
            say("Memory"),
            "–" if status.memory_mb is None else f"{status.memory_mb / 1024:.1f} GiB",
            say("Resident memory of the training process."),
        ),
    ]


def jobs_table(rows: Sequence[tuple[str, str, float]]) -> pd.DataFrame:
    """Jobs as a table: Training, State, Time.

    Args:
        rows: Title, state and seconds of each job.
    """
    shown = [
        (title, say(STATE_STYLES[state][0]), duration(seconds) if seconds else "–") for title, state, seconds in rows
    ]
    return pd.DataFrame(shown, columns=[later("Training"), later("State"), later("Time")])


def has_passes(history: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a pass of the network has finished: before, and without a network, its curves would be bare axes."""
    return bool(_losses(history))


def training_curves(history: Sequence[Mapping[str, Any]], measure: str = "ndcg@10") -> tuple[go.Figure, go.Figure]:
    """Loss by pass, and the network's validation measure by pass with its best point marked.

    Args:
        history: One entry a finished pass or stage: stage, epoch, loss, validation (measures by name). Only the passes of
            the network are drawn; a pass that was done again after a resume counts as it was last.
        measure: Which validation measure to draw.
    """
    losses, scores = _losses(history), _scores(history, measure)
    loss = _curve(losses, say("Training loss"), BLUE, ".3f")
    title = say("Validation {measure} of the network", measure=measure_title(measure))
    validation = _curve(scores, title, AMBER, ".4f")
    if scores:
        epoch, best = max(scores, key=lambda point: point[1])
        validation.add_scatter(
            x=[epoch],
            y=[best],
            mode="markers+text",
            marker={"size": 11, "symbol": "diamond", "color": AMBER},
            text=[say("best {value:.4f}", value=best)],
            textposition="top left" if epoch > 1 else "top right",
            cliponaxis=False,
            hoverinfo="skip",
        )
    return loss, validation


def loss_words(history: Sequence[Mapping[str, Any]]) -> str:
    """The loss curve in a sentence."""
    losses = _losses(history)
    if not losses:
        return say("Training loss by pass over the data: no pass has finished yet.")
    return several(
        len(losses),
        "Training loss by pass over the data: {last:.3f} after {n} pass.",
        "Training loss by pass over the data: from {first:.3f} to {last:.3f} in {n} passes.",
        first=losses[0][1],
        last=losses[-1][1],
    )


def validation_words(history: Sequence[Mapping[str, Any]], measure: str = "ndcg@10") -> str:
    """The validation curve in a sentence."""
    scores, title = _scores(history, measure), measure_title(measure)
    if not scores:
        return say("Validation {measure} of the network by pass: no pass has finished yet.", measure=title)
    epoch, best = max(scores, key=lambda point: point[1])
    return say(
        "Validation {measure} of the network by pass: from {first:.4f} to {last:.4f}, best {best:.4f} after pass {epoch}.",
        measure=title,
        first=scores[0][1],
        last=scores[-1][1],
        best=best,
        epoch=epoch,
    )


def curves_table(history: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Both curves in numbers: Pass, Training loss, Validation NDCG@10; a pass without the one or the other has none."""
    losses, scores = dict(_losses(history)), dict(_scores(history, "ndcg@10"))
    passes = sorted(losses | scores)
    return pd.DataFrame(
        {
            later("Pass"): passes,
            later("Training loss"): pd.Series([losses.get(epoch) for epoch in passes], dtype=float),
            later("Validation NDCG@10"): pd.Series([scores.get(epoch) for epoch in passes], dtype=float),
        }
    )


def _passes(history: Sequence[Mapping[str, Any]]) -> list[tuple[int, Mapping[str, Any]]]:
    """Passes of the network in their order, each as it was done last."""
    found = {entry["epoch"]: entry for entry in history if entry.get("stage") == NETWORK_STAGE and entry.get("epoch")}
    return sorted(found.items())


def _losses(history: Sequence[Mapping[str, Any]]) -> list[tuple[int, float]]:
    return [(epoch, entry["loss"]) for epoch, entry in _passes(history) if entry.get("loss") is not None]


def _scores(history: Sequence[Mapping[str, Any]], measure: str) -> list[tuple[int, float]]:
    validated = [(epoch, entry.get("validation") or {}) for epoch, entry in _passes(history)]
    return [(epoch, validation[measure]) for epoch, validation in validated if measure in validation]


def _curve(points: Sequence[tuple[int, float]], title: str, colour: str, digits: str) -> go.Figure:
    figure = go.Figure()
    figure.add_scatter(
        x=[epoch for epoch, _ in points],
        y=[value for _, value in points],
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"size": 6},
        hovertemplate=say("pass {at}: {value}", at="%{x}", value="%{y:" + digits + "}") + "<extra></extra>",
    )
    figure.update_layout(
        title={"text": title, "font": {"size": 14}},
        height=260,
        margin={"l": 8, "r": 8, "t": 44, "b": 8},
        showlegend=False,
        xaxis={"title": say("Pass over the data"), "fixedrange": True, "tickformat": "d"},
        yaxis={"fixedrange": True, "automargin": True, "nticks": 5},
    )
    if len(points) < 12:
        figure.update_xaxes(dtick=1)
    return figure
