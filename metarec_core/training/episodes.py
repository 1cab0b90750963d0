"""The validation questions again with less known: of users their last few events only, of some items no events at all.

Where a log holds few new users and items, meta-knowledge would otherwise never meet what it is for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from metarec_core.models.metarec import MetaRec
from metarec_core.models.scorer import Float32Array
from metarec_core.training.meta import Episode
from metarec_core.training.questions import Questions
from metarec_core.training.seeding import numpy_generator
from metarec_core.training.shortlists import gather_shortlists

BoolArray = npt.NDArray[np.bool_]

FEW_EVENTS: Final = (1, 2, 3, 5)
"""How many events are known of users who play new; an eighth of the questions each."""

ONE_IN_CUT: Final = 8
ONE_IN_HIDDEN: Final = 4


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
        asked = questions.longer_than(latest).sample(len(questions) // ONE_IN_CUT, rng)
        if len(asked):
            yield Episode(gather_shortlists(model, asked, latest), log_counts)


def items_play_new(
    pretend: Callable[[BoolArray], MetaRec],
    hidden: BoolArray,
    questions: Questions,
    log_counts: Float32Array,
    seed: int,
) -> Episode:
    """Some of the questions, asked of a model to which some items are new.

    Args:
        pretend: The model with fixed weights as if some items had no events.
        hidden: bool [N + 1], which.
        questions: Whose answers its parts have not been fitted on.
        log_counts: float32 [N + 1], log(1 + training events) of each item.
        seed: Seed of who is asked.
    """
    asked = questions.sample(max(len(questions) // ONE_IN_HIDDEN, 1), numpy_generator(seed, "items play new"))
    return Episode(gather_shortlists(pretend(hidden), asked), np.where(hidden, np.float32(0), log_counts))
