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
            "A log of who did what and when, and a table of items: that is all you need. The ticks show "
            "what the two can support; *What was cleaned* lists every row that was left out, and why."
        ),
    ),
    Step(
        "train",
        later("The training"),
        later(
            "A finished training run: the loss falls, and quality is measured on events that were held "
            "back. Yours starts with *Train* below, and continues if you close the page."
        ),
    ),
    Step(
        "evaluate",
        later("Is it any good?"),
        later(
            "The latest events were hidden and had to be found among all items. The coloured box says "
            "whether simple models do just as well; the lines below it, whether the figures can be "
            "trusted."
        ),
    ),
    Step(
        "recommendations",
        later("What it recommends"),
        later(
            "On the left, what one user did; on the right, what comes next. A bar is a score, its "
            "colours the parts that add up to it. Further down, one item's score is taken apart and "
            "explained in words."
        ),
    ),
    Step(
        "knowledge_graph",
        later("Why this item"),
        later(
            "What links the two: coloured paths add to the score, grey ones do not, and every edge has "
            "its source rows. *Attention* has the rest: how far the score falls without each past event, "
            "as measured."
        ),
    ),
)

TOUR_HELP: Final = later("Five pages, one or two sentences on each; you can end it at any time.")


def heading(number: int) -> str:
    """``Step 3 of 5: Is it any good?``"""
    return say("Step {n} of {all}: {title}", n=number, all=len(STEPS), title=say(STEPS[number - 1].title))


def aside_words(number: int) -> str:
    """What is said on a page that is no step of the tour."""
    return say(
        "You have left the tour at step {n} of {all}: {title}",
        n=number,
        all=len(STEPS),
        title=say(STEPS[number - 1].title),
    )
