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

    page: Literal["data", "train", "evaluate", "recommendations", "knowledge_graph"]
    title: str
    words: str


STEPS: Final = (
    Step(
        "data",
        "The data",
        "A log of who did what and when, and a table of items: that is all it takes. The ticks say what the two can support; "
        "*What was cleaned* has every row that was left out, and why.",
    ),
    Step(
        "train",
        "The training",
        "A finished training: the loss falls, and quality is measured on events that were held back. Yours starts with "
        "*Train* below, and goes on when you close the page.",
    ),
    Step(
        "evaluate",
        "Is it any good?",
        "What happened last was hidden, and had to be found among all items. The coloured box says whether simple models do "
        "that as well; the lines below it, whether to believe the figures.",
    ),
    Step(
        "recommendations",
        "What it recommends",
        "Left what one user did, right what comes next; a bar is a score, its colours the parts that add up to it. Further "
        "down, one item's score is taken apart and given its reasons in words.",
    ),
    Step(
        "knowledge_graph",
        "Why this item",
        "What links the two: coloured paths add to the score, grey ones do not, and every edge stands on lines of the files. "
        "*Attention* has the rest: how far the score falls without each past event, measured.",
    ),
)

TOUR_HELP: Final = "Five pages, one or two sentences on each; end it whenever you like."


def heading(number: int) -> str:
    """``Step 3 of 5: Is it any good?``"""
    return f"Step {number} of {len(STEPS)}: {STEPS[number - 1].title}"


def aside_words(number: int) -> str:
    """What is said on a page that is no step of the tour."""
    return f"You are beside the tour, which is at step {number} of {len(STEPS)}: {STEPS[number - 1].title}"
