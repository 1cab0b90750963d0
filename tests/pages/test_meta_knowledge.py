from pathlib import Path

from metarec_core import api
from tests.pages.conftest import Open, address, button, said


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
    assert "popularity reaches" in said(app)
    assert api.kept_meta_knowledge(api.open_run(workspace, run_id)) is not None
    again = open_page("meta_knowledge", run=run_id)
    assert "Measure meta-knowledge" not in [found.label for found in again.button]
    assert address(again)["run"] == run_id
