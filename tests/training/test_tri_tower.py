from dataclasses import replace

import numpy as np
import pytest

from metarec_core.data.clean import read_tables
from metarec_core.data.dataset import Dataset
from metarec_core.data.encode import encode
from metarec_core.data.vocabulary import Vocabulary
from metarec_core.models.batch import user_batch
from metarec_core.training.batches import cut_sequences
from metarec_core.training.tri_tower import _examples, fit_tri_tower
from tests.small_world import ITEMS, dataset

EVERYONE = np.arange(1, 4, dtype=np.int32)


def shop_at_two_times(n_users: int = 60, n_events: int = 10) -> Dataset:
    """Tea and milk in the morning, cake and jam in the evening, whatever came before."""
    rng = np.random.default_rng(0)
    evening = rng.integers(2, size=(n_users, n_events))
    items = 2 * evening + rng.integers(2, size=evening.shape)
    data = dataset({f"u{user}": [ITEMS[item] for item in row] for user, row in enumerate(items)})
    times_of_day = Vocabulary("meta_data", ("morning", "evening"))
    return replace(data, contexts=evening.reshape(-1, 1).astype(np.int32) + 1, context_vocabularies=(times_of_day,))


def test_meta_data_decides_where_it_is_known():
    data = shop_at_two_times()
    part = fit_tri_tower(data.events, data, seed=0)
    batch = user_batch(data, EVERYONE, 10)
    tea, milk, cake, jam = part.scores(replace(batch, context=np.int32([[1]] * 3)))[:, 1:].T
    assert (np.minimum(tea, milk) > np.maximum(cake, jam)).all()
    tea, milk, cake, jam = part.scores(replace(batch, context=np.int32([[2]] * 3)))[:, 1:].T
    assert (np.minimum(cake, jam) > np.maximum(tea, milk)).all()


def test_what_follows_what_is_learned():
    around = {
        f"u{start}{user}": [ITEMS[(start + step) % 4] for step in range(12)] for start in range(4) for user in range(20)
    }
    data = dataset(around)
    part = fit_tri_tower(data.events, data, seed=0)
    after_milk = user_batch(dataset({"ann": ["cake", "jam", "tea", "milk"]}), EVERYONE[:1], 10)
    assert part.scores(after_milk)[0, 1:].argmax() == ITEMS.index("cake")


def test_contexts_are_those_of_the_event_also_in_a_prefix_of_the_log():
    data = shop_at_two_times()
    shorter = replace(data.events, offsets=np.concatenate([[0], data.events.offsets[1:] - 4 * np.arange(61)]))
    kept = (np.arange(600) % 10) < 6
    shorter = replace(shorter, item_numbers=data.events.item_numbers[kept], times=data.events.times[kept])
    part = fit_tri_tower(shorter, data, seed=0)
    morning = part.scores(replace(user_batch(data, EVERYONE, 10), context=np.int32([[1]] * 3)))
    assert (morning[:, 1:3].min(axis=1) > morning[:, 3:].max(axis=1)).all()


def test_examples_are_asked_from_the_state_before_their_set():
    # ann: tea at 0; milk, cake at 1; jam at 2
    events = dataset({"ann": ["tea", "milk", "cake", "jam"]}).events
    events = replace(events, times=np.array([0, 1, 1, 2]), ties_are_sets=True)
    history, rows, places, targets = _examples(cut_sequences(events, 50), np.array([0]), events.history_ends())
    assert history.tolist() == [[1, 2, 3]]
    assert rows.tolist() == [0, 0, 0]
    assert places.tolist() == [0, 0, 2]
    assert targets.tolist() == [1, 2, 3]


def test_a_set_that_began_before_its_piece_is_no_example():
    events = dataset({"ann": ["tea", "milk", "cake", "jam"]}).events
    events = replace(events, times=np.array([0, 1, 1, 1]), ties_are_sets=True)
    pieces = cut_sequences(events, 2)  # tea to milk; milk to cake and jam, which are of milk's own set
    asked = [_examples(pieces, np.array([piece]), events.history_ends())[3].tolist() for piece in range(2)]
    assert sorted(asked) == [[], [1]]


@pytest.mark.filterwarnings("error")
def test_a_log_without_a_single_step_is_scored_all_the_same():
    data = dataset({"ann": ["tea"], "bob": ["milk"]}, ["tea", "milk"])
    scores = fit_tri_tower(data.events, data, seed=0).scores(user_batch(data, EVERYONE[:2], 10))
    assert np.isfinite(scores).all()


def test_the_article_s_two_files_are_learned_from_as_they_are(tmp_path):
    behaviour, items = tmp_path / "user_data.csv", tmp_path / "item_data.csv"
    offered = [("tea", "morning", 1), ("cake", "morning", 0), ("cake", "evening", 1), ("tea", "evening", 0)]
    rows = [f"u{user},{item},{meta},{label}" for user in range(20) for item, meta, label in offered]
    behaviour.write_text("\n".join(["user_id,item_id,meta_data,label", *rows]), encoding="utf-8")
    items.write_text("item_id,title,tags\ntea,Green tea,hot|drink\ncake,Lemon cake,sweet\n", encoding="utf-8")
    data = encode(read_tables(behaviour, items))
    assert data.events.n_events == 40  # what was only offered is no event
    part = fit_tri_tower(data.events, data, seed=0)
    (tea, cake), (morning, evening) = data.items.numbers(["tea", "cake"]), range(1, 3)
    nobody = user_batch(dataset({"new": []}, ["tea", "cake"]), EVERYONE[:1], 10)
    early, late = (part.scores(replace(nobody, context=np.int32([[when]])))[0] for when in (morning, evening))
    assert early[tea] - early[cake] > late[tea] - late[cake]
