import numpy as np
import pytest

from metarec_core.graph import map as maps
from metarec_core.graph.build import build_graph
from metarec_core.graph.map import main_axes, mapped_nodes, neighbours_kept, neighbours_together
from tests.small_world import attribute, dataset

KINDS = attribute("kind", [["hot", "drink"], ["drink"], ["sweet"], ["sweet"]])
GRAPH = build_graph(dataset(attributes={"kind": KINDS}))
LINE = np.float32([[step, 2 * step, 0] for step in range(20)])


def keys():
    return [GRAPH.key(node) for node in mapped_nodes(GRAPH).tolist()]


def test_a_map_shows_items_users_and_values_that_link_two():
    shown = keys()
    assert {"user:ann", "user:bob", "user:cat", "item:jam", "attribute.kind:drink", "attribute.kind:sweet"} <= set(
        shown
    )
    assert "attribute.kind:hot" not in shown  # of tea alone
    assert shown == keys()


def test_of_too_many_those_with_most_edges_stay_and_kinds_of_values_take_turns(monkeypatch):
    monkeypatch.setattr(maps, "MOST_ITEMS", 2)
    monkeypatch.setattr(maps, "MOST_USERS", 1)
    monkeypatch.setattr(maps, "MOST_VALUES", 2)
    shown = keys()
    assert [key for key in shown if key.startswith("item")] == ["item:tea", "item:milk"]
    assert len([key for key in shown if key.startswith("user:")]) == 1
    assert [key.partition(":")[0] for key in shown[3:]] == ["attribute.kind", "context.time_of_day"]


def test_the_first_axis_is_along_which_vectors_differ_most_and_its_farthest_is_positive():
    places = main_axes(LINE)
    assert np.abs(np.diff(places[:, 0])) == pytest.approx(5**0.5)
    assert places[:, 1] == pytest.approx(0, abs=1e-4)
    assert places[:, 0].max() == pytest.approx(np.abs(places[:, 0]).max())


@pytest.mark.parametrize("vectors", [np.zeros((0, 3)), np.ones((1, 3)), np.ones((5, 1))], ids=["none", "one", "same"])
def test_few_or_equal_vectors_have_places_too(vectors):
    assert main_axes(np.float32(vectors)) == pytest.approx(np.zeros((len(vectors), 2)))
    assert (
        neighbours_kept(np.float32(vectors), main_axes(np.float32(vectors))) == 1
    )  # there is nobody else to be near to


def test_neighbours_together_keeps_groups_apart_and_is_the_same_each_time():
    random = np.random.default_rng(0)
    groups = np.repeat(np.eye(3), 20, axis=0)
    vectors = np.float32(groups + 0.05 * random.normal(size=groups.shape))
    places = neighbours_together(vectors)
    assert (places == neighbours_together(vectors)).all()
    middles = places.reshape(3, 20, 2).mean(axis=1)
    nearest = ((places[:, None] - middles[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert nearest.tolist() == np.repeat([0, 1, 2], 20).tolist()


def test_three_points_are_drawn_on_their_main_axes():
    assert (neighbours_together(LINE[:3]) == main_axes(LINE[:3])).all()


def test_what_a_map_keeps_of_neighbours_is_counted():
    assert neighbours_kept(LINE, LINE[:, :2]) == 1
    mixed = np.float32(np.random.default_rng(0).normal(size=(20, 2)))
    assert neighbours_kept(LINE, mixed) < 0.8
    # along a line, the ten nearest of 20; folded in the middle, half of them are others
    assert neighbours_kept(LINE, np.abs(LINE[:, :2] - LINE[10, :2])) < 0.9
