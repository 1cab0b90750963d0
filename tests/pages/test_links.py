"""What is chosen is in the address: whoever opens that link, in a session of their own, sees the same."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from metarec_core import api
from tests.pages.conftest import Open, address, said


def widget(app: AppTest, key: str) -> Any:
    return app.get_by_key(key)


@pytest.mark.parametrize(
    ("page", "key", "value", "name", "in_address"),
    [
        ("recommendations", "_pick_k", "20", "k", "20"),
        ("attention", "_pick_k", "5", "k", "5"),
        ("evaluate", "_pick_k", "20", "k", "20"),
        ("recommendations", "_pick_shown", "cards", "shown", "cards"),
        ("recommendations", "filter.unseen", False, "filter", api.Selection(seen=True).to_link()),
        ("recommendations", "filter.diversity", 0.3, "filter", api.Selection(diversity=0.3).to_link()),
        ("evaluate", "_pick_measure", "mrr", "measure", "mrr"),
        ("evaluate", "_pick_across", "novelty", "across", "novelty"),
        ("evaluate", "_pick_up", "mrr", "up", "mrr"),
        ("attention", "_pick_events", "all", "events", "all"),
        ("data", "_pick_view", "upload", "view", "upload"),
    ],
)
def test_a_change_is_in_the_address_and_a_link_shows_the_same(
    page: str, key: str, value: object, name: str, in_address: str, run_id: str, open_page: Open
) -> None:
    app = open_page(page, ("filters",), run=run_id)
    assert widget(app, key).value != value
    widget(app, key).set_value(value).run()
    assert not app.exception
    assert address(app)[name] == in_address
    again = open_page(page, **address(app))
    assert not again.exception
    assert widget(again, key).value == value
    assert address(again) == address(app)


def test_the_list_has_one_length_on_all_pages(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", run=run_id, user="u03", k="5")
    for page in ("evaluate", "attention", "recommendations"):
        app.switch_page(f"pages/{page}.py")
        app.query_params.clear()
        app.query_params["run"] = run_id
        app.run()
        assert widget(app, "_pick_k").value == "5"
        assert address(app)["k"] == "5"


def test_a_tab_of_a_data_set_is_in_its_link(run_id: str, open_page: Open) -> None:
    assert "**Delete this data**" in said(open_page("data", tab="privacy"))
    assert "**Delete this data**" not in said(open_page("data"))


def test_filters_that_no_link_has_are_told_and_left_out(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", run=run_id, filter="%%%")
    assert "The filters in this link cannot be read: ask for the link again." in said(app).replace("\\", "")
    assert "filter" not in address(app)


def test_filters_that_these_items_do_not_know_are_told_and_the_others_stay(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", run=run_id, filter=api.Selection({"colour": ("red",)}, seen=True).to_link())
    assert "Some filters in this link do not match these items and were left out." in said(app)
    assert address(app)["filter"] == api.Selection(seen=True).to_link()
    assert not app.exception
