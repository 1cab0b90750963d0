"""The validation questions again with less known of the users: their last few events only.

Where a log holds few new users, meta-knowledge would otherwise never meet what it is for. Items need not play new to it: those
without events come to it as well known as the items they borrow from.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from metarec_core.models.metarec import MetaRec
from metarec_core.models.scorer import Float32Array
from metarec_core.training.meta import Episode
from metarec_core.training.questions import Questions
from metarec_core.training.seeding import numpy_generator
from metarec_core.training.shortlists import gather_shortlists

FEW_EVENTS: Final = (1, 2, 3, 5)
"""How many events are known of users who play new; an eighth of the questions each."""

ONE_IN: Final = 8


def users_play_new(model: MetaRec, questions: Questions, log_counts: Float32Array, seed: int) -> Iterator[Episode]:
    """Some of the questions, asked with the last few events of histories that are longer.

    Args:
        model: With fixed weights.
        questions: Whose answers its parts have not been fitted on.
        log_counts: float32 [N + 1], log(1 + training events) of each item.
        seed: Seed of who is asked.
    """
    for latest in FEW_EVENTS:
        rng = numpy_generator(seed, "users play new", latest)
        asked = questions.longer_than(latest).sample(len(questions) // ONE_IN, rng)
        if len(asked):
            yield Episode(gather_shortlists(model, asked, latest), log_counts)
