from pathlib import Path

from tests.pages.conftest import Open, button, said


def test_without_a_run_there_are_two_ways_to_begin(open_page: Open) -> None:
    app = open_page("evaluate")
    assert [found.label for found in app.button] == ["Load sample", "Upload"]


def test_a_run_is_beside_its_baselines_with_a_verdict_in_words(run_id: str, open_page: Open) -> None:
    app = open_page("evaluate", run=run_id)
    assert not app.exception
    assert "24 users, each with the whole catalogue of 12 items" in said(app)
    assert set(app.dataframe[0].value["Model"]) == {"This run", "Popular", "Item-kNN", "EASE"}
    assert len(app.get("plotly_chart")) == 2
    assert [found.label for found in app.get("download_button")] == ["Download all measures"]


def test_list_length_and_measure_change_what_is_shown(run_id: str, open_page: Open) -> None:
    app = open_page("evaluate", run=run_id)
    app.segmented_control(key="evaluate.k").set_value(5)
    app.segmented_control(key="evaluate.measure").set_value("mrr").run()
    assert "MRR@5" in app.get("plotly_chart")[0].proto.spec
    assert not app.exception


def test_a_run_that_is_gone_is_told_in_one_sentence_and_the_page_stays(
    run_id: str, workspace: Path, open_page: Open
) -> None:
    app = open_page("evaluate", run="20260101-000000-abcdef")
    assert "There is no run" in app.error[0].value
    assert not app.exception


def test_a_half_written_run_is_told_in_one_sentence(run_id: str, workspace: Path, open_page: Open) -> None:
    (workspace / "runs" / run_id / "leaderboard.json").unlink()
    app = open_page("evaluate", run=run_id)
    assert "missing or damaged" in app.error[0].value
    assert not app.exception


def test_load_sample_is_an_error_in_a_sentence_where_there_is_none(open_page: Open) -> None:
    app = open_page("evaluate")
    button(app, "Load sample").click().run()
    assert "There is no sample" in app.error[0].value
