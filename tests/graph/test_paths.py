from dataclasses import replace

import numpy as np
import pytest

from metarec_core.data.vocabulary import Vocabulary
from metarec_core.graph.build import build_graph
from metarec_core.graph.embed import graph_axes, graph_vectors
from metarec_core.graph.paths import PathIndex, Paths
from metarec_core.graph.values import item_values
from metarec_core.models.graph import GraphPart, fit_graph
from tests.small_world import attribute, dataset

#                              tea              milk       cake              jam
KINDS = attribute("kind", [["hot", "drink"], ["drink"], ["hot", "sweet"], ["sweet"]])
LINED = replace(KINDS, rows=np.array([2, 2, 3, 4, 4, 5]))
EVENTS = {"ann": ["tea", "milk", "cake"], "bob": ["tea", "milk", "jam"], "cat": ["milk", "cake", "jam"]}
WORLD = replace(dataset(EVENTS, attributes={"kind": LINED}), event_rows=np.arange(2, 11))


def index(world=WORLD, dimensions=3) -> tuple[PathIndex, GraphPart]:
    axes = graph_axes(item_values(world))
    part = fit_graph(world.events, graph_vectors(axes.items, dimensions), axes.values[:, :dimensions])
    return PathIndex(world, build_graph(world), part.entities, part.leads), part


def find(world=WORLD, item=4, most=5, dimensions=3) -> tuple[Paths, float]:
    """ann's paths to an item, and what the part says of it."""
    search, part = index(world, dimensions)
    history = np.int32([1, 2, 3])
    weights = np.power(np.float32(part.decay), [2, 1, 0], dtype=np.float32)
    said = sum(w * part.vectors[j] @ part.leads @ part.vectors[item] for j, w in zip(history, weights, strict=True))
    return search.find(1, history, weights, item, scale=0.5, most=most), 0.5 * float(said)


def words(path):
    return [step.source.key for step in path.steps] + [path.steps[-1].target.key]


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("most", [0, 2, 100])
def test_the_paths_shown_and_the_rest_add_up_to_what_the_part_says(most, dimensions):
    paths, said = find(most=most, dimensions=dimensions)
    assert paths.part == pytest.approx(said, abs=1e-6)
    assert sum(path.score for path in paths.counted) + paths.more == pytest.approx(said, abs=1e-6)
    assert sum(share.score for share in paths.values) == pytest.approx(said, abs=1e-6)
    # tea 2 values, milk 1, cake 2, each to the one of jam
    assert len(paths.counted) + paths.n_more == 5
    assert len(paths.counted) == min(most, 5)


def test_the_largest_come_first_whatever_their_sign():
    sizes = [abs(path.score) for path in find(most=100)[0].counted]
    assert sizes == sorted(sizes, reverse=True)


def test_a_path_over_a_shared_value_has_three_steps_and_a_lead_four_and_all_know_their_lines():
    paths = find(most=100)[0]
    shared = next(path for path in paths.counted if path.kind == "shared")
    assert words(shared) == ["user:ann", "item:cake", "attribute.kind:sweet", "item:jam"]
    assert [(step.relation, step.table, step.rows) for step in shared.steps] == [
        ("chose", "events", (4,)),
        ("attribute.kind", "items", (4,)),
        ("attribute.kind", "items", (5,)),
    ]
    lead = next(path for path in paths.counted if words(path)[1:3] == ["item:milk", "attribute.kind:drink"])
    assert words(lead) == ["user:ann", "item:milk", "attribute.kind:drink", "attribute.kind:sweet", "item:jam"]
    # from a drink to something sweet: ann milk → cake (line 4), bob milk → jam (line 7), cat milk → cake (line 9)
    assert lead.steps[2].relation == "leads to"
    assert (lead.support, lead.steps[2].rows, lead.steps[2].n_rows) == (3, (4, 7, 9), 3)
    assert all(step.is_grounded for path in paths.all for step in path.steps if step.table != "events" or step.rows)
    assert lead.steps[0].first == "1970-01-01T00:00:01+00:00"


def test_relations_that_mirror_each_other_make_one_path():
    makers = [["Ann"], [], ["Bob"], ["Ann", "Bob"]]
    world = replace(WORLD, facts={"tea.maker": attribute("", makers), "maker.tea": attribute("", makers)})
    paths, said = find(world, most=100)
    assert sum(path.score for path in paths.counted) + paths.more == pytest.approx(said, abs=1e-6)
    ways = [(words(path), path.steps[1].relation, path.steps[-1].relation) for path in paths.counted]
    assert len({str(way) for way in ways}) == len(ways)
    # tea 3, milk 1, cake 3 values; jam 3
    assert len(ways) + paths.n_more == 21
    assert sum(share.score for share in paths.values) == pytest.approx(said, abs=1e-6)
    assert [share.value.key for share in paths.values].count("entity:Ann") == 1


def test_people_who_chose_a_past_item_and_this_one_are_evidence_but_not_counted():
    people = [path for path in find()[0].evidence if path.kind == "people"]
    assert {path.score for path in people} == {None}
    # bob and cat have jam; both milk, tea bob, cake cat
    best = people[0]
    assert words(best)[1] == "item:milk"
    assert words(best)[3] == "item:jam"
    assert best.support == 2
    assert [step.n_rows for step in best.steps] == [1, 1, 1]
    assert {words(path)[1] for path in people} == {"item:milk", "item:tea", "item:cake"}


def test_the_user_and_the_item_itself_are_nobodys_evidence():
    people = [path for path in find(item=3)[0].evidence if path.kind == "people"]
    assert all("user:ann" not in words(path)[1:] and words(path)[1] != "item:cake" for path in people)


def test_a_situation_that_user_and_item_are_in_more_than_usual_is_evidence():
    # ann is always at work; jam was chosen once at work and once at home; of nine events four are at work
    places = np.int32([[1], [1], [1], [2], [2], [1], [2], [2], [2]])
    world = replace(
        WORLD,
        contexts=places,
        context_vocabularies=(Vocabulary("place", ("work", "home")),),
        has_clock_times=False,
    )
    (path,) = [path for path in find(world)[0].evidence if path.kind == "context"]
    assert words(path) == ["user:ann", "context.place:work", "item:jam"]
    assert path.support == 3
    assert path.strength == pytest.approx((1 / 2) / (4 / 9))
    assert path.steps[1].rows == (7,)


def test_an_item_of_which_nothing_is_known_has_no_paths():
    world = replace(WORLD, attributes={"kind": attribute("kind", [["hot"], ["hot"], ["cold"], []])})
    paths, _ = find(world, dimensions=1)
    assert (paths.counted, paths.more, paths.n_more, paths.part) == ((), 0.0, 0, 0.0)


def test_without_a_graph_part_there_is_only_evidence():
    search = PathIndex(WORLD, build_graph(WORLD))
    paths = search.find(1, np.int32([1, 2, 3]), np.ones(3, np.float32), 4, scale=1.0)
    assert paths.part is None
    assert paths.counted == ()
    assert paths.evidence
    assert paths.to_dict()["evidence"][0]["kind"] == "people"
