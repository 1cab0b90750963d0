from pathlib import Path

import pytest

from metarec_core import api
from metarec_core.review import verdicts
from tests.pages.conftest import Open, address, button, said


@pytest.fixture
def review(workspace: Path, run_id: str) -> api.Review:
    """A review of three pairs."""
    run = api.open_run(workspace, run_id)
    return api.start_review(run, api.Plan("given", pairs=(("u00", "i08"), ("u01", "i09"), ("u02", "i10"))))


def judged(workspace: Path, run_id: str, review: api.Review) -> list[tuple[int, str, str, str]]:
    found = verdicts.history(api.open_run(workspace, run_id), review.review_id)
    return [(v.position, v.reviewer, v.verdict, v.comment) for v in verdicts.standing(found)]


def test_without_a_run_there_are_two_ways_to_begin(open_page: Open) -> None:
    assert [found.label for found in open_page("review").button] == ["Load sample", "Upload"]


def test_a_review_is_started_by_rule_and_is_in_the_address(workspace: Path, run_id: str, open_page: Open) -> None:
    app = open_page("review", run=run_id)
    assert "None yet. A review is saved with the run" in said(app)
    app.selectbox(key="review.rule").set_value("cold").run()
    app.number_input(key="review.n").set_value(4).run()
    button(app, "Start the review").click().run()
    assert not app.exception
    (review,) = api.reviews(api.open_run(workspace, run_id))
    assert (review.plan.rule, len(review.items)) == ("cold", 4)
    assert address(app) == {"run": run_id, "review": review.review_id, "position": "1"}
    assert "Enter your name to give verdicts" in said(app)


def test_a_verdict_is_kept_with_its_comment_and_leads_to_the_next(
    workspace: Path, run_id: str, review: api.Review, open_page: Open
) -> None:
    app = open_page("review", run=run_id, review=review.review_id, reviewer="Ada")
    app.text_area[0].set_value("Seen it before").run()
    button(app, "Wrong").click().run()
    assert not app.exception
    assert judged(workspace, run_id, review) == [(1, "Ada", "wrong", "Seen it before")]
    assert address(app)["position"] == "2"
    assert address(app)["reviewer"] == "Ada"
    assert app.text_area[0].value == ""
    button(app, "Undo").click().run()
    assert address(app)["position"] == "1"
    assert judged(workspace, run_id, review) == []


def test_a_comment_that_is_not_saved_yet_is_not_lost_when_walking_on(
    workspace: Path, run_id: str, review: api.Review, open_page: Open
) -> None:
    app = open_page("review", run=run_id, review=review.review_id)
    app.text_area[0].set_value("Odd").run()  # before the reviewer said who it is
    app.text_input[0].set_value("Ada").run()
    assert app.text_area[0].value == "Odd"
    app.text_area[0].set_value("Odd choice").run()
    button(app, "Next").click().run()
    assert app.text_area[0].value == ""
    assert "not saved yet: 1" in app.warning[0].value.replace("\\", "")
    button(app, "Previous").click().run()
    assert app.text_area[0].value == "Odd choice"
    assert "This comment is not saved yet" in app.warning[0].value
    button(app, "Wrong").click().run()
    assert judged(workspace, run_id, review) == [(1, "Ada", "wrong", "Odd choice")]
    assert not app.warning


def test_a_link_opens_the_same_recommendation_and_the_review_goes_on_where_it_was_left(
    workspace: Path, run_id: str, review: api.Review, open_page: Open
) -> None:
    run = api.open_run(workspace, run_id)
    api.judge(run, review.review_id, 1, reviewer="Ada", verdict="good")
    assert address(open_page("review", run=run_id, review=review.review_id, reviewer="Ada"))["position"] == "2"
    app = open_page("review", run=run_id, review=review.review_id, reviewer="Ada", position="3")
    assert app.subheader[0].value == "Title 10"
    assert "For user u02" in said(app).replace("\\", "")
    button(app, "Next").click().run()
    assert address(app)["position"] == "1"


def test_two_reviewers_agreement_and_a_signature_are_on_the_page(
    workspace: Path, run_id: str, review: api.Review, open_page: Open
) -> None:
    run = api.open_run(workspace, run_id)
    for name, given in (("Ada", ("good", "good", "wrong")), ("Bo", ("good", "wrong", "wrong"))):
        for position, verdict in enumerate(given, start=1):
            api.judge(run, review.review_id, position, reviewer=name, verdict=verdict)
    api.sign_off(run, review.review_id, name="Ada", statement="Fit for use")
    app = open_page("review", run=run_id, review=review.review_id, reviewer="Ada")
    words = said(app).replace("\\", "")
    assert "Ada and Bo both judged 3 and agreed on 2: Cohen's kappa 0.40." in words  # (6 - 4) / (9 - 4)
    assert "You have judged everything" in words
    assert "Signed by Ada" in words


def test_a_review_of_another_run_and_a_position_that_is_not_there_are_told(
    run_id: str, review: api.Review, open_page: Open
) -> None:
    app = open_page("review", run=run_id, review="abcd1234")
    assert "has no review 'abcd1234'" in app.error[0].value.replace("\\", "")
    assert "New review" in said(app)
    app = open_page("review", run=run_id, review=review.review_id, position="9")
    assert "has no position 9: positions are 1 to 3" in app.error[0].value.replace("\\", "")
    assert not app.exception


def test_pairs_that_are_no_pairs_are_told(run_id: str, open_page: Open) -> None:
    app = open_page("review", run=run_id)
    app.selectbox(key="review.rule").set_value("given").run()
    app.text_area(key="review.pairs").set_value("u00").run()
    button(app, "Start the review").click().run()
    assert "is not a pair" in app.error[0].value.replace("\\", "")
