"""The tour: five real pages with a line on top; its step lives in the address, and nothing of it is seen without."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metarec_core import api
from metarec_core.figures.tour import STEPS, heading
from tests.pages.conftest import Open, address, button, said

TITLES = {step.page: step.page.replace("_", " ").capitalize() for step in STEPS}


def test_home_starts_it_at_the_data(run_id: str, open_page: Open) -> None:
    app = open_page()
    button(app, "Take the tour").click().run()
    assert (app.title[0].value, address(app)["tour"]) == ("Data", "1")
    assert heading(1) in said(app)


@pytest.mark.parametrize("number", range(1, len(STEPS)))
def test_each_step_is_a_real_page_and_leads_to_the_next(number: int, run_id: str, open_page: Open) -> None:
    app = open_page(STEPS[number - 1].page, tour=str(number))
    assert app.title[0].value == TITLES[STEPS[number - 1].page]
    assert heading(number) in said(app)
    button(app, "Next").click().run()
    assert app.title[0].value == TITLES[STEPS[number].page]
    assert heading(number + 1) in said(app)
    assert (address(app)["tour"], address(app)["run"]) == (str(number + 1), run_id)
    assert not app.exception
    assert not app.error


def test_the_last_step_ends_at_home(run_id: str, open_page: Open) -> None:
    app = open_page("knowledge_graph", tour="5")
    assert "Next" not in [found.label for found in app.button]
    button(app, "Finish").click().run()
    assert app.title[0].value == "MetaRec"
    assert "tour" not in address(app)


def test_the_training_that_is_shown_is_the_one_of_the_run(run_id: str, open_page: Open) -> None:
    app = open_page("data", tour="1")
    button(app, "Next").click().run()
    assert address(app)["job"] == run_id


def test_back_goes_back_and_there_is_no_way_back_from_the_first(run_id: str, open_page: Open) -> None:
    app = open_page("evaluate", tour="3")
    button(app, "Back").click().run()
    assert (app.title[0].value, address(app)["tour"]) == ("Train", "2")
    assert button(open_page("data", tour="1"), "Back").disabled


def test_a_step_survives_a_reload_and_can_be_sent(run_id: str, open_page: Open) -> None:
    assert heading(3) in said(open_page("evaluate", tour="3", run=run_id))


def test_the_tour_ends_where_somebody_ends_it(run_id: str, open_page: Open) -> None:
    app = open_page("evaluate", tour="3")
    button(app, "End the tour").click().run()
    assert app.title[0].value == "Evaluate"
    assert "tour" not in address(app)
    assert "Step 3" not in said(app)
    app.switch_page("pages/recommendations.py").run()
    assert "Step" not in said(app)


@pytest.mark.parametrize("page", [*TITLES, "home"])
def test_nothing_of_the_tour_is_seen_without_it(page: str, run_id: str, open_page: Open) -> None:
    app = open_page(page)
    assert "End the tour" not in [found.label for found in app.button]
    assert "of 5" not in said(app)


@pytest.mark.parametrize("step", ["0", "6", "x", "", "3.0"])
def test_a_step_that_is_none_is_no_tour(step: str, run_id: str, open_page: Open) -> None:
    app = open_page("evaluate", tour=step)
    assert "tour" not in address(app)
    assert "End the tour" not in [found.label for found in app.button]


def test_the_page_says_which_step_it_is_however_it_was_come_to(run_id: str, open_page: Open) -> None:
    app = open_page("evaluate", tour="3")
    app.switch_page("pages/knowledge_graph.py").run()
    assert heading(5) in said(app)
    assert address(app)["tour"] == "5"


def test_beside_the_tour_there_is_a_way_back(run_id: str, open_page: Open) -> None:
    app = open_page("evaluate", tour="3")
    app.switch_page("pages/review.py").run()
    assert "You have left the tour at step 3 of 5: Is it any good?" in said(app)
    button(app, "Back to the tour").click().run()
    assert app.title[0].value == "Evaluate"


def test_the_tour_uses_the_demo_where_no_run_is_finished(demo_id: str, workspace: Path, open_page: Open) -> None:
    app = open_page()
    api.delete_run(workspace, demo_id)
    app.run()
    assert "Next: train the first recommender" in said(app)
    button(app, "Take the tour").click().run()
    assert heading(1) in said(app)
    assert address(app)["run"] == demo_id
    assert not app.exception


def test_a_tour_without_any_run_or_demo_is_told_in_a_sentence(run_id: str, workspace: Path, open_page: Open) -> None:
    app: AppTest = open_page("evaluate", tour="3")
    api.delete_run(workspace, run_id)
    button(app, "Next").click().run()
    assert "demo.zip cannot be imported: No such file or directory" in app.error[0].value.replace("\\", "")
    assert not app.exception
