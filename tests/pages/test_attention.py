import json
from collections.abc import Callable

import pytest

from metarec_core import api
from pages._ui import cache
from tests.pages.conftest import Open, address, button, said


def test_without_a_run_there_are_two_ways_to_begin(open_page: Open) -> None:
    app = open_page("attention")
    assert [found.label for found in app.button] == ["Load sample", "Upload"]


def test_a_run_without_a_network_shows_effects_and_says_why_there_is_no_attention(run_id: str, open_page: Open) -> None:
    app = open_page("attention", ("attention.events",), run=run_id, user="u03")
    assert not app.exception
    assert address(app).keys() == {"run", "user", "item"}
    assert any("no network" in found.proto.title for found in app.info)
    events = app.dataframe[0].value
    assert len(events) == 8
    assert "Attention" not in events
    assert events["Effect"].abs().max() > 0
    button(app, "Look for the smallest change").click().run()
    words = said(app).replace("\\", "")
    assert "Nothing is known about the item that could be changed" in words
    assert "The situation of the request plays no part" in words


def test_any_item_of_the_catalogue_is_looked_at_by_its_title(
    run_id: str, open_page: Open, lists_of_two: Callable[[api.Recommender, str], list[str]]
) -> None:
    app = open_page("attention", ("attention.events",), run=run_id, user="u03")
    recommender = cache.recommender(run_id)
    third = lists_of_two(recommender, "u03")[2]
    app.selectbox(key="_pick_item").set_value(third).run()
    assert not app.exception
    assert address(app)["item"] == third
    why = api.explain(recommender, user_id="u03", item_id=third)
    assert f"It is at #3 for this user, with a score of {why.score:.3f}." in said(app)
    effects = app.dataframe[0].value["Effect"].tolist()
    assert effects == [event.effect for event in reversed(why.effects)]


HEADS = ["Layer 1, head 1", "Layer 1, head 2", "Layer 2, head 1", "Layer 2, head 2"]


def test_a_network_shows_where_each_head_looked_and_says_that_this_is_not_why(
    runs: dict[str, str], open_page: Open
) -> None:
    app = open_page("attention", ("attention.events",), run=runs["network"], user="u03")
    assert not app.exception
    assert "Attention shows where the encoder looked, not why the item is recommended." in said(app)
    events = app.dataframe[0].value
    assert list(events) == ["Title", "When", "Attention", *HEADS, "Effect", "Gradient", "Item ID"]
    assert events[["Attention", *HEADS]].sum().tolist() == pytest.approx([1.0] * 5, abs=1e-5)
    last_layer = events[HEADS[2:]].mean(axis=1)
    assert events["Attention"].tolist() == pytest.approx(last_layer.tolist(), abs=1e-6)
    drawn = json.loads(app.get("plotly_chart")[0].proto.spec)
    (shades,) = (trace for trace in drawn["data"] if trace["type"] == "heatmap")
    assert shades["x"] == ["Attention", *HEADS]


def test_the_whole_run_is_tested_and_shown_by_slice(runs: dict[str, str], open_page: Open) -> None:
    app = open_page("attention", ("attention.events",), run=runs["network"], user="u03")
    button(app, "Test the attention of 100 users").click().run()
    assert not app.exception
    assert "Of 24 recommendations tested" in said(app)
    overview = app.dataframe[1].value
    assert overview["Slice"].iloc[0] == "All users"
    assert {"All", "History", "Item popularity"} == set(overview["By"])
    strips = json.loads(app.get("plotly_chart")[-1].proto.spec)
    assert [trace["name"] for trace in strips["data"]] == ["Agrees", "Weak", "Misleading"]
    assert len(strips["data"][0]["y"]) == len(overview)
