from pathlib import Path

import pytest

from metarec_core import api
from metarec_core.jobs import runner
from tests.pages.conftest import Open, address, button, said


def test_an_empty_workspace_offers_the_sample_and_an_upload(open_page: Open) -> None:
    app = open_page()
    assert "Next: bring data" in said(app)
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


def test_a_workspace_with_a_run_leads_to_its_recommendations(run_id: str, open_page: Open) -> None:
    app = open_page()
    assert "Next: look at what it recommends" in said(app)
    assert address(app)["run"] == run_id
    button(app, "See recommendations").click().run()
    assert app.title[0].value == "Recommendations"
    assert not app.exception
