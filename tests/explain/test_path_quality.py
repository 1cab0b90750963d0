from dataclasses import replace

import pandas as pd
import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.explain.grounding import Grounds
from metarec_core.explain.path_quality import path_quality
from metarec_core.graph.build import build_graph
from metarec_core.graph.paths import Node, Step
from tests.tiny_files import N_ITEMS, NO_NET, write_files

EVENTS = """user_id,item_id,time,context_device
ann,tea,2026-01-05T07:00:00,phone
ann,milk,2026-01-06T13:00:00,tablet
bob,milk,2026-01-06T13:00:00,phone
bob,cake,2026-01-07T20:00:00,phone
"""
ITEMS = "item_id,title,kind\ntea,Tea,hot|drink\nmilk,Milk,drink\ncake,Cake,sweet|hot\njam,Jam,sweet\n"
FACTS = "item_id,relation,entity\ntea,shop.sells,North\ntea,sells.shop,North\nmilk,shop.sells,North\nmilk,sells.shop,North\n"
USERS = "user_id,age\nann,30\nbob,40\n"
ANN, TEA, MILK, CAKE = Node("user", "ann"), Node("item", "tea"), Node("item", "milk"), Node("item", "cake")
HOT, DRINK, SWEET = (Node("attribute.kind", name) for name in ("hot", "drink", "sweet"))


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for name, text in (("behaviour", EVENTS), ("items", ITEMS), ("facts", FACTS), ("users", USERS)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    files = [folder / f"{name}.csv" for name in ("behaviour", "items", "facts")]
    return api.read_tables(*files, users=folder / "users.csv")


@pytest.fixture(scope="module")
def grounds(tables):
    return Grounds(tables, build_graph(api.encode(tables)))


def step(source, target, relation, table, *rows):
    return Step(source, target, relation, table, rows, len(rows))


TRUE = [
    step(ANN, TEA, "chose", "events", 2),
    step(TEA, ANN, "chose", "events", 2),
    step(TEA, HOT, "attribute.kind", "items", 2),
    step(TEA, Node("entity", "North"), "fact.shop.sells", "facts", 2, 3),  # the mirrored relation's line too
    step(ANN, Node("context.device", "tablet"), "user in context.device", "events", 3),
    step(Node("context.device", "phone"), CAKE, "item in context.device", "events", 5),
    step(ANN, Node("context.weekday", "Monday"), "user in context.weekday", "events", 2),
    step(TEA, Node("context.time_of_day", "morning 6-12 h"), "item in context.time_of_day", "events", 2),
    step(ANN, Node("user attribute.age", "30"), "user attribute.age", "users", 2),
    step(HOT, DRINK, "leads to", "events", 3),
    step(DRINK, SWEET, "leads to", "events", 5),
]


@pytest.mark.parametrize("told", TRUE, ids=lambda told: f"{told.relation} {told.source.id}")
def test_a_step_whose_lines_say_so_holds(told, grounds):
    assert grounds.hold(told)


@pytest.mark.parametrize("told", TRUE, ids=lambda told: f"{told.relation} {told.source.id}")
def test_the_same_step_does_not_hold_with_a_line_more_that_says_something_else(told, grounds):
    assert not grounds.hold(replace(told, rows=(*told.rows, 4)))
    assert not grounds.hold(replace(told, rows=(*told.rows, 99)))


def test_a_step_without_a_line_does_not_hold(grounds):
    assert not grounds.hold(step(ANN, TEA, "chose", "events"))


def test_a_lead_between_events_of_one_second_does_not_hold_where_these_are_a_set(tables):
    events = tables.events.assign(time=pd.Timestamp("2026-01-05T07:00:00", tz="UTC"))
    graph = build_graph(api.encode(tables))
    lead = step(HOT, DRINK, "leads to", "events", 3)
    assert Grounds(replace(tables, events=events), graph).hold(lead)
    assert not Grounds(replace(tables, events=events), graph, ties_are_sets=True).hold(lead)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run over twelve items of three kinds, and its tables."""
    folder = tmp_path_factory.mktemp("run")
    behaviour, items = write_files(folder)
    items.write_text(
        "item_id,title,kind\n" + "".join(f"i{n:02},Title {n},kind {n % 3}\n" for n in range(N_ITEMS)), encoding="utf-8"
    )
    tables = api.read_tables(behaviour, items)
    *_, last = api.train(tables, RunConfig.preset("fast").with_settings(NO_NET), store=folder / "workspace")
    return last.run, tables


def test_all_edges_of_a_run_are_grounded_and_what_was_found_is_kept(trained):
    run, _ = trained
    assert api.known_path_quality(run) is None
    found = api.path_quality(run, n_users=3)
    assert (found.users, found.recommendations, found.grounded, found.untrue) == (3, 12, 1.0, ())
    assert found.counted == 1.0
    assert found.popularity is None or found.popularity == pytest.approx(4 / 12)
    assert sum(found.kinds.values()) == pytest.approx(1.0)
    assert 0 < found.recency <= 1
    assert api.known_path_quality(run) == api.path_quality(run, n_users=3) == found


def test_tables_that_say_something_else_are_found_out(trained):
    run, tables = trained
    recommender = api.open_recommender(run)
    swapped = replace(tables, items=tables.items.assign(kind="another"))
    found = path_quality(recommender, Grounds(swapped, recommender.knowledge_graph), n_users=2)
    assert found.grounded < 1
    assert any("attribute.kind, items" in words for words in found.untrue)
