"""What the parts of a score are called and which colour each has, everywhere it is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from metarec_core.data import columns
from metarec_core.figures.bars import Piece, stacked
from metarec_core.figures.palette import AMBER, BLUE, GREEN, GREY, OLIVE, PINK, PLUM, RUST, TEAL, VIOLET
from metarec_core.figures.text import added
from metarec_core.language import later, say


@dataclass(frozen=True)
class PartStyle:
    """How one part is shown.

    Attributes:
        title: Its name for people, to be said.
        colour: ``#rrggbb``, readable on a light and on a dark page and apart from the others for the colour-blind.
        meaning: What the part looks at, in a few words, to be said.
    """

    title: str
    colour: str
    meaning: str


PART_STYLES: Final[dict[str, PartStyle]] = {
    "sequence": PartStyle(later("Sequence"), BLUE, later("the order of the whole history (neural network)")),
    "transition": PartStyle(later("What follows"), AMBER, later("what comes right after the latest items")),
    "cooccurrence": PartStyle(later("Goes together"), GREEN, later("what people with the same items chose")),
    "regression": PartStyle(later("Recent pattern"), VIOLET, later("what the latest items together lead to")),
    "popularity": PartStyle(later("Popularity"), GREY, later("how often everyone chooses it")),
    "recent": PartStyle(later("Recently popular"), OLIVE, later("how often everyone chose it recently")),
    "context": PartStyle(later("Situation"), RUST, later("what is chosen more often in this device, channel or scene")),
    "text": PartStyle(later("Text"), PINK, later("how similar the descriptions are")),
    "modes": PartStyle(later("Looks and sounds"), PLUM, later("how similar the images or sounds are")),
    "graph": PartStyle(later("Knowledge"), TEAL, later("which kinds of items lead to which")),
}
"""Known parts, in the order in which bars are stacked and columns are shown."""

OTHER_COLOUR: Final = PLUM


def part_style(name: str) -> PartStyle:
    """The style of a part; one that is not known is shown under its own name."""
    return PART_STYLES.get(name) or PartStyle(
        name.replace("_", " ").capitalize(), OTHER_COLOUR, later("what it has learned")
    )


def part_names(frame_columns: Iterable[str]) -> list[str]:
    """Parts that a recommendation frame has columns of, in the order they are shown."""
    found = [c.removeprefix(columns.PART_PREFIX) for c in frame_columns if c.startswith(columns.PART_PREFIX)]
    order = list(PART_STYLES)
    return sorted(found, key=lambda name: order.index(name) if name in order else len(order))


def part_pieces(values: Mapping[str, float]) -> tuple[Piece, ...]:
    """A bar of parts that add up, each in its colour and told with its value."""
    styles = {part: part_style(part) for part in values}
    return stacked(
        [
            (value, styles[part].colour, say("{name}: {value}", name=say(styles[part].title), value=added(value)))
            for part, value in values.items()
        ]
    )


def part_legend(parts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Names and colours of parts."""
    return tuple((say(part_style(part).title), part_style(part).colour) for part in parts)
