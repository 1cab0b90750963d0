"""The map of a run: drawn from what is known of items, kept with the run, drawn again where what is kept does not fit."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.errors import InputError
from metarec_core.recommend import embedding_map as module
from metarec_core.runs.store import read_arrays, write_arrays
from tests.small_world import recommender as small_recommender
from tests.tiny_files import N_ITEMS, N_USERS, NO_NET, write_files


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("map")
    behaviour, items = write_files(folder)
    text = "".join(f"i{item:02},Title {item},kind {item % 3}\n" for item in range(N_ITEMS))
    items.write_text(f"item_id,title,kind\n{text}", encoding="utf-8")
    *_, last = api.train(
        api.read_tables(behaviour, items), RunConfig.preset("fast").with_settings(NO_NET), store=folder / "store"
    )
    return last.run


@pytest.fixture
def run(trained, tmp_path):
    shutil.copytree(trained.folder.store, tmp_path / "store")
    return api.open_run(tmp_path / "store", trained.run_id)


@pytest.fixture
def recommender(run):
    return api.open_recommender(run)


def test_items_users_and_values_lie_on_the_map_and_items_of_one_kind_together(recommender):
    frame = api.embedding_map(recommender).frame(recommender)
    counts = frame["type"].value_counts()
    assert (counts["item"], counts["user"], counts["attribute.kind"]) == (N_ITEMS, N_USERS, 3)
    assert frame[frame["id"] == "i04"]["title"].tolist() == ["Title 4"]
    places = frame.set_index("id")[["x", "y"]]
    for kind in range(3):
        middle = places.loc[f"kind {kind}"]
        own = [f"i{item:02}" for item in range(kind, N_ITEMS, 3)]
        assert np.allclose(places.loc[own], middle, atol=1e-3)


def test_the_slow_map_is_drawn_once_and_kept_with_the_run(run, recommender, monkeypatch):
    assert api.kept_map(run, recommender) is None
    drawn = api.drawn_map(run, recommender)
    assert drawn.way == "neighbours"
    monkeypatch.setattr(module, "neighbours_together", None)  # it would fail if it were drawn again
    again = api.drawn_map(run, recommender)
    assert (again.places == drawn.places).all()
    assert (again.kept, again.way) == (drawn.kept, drawn.way)


@pytest.mark.parametrize("harm", ["damaged", "other nodes", "half", "nothing"])
def test_a_kept_map_that_does_not_fit_is_drawn_again(run, recommender, harm):
    api.drawn_map(run, recommender)
    arrays = read_arrays(run.folder.map)
    if harm == "damaged":
        run.folder.map.write_bytes(b"no map")
    elif harm == "other nodes":
        write_arrays(run.folder.map, {**arrays, "nodes": arrays["nodes"] + 1})
    elif harm == "half":
        write_arrays(run.folder.map, {**arrays, "places": arrays["places"][1:]})
    else:
        write_arrays(run.folder.map, {"nodes": arrays["nodes"]})
    assert api.kept_map(run, recommender) is None
    assert (api.drawn_map(run, recommender).places == arrays["places"]).all()


def test_the_part_that_carries_items_and_users_is_told(recommender):
    nodes = api.embedding_map(recommender).nodes
    leading = api.leading_parts(recommender, nodes)
    graph = recommender.knowledge_graph
    asked = [node for node in nodes.tolist() if graph.kind_of(node).group in ("item", "user")]
    assert sorted(leading) == asked
    assert set(leading.values()) <= set(recommender.part_names)


def test_the_carrying_part_adds_most():
    small = small_recommender({"taste": [1.0, 1.0, 1.0, 0.0], "fame": [0.0, 2.0, 0.0, 3.0]})
    graph = small.knowledge_graph
    keys = ("user:ann", "user:cat", "item:tea", "item:milk", "item:jam")
    leading = api.leading_parts(small, np.array([graph.node(key) for key in keys]))
    assert {graph.key(node): part for node, part in leading.items()} == {
        "user:ann": "fame",  # jam alone is left for ann
        "user:cat": "fame",  # tea, milk, jam: 2 by taste, 5 by fame
        "item:tea": "taste",
        "item:milk": "fame",
        "item:jam": "fame",
    }


def test_a_run_that_knows_items_by_their_events_only_has_no_map():
    with pytest.raises(InputError, match="no space to draw"):
        api.embedding_map(replace(small_recommender()))
