"""The tour in words: which pages in which order, and what to look at on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True)
class Step:
    """One page of the tour.

    Attributes:
        page: Its file stem.
        title: What it is about, two or three words.
        words: What to look at, in one or two sentences.
    """

    page: Literal["data", "train", "evaluate", "recommendations", "attention"]
    title: str
    words: str


STEPS: Final = (
    Step(
        "data",
        "The data",
        "A log of who did what when, and a table of items: that is all it takes. The ticks say what these two can support; "
        "*What was cleaned* names every row that was left out, and why.",
    ),
    Step(
        "train",
        "The training",
        "A finished training. The loss falls with each pass, and quality is measured on events that were held back; "
        "yours starts with one button below and goes on when you close the page.",
    ),
    Step(
        "evaluate",
        "Is it any good?",
        "What happened last was hidden from it and had to be found among all items. The coloured line says whether it beats "
        "the simple models; an interval right of the dotted line is more than luck.",
    ),
    Step(
        "recommendations",
        "What it recommends",
        "On the left what one user did, on the right what comes next. Each bar is a score, its colours are the parts that "
        "add up to it; try *Random user*.",
    ),
    Step(
        "attention",
        "Why this item",
        "One item, and the past events that led to it: where the network looked, beside how far the score falls without "
        "each of them. The line on top says whether the one can be read as the other.",
    ),
)

TOUR_HELP: Final = "Five pages, one or two sentences on each; end it whenever you like."


def heading(number: int) -> str:
    """``Step 3 of 5: Is it any good?``"""
    return f"Step {number} of {len(STEPS)}: {STEPS[number - 1].title}"


def aside_words(number: int) -> str:
    """What is said on a page that is no step of the tour."""
    return f"You are beside the tour, which is at step {number} of {len(STEPS)}: {STEPS[number - 1].title}"
