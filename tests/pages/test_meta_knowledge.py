from pathlib import Path

import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from tests.pages.conftest import Open, address, button, said
from tests.tiny_files import NO_NET, write_files


def test_without_a_run_there_are_two_ways_to_begin(open_page: Open) -> None:
    app = open_page("meta_knowledge")
    assert [found.label for found in app.button] == ["Load sample", "Upload"]


def test_a_run_without_meta_knowledge_says_so_and_is_measured_on_demand(
    run_id: str, workspace: Path, open_page: Open
) -> None:
    app = open_page("meta_knowledge", run=run_id)
    assert not app.exception
    assert any("too little data to train meta-knowledge" in found.proto.title for found in app.info)
    assert "There is no other run" in said(app)
    button(app, "Measure meta-knowledge").click().run()
    assert not app.exception
    assert "12 test answers are too few to train meta-knowledge" in said(app)
    assert "Popularity reaches" in said(app)
    assert api.kept_meta_knowledge(api.open_run(workspace, run_id)) is not None
    again = open_page("meta_knowledge", run=run_id)
    assert "Measure meta-knowledge" not in [found.label for found in again.button]
    assert address(again)["run"] == run_id


@pytest.fixture
def kept(tmp_path: Path, workspace: Path) -> str:
    """A run that serves with meta-knowledge; so few users could not show that it helps, so the judge says that it does."""
    tables = api.read_tables(*write_files(tmp_path), name="tiny")
    config = RunConfig.preset("fast").with_settings(("seed=1", *NO_NET))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("metarec_core.training.meta.FEWEST_ANSWERS", 4)
        patch.setattr("metarec_core.training.meta.surely", lambda gain, users: 1.0)
        *_, last = api.train(tables, config, store=workspace)
    assert last.run is not None
    return last.run.run_id


def test_a_run_that_keeps_meta_knowledge_shows_k_as_curves_and_whose_lists_it_changed(
    kept: str, open_page: Open
) -> None:
    app = open_page("meta_knowledge", run=kept)
    button(app, "Measure meta-knowledge").click().run()
    assert not app.exception
    assert "When is each part trusted?" in said(app)
    assert "Where does it change lists?" in said(app)
    assert "Horizontal: events known of the user" in said(app)
    app.segmented_control(key="_pick_by").set_value("popularity").run()
    assert address(app)["by"] == "popularity"
    assert "Horizontal: events known of the user" not in said(open_page("meta_knowledge", **address(app)))


def test_meta_knowledge_of_another_run_is_tried_at_a_press_and_kept(
    run_id: str, kept: str, workspace: Path, open_page: Open
) -> None:
    app = open_page("meta_knowledge", run=run_id, source=kept)
    button(app, "Try it here").click().run()
    assert not app.exception
    assert any("Rejected" in warning.proto.title for warning in app.warning) or app.success
    found = api.kept_transfer(api.open_run(workspace, kept), api.open_run(workspace, run_id))
    assert found is not None
    assert (found.served, len(found.curve), len(found.adapted)) == (True, 5, 5)
    rows = next(frame.value for frame in app.dataframe if "Answers learned from" in frame.value)
    assert rows["k"].tolist()[:2] == ["Fixed weights", "Transferred"]
    assert rows["k"].tolist().count("Adapted") == 5
    assert "Try it here" not in [found.label for found in open_page("meta_knowledge", run=run_id, source=kept).button]
