from pathlib import Path

import pytest

from metarec_core import api
from metarec_core.jobs import runner
from pages._ui import cache, login
from tests.pages.conftest import Open, address, button, said
from tests.tiny_files import write_files


def test_an_empty_workspace_offers_the_sample_and_an_upload(open_page: Open) -> None:
    app = open_page()
    assert "Next: add data" in said(app)
    assert [found.label for found in app.button] == ["Load sample", "Upload"]


def test_a_missing_sample_is_told_in_one_sentence(open_page: Open) -> None:
    app = open_page()
    button(app, "Load sample").click().run()
    assert "There is no sample 'shop'" in app.error[0].value.replace("\\", "")
    assert not app.exception


def test_the_first_start_brings_the_sample_ready_to_explore(sample: None, workspace: Path, open_page: Open) -> None:
    app = open_page()
    assert [summary.name for summary in api.list_tables(workspace)] == ["shop (sample)"]
    assert "Next: train the first recommender" in said(app)


def test_one_click_trains_on_the_sample_and_lands_where_it_can_be_watched(
    sample: None, workspace: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def submit(store: Path, fingerprint: str, config: api.RunConfig, device: str) -> str:
        asked.append((store, fingerprint, config.preset_name, device))
        return api.request_run(fingerprint, config, store=store, device=device)

    monkeypatch.setattr(runner, "submit", submit)
    app = open_page()
    button(app, "Explore the sample").click().run()
    fingerprint = api.list_tables(workspace)[0].fingerprint
    assert asked == [(workspace, fingerprint, "fast", "auto")]
    assert app.title[0].value == "Train"
    assert not app.exception


def test_the_first_start_brings_the_demo_with_a_finished_run(demo_id: str, workspace: Path, open_page: Open) -> None:
    app = open_page()
    assert [run.run_id for run in api.list_runs(workspace)] == [demo_id]
    assert "Look around: a demo is ready" in said(app)
    assert "Example: one user's next five" in said(app)
    assert address(app)["run"] == demo_id
    button(app, "Open this user").click().run()
    assert (app.title[0].value, address(app)["user"]) == ("Recommendations", "u00")
    assert not app.exception


def test_a_workspace_with_something_in_it_gets_no_demo(
    demo_id: str, workspace: Path, open_page: Open, tmp_path: Path
) -> None:
    api.store_tables(api.read_tables(*write_files(tmp_path), name="mine"), workspace)
    open_page()
    assert api.list_runs(workspace) == ()


def test_a_page_without_a_run_opens_the_demo_in_one_click(demo_id: str, workspace: Path, open_page: Open) -> None:
    open_page()
    api.delete_run(workspace, demo_id)
    app = open_page("evaluate")
    button(app, "Load sample").click().run()
    assert (app.title[0].value, address(app)["run"]) == ("Recommendations", demo_id)


def test_the_demo_is_put_back_where_somebody_says_so(demo_id: str, workspace: Path, open_page: Open) -> None:
    app = open_page()
    api.delete_with_runs(workspace, api.list_tables(workspace)[0].fingerprint)
    app.run()
    assert api.list_runs(workspace) == ()
    assert "Your own data and runs stay as they are" in said(app)
    button(app, "Reset").click().run()
    assert [run.run_id for run in api.list_runs(workspace)] == [demo_id]
    assert "Look around: a demo is ready" in said(app)
    assert app.toast[0].value == "The demo has been reset."
    assert not app.exception


def test_a_demo_that_cannot_be_put_back_is_told_in_a_sentence(demo_id: str, open_page: Open) -> None:
    app = open_page()
    (api.SAMPLE_DATA / "demo.zip").write_bytes(b"PK")
    button(app, "Reset").click().run()
    assert not app.exception
    assert app.error[0].value.replace("\\", "") == (
        "demo.zip cannot be read: it is not a zip file, or it is damaged or encrypted."
    )


def test_putting_the_demo_back_forgets_what_was_read_of_runs_and_who_waits_at_the_door_is_not_forgotten(
    demo_id: str, open_page: Open
) -> None:
    login._keep(b"a browser", login.Place("data", {}))
    app = open_page()
    before = cache.recommender(demo_id)
    assert cache.recommender(demo_id) is before
    button(app, "Reset").click().run()
    assert cache.recommender(demo_id) is not before
    assert b"a browser" in login._kept()


def test_without_a_demo_there_is_none_to_put_back(run_id: str, open_page: Open) -> None:
    assert "Reset" not in [found.label for found in open_page().button]


def test_a_workspace_with_a_run_leads_to_its_recommendations(run_id: str, open_page: Open) -> None:
    app = open_page()
    assert "Next: see what it recommends" in said(app)
    assert address(app)["run"] == run_id
    button(app, "See recommendations").click().run()
    assert app.title[0].value == "Recommendations"
    assert not app.exception
