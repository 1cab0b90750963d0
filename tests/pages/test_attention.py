from collections.abc import Callable

from metarec_core import api
from pages._ui import cache
from tests.pages.conftest import Open, address, button, said


def test_without_a_run_there_are_two_ways_to_begin(open_page: Open) -> None:
    app = open_page("attention")
    assert [found.label for found in app.button] == ["Load sample", "Upload"]


def test_a_run_without_a_network_shows_effects_and_says_why_there_is_no_attention(run_id: str, open_page: Open) -> None:
    app = open_page("attention", run=run_id, user="u03")
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
    app = open_page("attention", run=run_id, user="u03")
    recommender = cache.recommender(run_id)
    third = lists_of_two(recommender, "u03")[2]
    app.selectbox(key="_pick_item").set_value(third).run()
    assert not app.exception
    assert address(app)["item"] == third
    why = api.explain(recommender, user_id="u03", item_id=third)
    assert f"It is at #3 for this user, with a score of {why.score:.3f}." in said(app)
    effects = app.dataframe[0].value["Effect"].tolist()
    assert effects == [event.effect for event in reversed(why.effects)]
