import numpy as np
import pytest

from metarec_core.data.split import leave_one_out
from metarec_core.models.memory import fit_ease
from metarec_core.training.memories import MEMORIES, usual_ease
from metarec_core.training.questions import Questions
from tests.small_world import dataset

ITEMS = [f"i{number}" for number in range(8)]


@pytest.mark.parametrize("name", MEMORIES)
def test_the_memory_that_was_chosen_is_the_one_that_its_settings_make(name):
    events = {f"u{user}": [ITEMS[(user + step) % 8] for step in range(3 + user % 4)] for user in range(16)}
    split = leave_one_out(dataset(events, ITEMS))
    asked = Questions(split.dataset, split.validation, max_history=50)
    settings, chosen = MEMORIES[name].choose(split.train, asked)
    again = MEMORIES[name].fit(split.train, settings)
    assert chosen.decay == again.decay == settings["decay"]
    assert np.allclose(chosen.matrix.toarray(), again.matrix.toarray(), atol=1e-6)


def test_cooccurrence_is_the_usual_ease_only_with_the_usual_shrinkage():
    train = dataset({"ann": ITEMS[:4], "bob": ITEMS[4:]}, ITEMS).events  # 8 events of 8 items: 8 each
    memory = MEMORIES["cooccurrence"].fit(train, {"l2": 8.0, "decay": 0.7})
    parts = {"cooccurrence": memory}
    assert usual_ease(train, parts, {"cooccurrence": {"l2": 8.0, "decay": 0.7}}) is memory
    assert np.allclose(memory.matrix.toarray(), fit_ease(train, l2=8.0).matrix.toarray())
    assert usual_ease(train, parts, {"cooccurrence": {"l2": 4.0, "decay": 0.7}}) is None
    assert usual_ease(train, {}, {}) is None
