"""Search for better settings: the space that is searched, and what one trial measures, on validation alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from metarec_core.config import RunConfig

if TYPE_CHECKING:
    from metarec_core.data.split import Split
    from metarec_core.models.scorer import Float32Array


@dataclass(frozen=True)
class Between:
    """A number from ``low`` to ``high``, drawn evenly or evenly on a logarithmic scale."""

    low: float
    high: float
    log: bool = False

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}{', evenly on a logarithmic scale' if self.log else ''}"


@dataclass(frozen=True)
class OneOf:
    """One of a few values, in which no order is seen."""

    values: tuple[str | int, ...]

    def __str__(self) -> str:
        return f"{', '.join(map(str, self.values[:-1]))} or {self.values[-1]}"


SPACE: Final[dict[str, Between | OneOf]] = {
    "train.learning_rate": Between(5e-4, 2e-2, log=True),
    "train.weight_decay": Between(1e-6, 1e-1, log=True),
    "train.batch_events": OneOf((256, 512, 1024)),
    "model.encoder": OneOf(("lstm", "transformer")),
    "model.embedding_dim": OneOf((32, 64, 128)),
    "model.sequence_length": OneOf((20, 50, 100)),
    "model.dropout": Between(0.0, 0.5),
    "model.id_dropout": Between(0.0, 0.3),
}
"""What is searched, by the names of settings; everything else stays as it was asked for. ``tune --help`` and
``docs/concepts.md`` list it."""

MEASURE: Final = "ndcg@10"


@dataclass(frozen=True)
class Measured:
    """A value of a trial: after a pass of the network, or of the whole model in the end."""

    epoch: int
    value: float
    is_last: bool


def trial(split: Split, config: RunConfig, device: str, text: Float32Array | None) -> Iterator[Measured | None]:
    """Train once and measure on validation; ``split.test`` is never looked at, and nothing is refitted.

    Yields:
        A value at the end of each pass, None in between, and the whole model's value last.
    """
    from metarec_core.training.trainer import fit

    for report in fit(split, config.with_settings(["evaluation.ablation=false"]), device, None, text):
        if report.validation is None:
            yield None
            continue
        whole = report.stage == "weights"
        yield Measured(report.epoch, report.validation[MEASURE], whole)
        if whole:
            return
