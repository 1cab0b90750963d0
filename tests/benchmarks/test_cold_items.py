"""The benchmark of cold items, on data small enough to count by hand."""

import itertools
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import cold_items
from benchmarks.cold_items import fit_popular_in_genre, hits, hold_out_items, shuffled
from metarec_core.data.encode import encode
from metarec_core.data.split import queries_about
from metarec_core.data.tables import CleaningReport, Tables, make_tables
from metarec_core.models.batch import user_batch
from tests.small_world import WrittenScores, dataset
from tests.tiny_files import BEHAVIOUR, N_ITEMS, NO_NET, write_files


def tables() -> Tables:
    """Ann: tea, milk, jam; bob: milk. Tea and milk are drinks, jam and cake sweets, and cake is nobody's."""
    events = pd.DataFrame({"user_id": ["ann", "ann", "ann", "bob"], "item_id": ["tea", "milk", "jam", "milk"]})
    events["time"] = events["row"] = range(4)
    items = pd.DataFrame({"item_id": ["tea", "milk", "jam", "cake"], "title": ["T", "M", "J", "C"]})
    items["genre"], items["row"] = ["drink", "drink|white", "sweet", "sweet"], range(2, 6)
    return make_tables("tiny", events, items, None, CleaningReport({}, {}, (), {}))


def test_a_tenth_of_the_chosen_items_loses_all_events_and_stays_in_the_item_table():
    known, cold = hold_out_items(tables(), seed=0)
    assert len(cold) == 1
    assert "cake" not in cold  # nobody chose it, so nobody could be asked for it
    assert set(known.events["item_id"]) == {"tea", "milk", "jam"} - cold
    assert list(known.items["item_id"]) == ["tea", "milk", "jam", "cake"]
    assert hold_out_items(tables(), seed=0)[1] == cold


def test_popularity_in_genre_is_liking_times_popularity_averaged_over_an_items_values():
    data = encode(tables())
    model = fit_popular_in_genre(data, ["genre"])
    ann = user_batch(data, np.array([1], dtype=np.int32), 10)  # ages: tea 2, milk 1, jam 0
    drink, white, sweet = (0.81 + 0.9) * np.log1p(3), 0.9 * np.log1p(2), 1.0 * np.log1p(1)
    expected = [drink, (drink + white) / 2, sweet, sweet]
    np.testing.assert_allclose(model.score(ann).total[0, 1:], expected, rtol=1e-6)


def test_hits_are_in_the_whole_catalogue_and_among_the_cold(monkeypatch):
    monkeypatch.setattr(cold_items, "K", 1)
    data = dataset({"ann": ["tea", "jam"], "bob": ["tea", "cake"]})
    cold = np.array([False, False, False, True, True])  # cake and jam
    queries = queries_about(data.events, np.flatnonzero(cold[data.events.item_numbers]))
    # after tea: milk 9, jam 5, cake 1. Jam is second of three and first of the two cold ones; cake is last of both.
    found, chance = hits(WrittenScores({"taste": [1, 9, 1, 5]}), data, queries, cold, max_history=10)
    assert found.tolist() == [[0, 1], [0, 0]]
    assert chance == pytest.approx(np.array([[1 / 3, 1 / 2], [1 / 3, 1 / 2]]))


def test_an_answer_had_before_is_found_by_nobody_and_by_no_chance(monkeypatch):
    monkeypatch.setattr(cold_items, "K", 1)
    data = dataset({"ann": ["tea", "jam", "jam"]})
    cold = np.array([False, False, False, False, True])
    queries = queries_about(data.events, np.array([2]))
    found, chance = hits(WrittenScores({"taste": [1, 1, 1, 9]}), data, queries, cold, max_history=10)
    assert found.tolist() == chance.tolist() == [[0, 0]]


def test_a_shuffled_graph_gives_each_item_all_that_is_known_of_another():
    data = encode(tables())
    dealt = shuffled(data, seed=0)

    def known(dataset):
        genre = dataset.attributes["genre"]
        names = np.array(["", *genre.vocabulary.ids])[genre.value_numbers]
        return [tuple(names[start:stop]) for start, stop in itertools.pairwise(genre.offsets)]

    assert known(data)[1:] == [("drink",), ("drink", "white"), ("sweet",), ("sweet",)]
    assert sorted(known(dealt)) == sorted(known(data))
    assert known(dealt) != known(data)
    assert known(dealt)[0] == ()


def test_the_command_prints_a_row_a_model_and_seed_and_rows_of_all_seeds(tmp_path: Path, monkeypatch, capsys):
    write_files(tmp_path)
    items = "".join(f"i{item:02},Title {item},kind{item % 3}\n" for item in range(N_ITEMS))
    (tmp_path / "items.csv").write_text(f"item_id,title,genre\n{items}", encoding="utf-8")
    words = ["cold_items.py", "--data", str(tmp_path), "--preset", "fast", "--seeds", "0", "1", "--set", *NO_NET]
    monkeypatch.setattr(sys, "argv", words)
    cold_items.main()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in capsys.readouterr().out.splitlines()[2:]]
    assert [row[1] for row in rows] == ["0"] * 3 + ["1"] * 3 + ["all"] * 3
    assert [row[3] for row in rows] == ["metarec", "popular_in_genre", "chance"] * 3
    n_events = BEHAVIOUR.count("\n") - 1
    assert rows[0][2] == f"{n_events // N_ITEMS - 2} of {n_events // N_ITEMS - 2} users"  # two begin with the cold item
    assert rows[0][4].startswith("1.0000 (")  # the best 50 of 12 items are all of them
    assert rows[0][5] == ""
    assert rows[2][5].startswith("+0.0000 (")


def test_with_the_graph_asked_about_it_is_also_shuffled_off_and_alone(tmp_path: Path, monkeypatch, capsys):
    write_files(tmp_path)
    items = "".join(f"i{item:02},Title {item},kind{item % 3}\n" for item in range(N_ITEMS))
    (tmp_path / "items.csv").write_text(f"item_id,title,genre\n{items}", encoding="utf-8")
    words = ["cold_items.py", "--data", str(tmp_path), "--preset", "fast", "--graph", "--set", *NO_NET]
    monkeypatch.setattr(sys, "argv", words)
    cold_items.main()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in capsys.readouterr().out.splitlines()[2:]]
    less = ["graph shuffled", "graph off", "graph and text alone", "text alone", "graph alone"]
    assert [row[3] for row in rows] == ["metarec", *less, "popular_in_genre", "chance"]
    assert rows[0][9] == rows[-1][8] == ""
    assert all(" to " in row[8] for row in rows[:6])
