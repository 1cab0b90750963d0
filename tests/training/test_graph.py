import numpy as np
import pytest

from metarec_core.data.split import leave_one_out
from metarec_core.training.graph import choose_graph
from metarec_core.training.questions import Questions
from tests.small_world import dataset

ITEMS = [f"i{number}" for number in range(40)]
KINDS = np.arange(40) // 10  # four kinds of ten items


@pytest.fixture
def walks():
    """Users who go round the kinds in order, taking any item of each."""
    rng = np.random.default_rng(0)
    events = {
        f"u{user}": [ITEMS[10 * ((user + step) % 4) + int(rng.integers(10))] for step in range(6)] for user in range(80)
    }
    split = leave_one_out(dataset(events, ITEMS))
    return split.train, Questions(split.dataset, split.validation, 10)


def axes_of(*columns):
    return np.vstack([np.zeros(sum(column.shape[1] for column in columns)), np.hstack(columns)]).astype(np.float32)


def test_as_many_axes_are_kept_as_help_to_place_items_of_which_nothing_was_learned(walks, monkeypatch):
    monkeypatch.setattr("metarec_core.training.graph.DIMENSIONS", (1, 4, 34))
    noise = np.random.default_rng(1).standard_normal((40, 30))
    assert choose_graph(walks[0], axes_of(np.eye(4)[KINDS], noise), walks[1]) == {"dimensions": 4}


def test_no_more_axes_than_there_are(walks):
    assert choose_graph(walks[0], axes_of(np.eye(4)[KINDS]), walks[1]) == {"dimensions": 4}
