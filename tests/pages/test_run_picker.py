"""Another run is opened: what was chosen goes where it means nothing any more, and stays where it does."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metarec_core import api
from metarec_core.config import RunConfig
from tests.pages.conftest import ROOT, Open, address
from tests.tiny_files import N_ITEMS, NO_NET


def opened(**parameters: str) -> AppTest:
    """The frame, which has the run picker, with parameters in the address."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    return app.run()


def test_a_run_on_other_data_takes_nothing_over_that_was_chosen_on_these(run_id: str, other_run_id: str) -> None:
    app = opened(run=run_id, user="u05", item="i09", desk="what_if", node="item:i01", review="r1", position="2")
    app.sidebar.selectbox(key="_pick_run").set_value(other_run_id).run()
    assert address(app) == {"run": other_run_id, "desk": "what_if"}


def test_what_the_session_remembers_of_the_other_data_does_not_come_back(run_id: str, other_run_id: str) -> None:
    app = opened(run=run_id)
    app.switch_page("pages/recommendations.py")
    app.query_params["user"], app.query_params["item"] = "u05", "i09"
    app.run()
    app.switch_page("app.py")
    del app.query_params["user"], app.query_params["item"]  # as a browser has it that opens another page
    app.query_params["run"] = other_run_id
    app.run()
    app.switch_page("pages/recommendations.py").run()
    assert (address(app)["run"], address(app)["user"]) == (other_run_id, "zoe")  # the example there: who has had most
    assert not app.exception


def test_another_run_on_the_same_data_keeps_user_and_item_but_no_review(run_id: str, workspace: Path) -> None:
    tables = api.open_tables(workspace, api.open_run(workspace, run_id).manifest.tables_fingerprint)
    config = RunConfig.preset("fast").with_settings(("seed=1", *NO_NET))
    for progress in api.train(tables, config, store=workspace):
        twin = progress.run_id
    app = opened(run=run_id, user="u05", item="i09", review="r1", position="2")
    app.sidebar.selectbox(key="_pick_run").set_value(twin).run()
    assert address(app) == {"run": twin, "user": "u05", "item": "i09"}


def test_a_link_to_a_user_of_other_data_is_believed(run_id: str, other_run_id: str) -> None:
    app = opened(run=run_id, user="u05", item="i09")
    app.query_params["run"], app.query_params["user"] = other_run_id, "zoe"
    del app.query_params["item"]
    app.run()
    assert address(app) == {"run": other_run_id, "user": "zoe"}


@pytest.mark.parametrize(
    ("page", "more"),
    [
        ("attention", {}),
        ("knowledge_graph", {"graph": "paths"}),
        ("recommendations", {}),
        ("recommendations", {"desk": "compare"}),
    ],
)
def test_a_user_who_has_had_every_item_can_still_be_asked_about_each(
    page: str, more: dict[str, str], other_run_id: str, open_page: Open
) -> None:
    app = open_page(page, run=other_run_id, user="zoe", **more)
    assert not app.exception
    if page != "recommendations":
        assert len(app.selectbox(key="_pick_item").options) == N_ITEMS
