"""The tour in words: which pages in which order, and what to look at on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from metarec_core.language import later, say


@dataclass(frozen=True)
class Step:
    """One page of the tour.

    Attributes:
        page: Its file stem.
        title: What it is about, two or three words, to be said.
        words: What to look at, in one or two sentences, to be said.
    """

    page: Literal["data", "train", "evaluate", "recommendations", "knowledge_graph"]
    title: str
    words: str


STEPS: Final = (
    Step(
        "data",
        later("The data"),
        later(
            "A log of who did what and when, and a table of items: that is all it takes. The ticks say what the two can "
            "support; *What was cleaned* has every row that was left out, and why."
        ),
    ),
    Step(
        "train",
        later("The training"),
        later(
            "A finished training: the loss falls, and quality is measured on events that were held back. Yours starts with "
            "*Train* below, and goes on when you close the page."
        ),
    ),
    Step(
        "evaluate",
        later("Is it any good?"),
        later(
            "What happened last was hidden, and had to be found among all items. The coloured box says whether simple models "
            "do that as well; the lines below it, whether to believe the figures."
        ),
    ),
    Step(
        "recommendations",
        later("What it recommends"),
        later(
            "Left what one user did, right what comes next; a bar is a score, its colours the parts that add up to it. Further "
            "down, one item's score is taken apart and given its reasons in words."
        ),
    ),
    Step(
        "knowledge_graph",
        later("Why this item"),
        later(
            "What links the two: coloured paths add to the score, grey ones do not, and every edge stands on lines of the "
            "files. *Attention* has the rest: how far the score falls without each past event, measured."
        ),
    ),
)

TOUR_HELP: Final = later("Five pages, one or two sentences on each; end it whenever you like.")


def heading(number: int) -> str:
    """``Step 3 of 5: Is it any good?``"""
    return say("Step {n} of {all}: {title}", n=number, all=len(STEPS), title=say(STEPS[number - 1].title))


def aside_words(number: int) -> str:
    """What is said on a page that is no step of the tour."""
    return say(
        "You are beside the tour, which is at step {n} of {all}: {title}",
        n=number,
        all=len(STEPS),
        title=say(STEPS[number - 1].title),
    )
